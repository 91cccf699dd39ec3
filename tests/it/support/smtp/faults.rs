//! aiosmtpd, misbehaving by address: `tests/servers/faults.py` says which address meets which fault.

use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::{START_LIMIT, listens};
use crate::tether::{self, Tethered};
use crate::{paths, ports, wait};

/// The server. What it took is on disk before it says so.
pub struct FaultServer {
    port: u16,
    dir: TempDir,
    _server: Tethered,
}

/// One message it took.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// The envelope recipient.
    pub to: String,
    /// The Message-ID, without brackets.
    pub message_id: String,
}

impl FaultServer {
    /// A server that answers as soon as it can.
    ///
    /// # Panics
    /// When aiosmtpd is not installed.
    pub fn start() -> Self {
        Self::slow(Duration::ZERO)
    }

    /// A server that takes this long to answer a message it has taken.
    ///
    /// # Panics
    /// When aiosmtpd is not installed.
    pub fn slow(delay: Duration) -> Self {
        let port = ports::free();
        let dir = tempfile::tempdir().expect("a temporary folder");
        let log = dir.path().join("log");
        let args = [
            paths::server("faults.py"),
            port.to_string().into(),
            dir.path().join("messages.jsonl"),
            delay.as_millis().to_string().into(),
        ];
        let server = Tethered::start(paths::python(), args, &log);
        wait::until_blocking("aiosmtpd to listen", START_LIMIT, || {
            let said = tether::log(&log);
            assert!(
                !said.contains("No module named"),
                "aiosmtpd is not installed (cargo xtask setup installs it): {said}"
            );
            (said.contains("listening") && listens(port)).then_some(())
        });
        Self { port, dir, _server: server }
    }

    /// Where it listens on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Every message it took, in order.
    ///
    /// # Panics
    /// When its record is no record.
    pub fn taken(&self) -> Vec<Taken> {
        let text = tether::log(&self.dir.path().join("messages.jsonl"));
        let records = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        records
            .map(|line| {
                let record: Value = serde_json::from_str(line).expect("one record a line");
                let text = |value: &Value| value.as_str().expect("text").to_owned();
                Taken { to: text(&record["rcpt_to"][0]), message_id: text(&record["message_id"]) }
            })
            .collect()
    }

    /// Who got something, sorted, doubled where doubled.
    pub fn recipients(&self) -> Vec<String> {
        let mut all: Vec<String> = self.taken().into_iter().map(|taken| taken.to).collect();
        all.sort();
        all
    }
}
