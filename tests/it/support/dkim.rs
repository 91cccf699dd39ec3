//! An independent reader of signatures: dkimpy.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::paths;

/// What dkimpy says of a message, where the DNS shows `value` under `name`: `ok`, or what is wrong.
///
/// # Panics
/// When it is not installed.
pub fn verify(message: &[u8], (name, value): (&str, &str)) -> String {
    let mut child = Command::new(paths::python())
        .arg(paths::server("dkim_verify.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let call = json!({"message": STANDARD.encode(message), "records": {name: value}});
    child.stdin.take().expect("a pipe").write_all(call.to_string().as_bytes()).expect("it reads");
    let said = child.wait_with_output().expect("it ends");
    assert!(said.status.success(), "dkimpy is not installed (cargo xtask setup installs it)");
    String::from_utf8(said.stdout).expect("an answer").trim().to_owned()
}
