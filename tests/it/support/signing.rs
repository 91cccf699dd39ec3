//! Scripts in `tests/servers` that sign or check something by libraries other than ours.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::paths;

/// What one of the scripts prints about `call`.
///
/// # Panics
/// When it fails.
pub fn python(script: &str, call: &Value) -> String {
    let mut child = Command::new(paths::python())
        .arg(paths::server(script))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    child.stdin.take().expect("a pipe").write_all(call.to_string().as_bytes()).expect("it reads");
    let said = child.wait_with_output().expect("it ends");
    assert!(said.status.success(), "{script} needs what cargo xtask setup installs");
    String::from_utf8(said.stdout).expect("text").trim().to_owned()
}
