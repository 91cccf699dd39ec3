//! Schemathesis, which tries the API against its own description, aiosmtpd, the mail server that misbehaves on demand, dkimpy,
//! which reads signatures of mail, and Twilio's own library, which signs as Twilio does, in a Python environment of their own beside the builds.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::target_directory;
use crate::command::{program, root, run};

/// Their packages, each with its version.
const REQUIREMENTS: &str = "tests/schemathesis/requirements.txt";

/// Installs it, unless what is installed came from this very list. Returns the program of
/// schemathesis; the Python for the others lies beside it.
///
/// # Errors
/// When Python or a package cannot be had.
pub(crate) fn install() -> Result<PathBuf> {
    let folder = target_directory()?.join("schemathesis");
    let tool = folder.join("bin/schemathesis");
    let stamp = folder.join("installed-from.txt");
    let list = fs::read(root().join(REQUIREMENTS)).context(REQUIREMENTS)?;
    if tool.exists() && fs::read(&stamp).is_ok_and(|installed| installed == list) {
        return Ok(tool);
    }
    println!("installing {REQUIREMENTS} in {}", folder.display());
    run(program("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = program(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]);
    // There is no wheel of it; it is Python alone.
    pip.arg("--no-binary=dkimpy");
    run(pip.args(["--requirement", REQUIREMENTS]))?;
    fs::write(&stamp, list).context("a stamp beside the packages")?;
    Ok(tool)
}
