//! The PostgreSQL of a test run.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use anyhow::{Context, Result, ensure};

use crate::command::program;

/// A throw-away server on loopback. It ends when this value is dropped, and also when this process
/// is killed: `tests/servers/postgres.sh` watches the pipe between them.
pub(crate) struct Postgres {
    script: Child,
    url: String,
}

impl Postgres {
    /// Starts it.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; its own words are on standard error.
    pub(crate) fn start() -> Result<Self> {
        let mut script = program("bash")
            .arg("tests/servers/postgres.sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting bash")?;
        let mut line = String::new();
        if let Some(out) = script.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let url = line.trim().to_owned();
        ensure!(url.starts_with("postgres://"), "PostgreSQL did not start; its reason is above");
        Ok(Self { script, url })
    }

    /// Where it is, as `DATABASE_URL` would say.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        // A failure to wait leaves the script to end by itself.
        let _ = self.script.wait();
    }
}
