//! Where the project's files and its binary are.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is inside the checkout").into()
}

/// A file of `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    root().join("tests/fixtures").join(name)
}

/// A file of `tests/servers`.
pub fn server(name: &str) -> PathBuf {
    root().join("tests/servers").join(name)
}

/// The `pi-crm` binary: `PI_CRM_BIN` where it is set, else the debug build, brought up to date once
/// per test process, so that a test never speaks to the binary of an older tree.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("PI_CRM_BIN") {
            return path.into();
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let build = Command::new(cargo)
            .current_dir(root())
            .args(["build", "--quiet", "--workspace", "--bin", "pi-crm"])
            .output()
            .expect("cargo starts");
        assert!(
            build.status.success(),
            "building pi-crm failed:\n{}",
            String::from_utf8_lossy(&build.stderr)
        );
        // This test is target/debug/deps/it-…; the binary is two folders up.
        let test = std::env::current_exe().expect("a running program has a path");
        let binary = test.ancestors().nth(2).expect("target/debug").join("pi-crm");
        assert!(binary.exists(), "{} was not built", binary.display());
        binary
    })
}

/// The Python that aiosmtpd is installed for: `PI_CRM_PYTHON`, or the one beside schemathesis, which is installed with
/// it.
pub fn python() -> PathBuf {
    if let Some(python) = std::env::var_os("PI_CRM_PYTHON") {
        return python.into();
    }
    let beside = std::env::var_os("PI_CRM_SCHEMATHESIS").map(PathBuf::from);
    let beside = beside.and_then(|tool| Some(tool.parent()?.join("python")));
    beside.filter(|python| python.exists()).unwrap_or_else(|| "python3".into())
}
