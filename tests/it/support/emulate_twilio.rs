//! `emulate` (of Vercel Labs) as Twilio: a server written by others that takes messages and tells what becomes of them, in
//! requests it signs as Twilio does.

use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::tether::{self, Tethered};
use crate::twilio::{ACCOUNT, TOKEN};
use crate::{client, paths, wait};

/// The number its account has.
pub const NUMBER: &str = "+12025550100";

/// A running server. It ends with this value.
pub struct EmulateTwilio {
    port: u16,
    _dir: TempDir,
    _server: Tethered,
}

impl EmulateTwilio {
    /// A server on this port that calls `sms_url` when a message comes in.
    ///
    /// # Panics
    /// When emulate is not installed.
    pub async fn start(port: u16, sms_url: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let seed = dir.path().join("seed.yaml");
        let text = format!(
            "twilio:\n  account: {{sid: {ACCOUNT}, auth_token: {TOKEN}, friendly_name: Acme}}\n  phone_numbers:\n    \
             - {{phone_number: '{NUMBER}', friendly_name: Acme, sms_url: '{sms_url}'}}\n"
        );
        std::fs::write(&seed, text).expect("a file");
        let args = [
            paths::server("node_modules/emulate/dist/index.js").into_os_string(),
            "start".into(),
            "--service".into(),
            "twilio".into(),
            "--port".into(),
            port.to_string().into(),
            "--seed".into(),
            seed.into_os_string(),
        ];
        let log = dir.path().join("log");
        let server = Tethered::start("node", args, &log);
        let started = Self { port, _dir: dir, _server: server };
        wait::until("emulate to answer", Duration::from_mins(1), || async {
            let said = tether::log(&log);
            assert!(!said.contains("Cannot find module"), "emulate is not installed: {said}");
            let http = client::http().build().expect("a client");
            http.get(started.messages()).send().await.is_ok().then_some(())
        })
        .await;
        started
    }

    fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn messages(&self) -> String {
        format!("{}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", self.base())
    }

    /// Its list of messages.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn list(&self) -> Vec<Value> {
        let http = client::http().build().expect("a client");
        let asked = http.get(self.messages()).basic_auth(ACCOUNT, Some(TOKEN)).send().await;
        let list: Value = asked.expect("emulate").json().await.expect("JSON");
        list["messages"].as_array().cloned().unwrap_or_default()
    }

    /// Lets something happen: `message-status` or `inbound-message`, with these fields.
    ///
    /// # Panics
    /// When it does not.
    pub async fn simulate(&self, what: &str, fields: &[(&str, &str)]) {
        let http = client::http().build().expect("a client");
        let url = format!("{}/_twilio/simulate/{what}", self.base());
        let asked = http.post(url).basic_auth(ACCOUNT, Some(TOKEN)).form(fields).send().await;
        let status = asked.expect("emulate").status();
        assert!(status.is_success(), "{what}: {status}");
    }
}
