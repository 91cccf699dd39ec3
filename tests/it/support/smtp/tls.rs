//! SMTP servers with TLS and a sign-in: maildev (TLS from the first byte) and smtp-server (STARTTLS).

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::{Received, START_LIMIT, listens};
use crate::tether::{self, Tethered};
use crate::{Answer, Client, paths, ports, wait};

/// A certificate authority and a certificate for `localhost` and `127.0.0.1`, made by openssl.
pub struct Certificates {
    dir: TempDir,
}

impl Certificates {
    /// Makes both, valid from now for ten days.
    ///
    /// # Panics
    /// When openssl is not installed.
    pub fn make() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let run = |args: &str| {
            let done = Command::new("openssl")
                .current_dir(dir.path())
                .args(args.split(' '))
                .output()
                .expect("openssl is not installed (cargo xtask setup installs it)");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        };
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        run(&format!("req -x509 {key} -keyout ca.key -out ca.pem -days 10 -subj /CN=Test-CA"));
        run(&format!("req -new {key} -keyout server.key -out server.csr -subj /CN=localhost"));
        std::fs::write(
            dir.path().join("names"),
            "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n",
        )
        .expect("a file in the temporary folder");
        run("x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 10 \
             -extfile names -out server.pem");
        Self { dir }
    }

    /// The authority, for `SSL_CERT_FILE` of the process that connects.
    pub fn authority(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// The certificate.
    pub fn certificate(&self) -> PathBuf {
        self.dir.path().join("server.pem")
    }

    /// Its key.
    pub fn key(&self) -> PathBuf {
        self.dir.path().join("server.key")
    }
}

/// How maildev takes connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// In the clear.
    None,
    /// TLS from the first byte, and a user has to sign in.
    TlsWithAuth,
}

/// The user these servers let in.
pub const USER: &str = "outreach";
/// That user's password.
pub const PASSWORD: &str = "s3cret-pass";

/// maildev: an SMTP server with an inbox that is read over HTTP.
pub struct Maildev {
    port: u16,
    inbox: Client,
    _server: Tethered,
    _dir: TempDir,
}

impl Maildev {
    /// Starts it; `certificates` are used for TLS.
    ///
    /// # Panics
    /// When it is not installed.
    pub async fn start(security: Security, certificates: &Certificates) -> Self {
        let program = paths::server("node_modules/.bin/maildev");
        assert!(program.exists(), "maildev is not installed (cargo xtask setup installs it)");
        let (port, web) = (ports::free(), ports::free());
        let mut args: Vec<String> = vec![
            "--ip".into(),
            "127.0.0.1".into(),
            "--smtp".into(),
            port.to_string(),
            "--web-ip".into(),
            "127.0.0.1".into(),
            "--web".into(),
            web.to_string(),
        ];
        if security == Security::TlsWithAuth {
            args.push("--incoming-secure".into());
            args.extend([
                "--incoming-cert".into(),
                certificates.certificate().display().to_string(),
            ]);
            args.extend(["--incoming-key".into(), certificates.key().display().to_string()]);
            args.extend(["--incoming-user".into(), USER.into()]);
            args.extend(["--incoming-pass".into(), PASSWORD.into()]);
        }
        let dir = tempfile::tempdir().expect("a temporary folder");
        let log = dir.path().join("log");
        let server = Tethered::start(program, args, &log);
        let inbox = Client::new(&format!("http://127.0.0.1:{web}"));
        wait::until("maildev to answer", START_LIMIT, || async {
            let health = inbox.request(reqwest::Method::GET, "/api/healthz");
            let answer = Answer::try_of(health).await.ok()?;
            (answer.status == 200 && listens(port)).then_some(())
        })
        .await;
        Self { port, inbox, _server: server, _dir: dir }
    }

    /// Where it listens on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// All messages it took, as it parsed them.
    pub async fn messages(&self) -> Vec<Value> {
        let answer = self.inbox.get("/api/email").await;
        answer.expect(200);
        answer.body.as_array().cloned().unwrap_or_default()
    }

    /// One message as it came.
    pub async fn source(&self, id: &str) -> String {
        self.inbox.get(&format!("/api/email/{id}/source")).await.text
    }
}

/// smtp-server with STARTTLS, which it demands, and a sign-in.
pub struct StartTls {
    port: u16,
    dir: TempDir,
    _server: Tethered,
}

impl StartTls {
    /// Starts it with the server certificate of `certificates`.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(certificates: &Certificates) -> Self {
        let port = ports::free();
        let dir = tempfile::tempdir().expect("a temporary folder");
        let log = dir.path().join("log");
        let args = [
            paths::server("starttls.mjs"),
            port.to_string().into(),
            certificates.key(),
            certificates.certificate(),
            USER.into(),
            PASSWORD.into(),
            dir.path().join("messages.jsonl"),
        ];
        let server = Tethered::start("node", args, &log);
        wait::until_blocking("smtp-server to listen", START_LIMIT, || {
            let said = tether::log(&log);
            assert!(!said.contains("Error"), "smtp-server: {said}");
            listens(port).then_some(())
        });
        Self { port, dir, _server: server }
    }

    /// Where it listens on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Every message accepted so far, in order. All came over TLS from a signed-in user.
    ///
    /// # Panics
    /// When one did not.
    pub fn received(&self) -> Vec<Received> {
        let text = tether::log(&self.dir.path().join("messages.jsonl"));
        text.lines()
            .map(|line| {
                let record: Value = serde_json::from_str(line).expect("one record a line");
                assert_eq!(record["secure"], true, "{line}");
                assert_eq!(record["user"], USER, "{line}");
                let text = |value: &Value| value.as_str().expect("text").to_owned();
                Received {
                    mail_from: text(&record["mail_from"]),
                    rcpt_to: record["rcpt_to"]
                        .as_array()
                        .expect("a list")
                        .iter()
                        .map(text)
                        .collect(),
                    raw: text(&record["raw"]),
                }
            })
            .collect()
    }
}
