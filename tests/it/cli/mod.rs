//! The commands of the binary, alone and beside a running server.

mod import;
mod seed;
mod user;
mod words;

use std::process::Output;

use serde_json::Value;

/// What a command that went well answered as JSON.
fn answered(output: &Output) -> Value {
    assert!(output.status.success(), "{}", said(output));
    serde_json::from_slice(&output.stdout).expect("--json answers JSON")
}

/// What a command that was refused said, in one line.
fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "it was not refused: {}", said(output));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines: Vec<&str> = error.lines().filter(|line| line.starts_with("pi-crm:")).collect();
    assert_eq!(lines.len(), 1, "{error}");
    lines[0].to_owned()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}
