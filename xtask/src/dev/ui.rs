//! The front-end assets: built from `web/ui`, committed in `web/assets/dist`.

use anyhow::{Result, bail};

use crate::command::{output, program, root, run};

/// Where the sources are.
pub(crate) const SOURCES: &str = "web/ui";
/// Where the output is.
const OUTPUT: &str = "web/assets/dist";

/// Builds the assets.
///
/// # Errors
/// When the build fails.
pub(crate) fn build() -> Result<()> {
    run(program("npm").current_dir(root().join(SOURCES)).args(["run", "--silent", "build"]))
}

/// Builds the assets and holds them against what is committed.
///
/// # Errors
/// When they differ.
pub(crate) fn check() -> Result<()> {
    build()?;
    let mut status = program("git");
    let changed = output(status.args(["status", "--porcelain", "--", OUTPUT]))?;
    if !changed.is_empty() {
        bail!("{OUTPUT} is not what {SOURCES} builds; run cargo xtask ui and commit:\n{changed}");
    }
    Ok(())
}
