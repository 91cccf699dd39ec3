//! `cargo xtask tidy`: the rules of the project that neither the compiler nor clippy sees.

mod docs;
mod edges;
mod licences;
mod text;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::command::{self, cargo, find, program};

/// What the checks found.
#[derive(Default)]
pub(crate) struct Findings {
    faults: Vec<String>,
    warnings: Vec<String>,
}

impl Findings {
    /// Something that must be mended.
    fn fault(&mut self, what: impl Into<String>) {
        self.faults.push(what.into());
    }

    /// Something to look at.
    fn warn(&mut self, what: impl Into<String>) {
        self.warnings.push(what.into());
    }
}

/// Runs every check and prints all findings, not only the first.
///
/// # Errors
/// When there is a fault.
pub(crate) fn run() -> Result<()> {
    // The two machines pi-crm is built for: what is for others is not downloaded.
    let metadata = command::output(cargo().args([
        "metadata",
        "--format-version=1",
        "--locked",
        "--filter-platform=x86_64-unknown-linux-gnu",
        "--filter-platform=aarch64-unknown-linux-gnu",
    ]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let files = command::files()?;

    let mut findings = Findings::default();
    edges::check(&metadata, &mut findings);
    licences::check(&metadata, &mut findings);
    docs::check(&files, &mut findings)?;
    text::check(&files, &mut findings);

    for warning in &findings.warnings {
        println!("warning: {warning}");
    }
    for fault in &findings.faults {
        println!("fault: {fault}");
    }
    if !findings.faults.is_empty() {
        bail!("{} to mend", findings.faults.len());
    }
    if find("cargo-deny").is_some() {
        command::run(program("cargo-deny").args(["--log-level", "warn", "check"]))?;
    }
    println!("tidy: {} files, no faults", files.len());
    Ok(())
}

/// A list in the output of `cargo metadata`.
fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A text in the output of `cargo metadata`, empty where it is missing or null.
fn string<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
