//! A name server of our own: NSD, with the zones of a test, on loopback.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use crate::tether::{self, Tethered};
use crate::{ports, wait};

/// A running name server; it ends with this.
pub struct NameServer {
    _server: Tethered,
    _dir: tempfile::TempDir,
    port: u16,
}

impl NameServer {
    /// Serves these zones: each name with its records, without the record every zone begins with.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(zones: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().expect("a folder for zones");
        let port = ports::free();
        let mut config = format!(
            "server:\n  ip-address: 127.0.0.1@{port}\n  username: \"\"\n  database: \"\"\n  pidfile: \"\"\n  \
             xfrdfile: \"\"\n  zonelistfile: \"\"\n  zonesdir: \"{dir}\"\n  server-count: 1\n  hide-version: yes\n\
             remote-control:\n  control-enable: no\n",
            dir = dir.path().display(),
        );
        for (number, (zone, records)) in zones.iter().enumerate() {
            let file = format!("{number}.zone");
            let head = format!(
                "$ORIGIN {zone}.\n$TTL 60\n@ SOA ns.{zone}. root.{zone}. 1 3600 600 86400 60\n@ NS ns.{zone}.\n"
            );
            std::fs::write(dir.path().join(&file), head + records + "\n").expect("a zone");
            config += &["zone:\n  name: \"", zone, "\"\n  zonefile: \"", &file, "\"\n"].concat();
        }
        let path = dir.path().join("nsd.conf");
        std::fs::write(&path, config).expect("a configuration");
        let log = dir.path().join("log");
        let path = path.display().to_string();
        let server = Tethered::start(binary(), ["-d", "-c", path.as_str()], &log);
        wait::until_blocking("the name server to listen", Duration::from_secs(20), || {
            let said = tether::log(&log);
            assert!(!said.contains("error"), "nsd: {said}");
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok().then_some(())
        });
        Self { _server: server, _dir: dir, port }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }
}

fn binary() -> &'static str {
    ["/usr/sbin/nsd", "/usr/bin/nsd"]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .expect("nsd is not installed (cargo xtask setup installs it)")
}
