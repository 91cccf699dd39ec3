//! `/settings/incoming`: the mailbox a workspace reads.

use serde::Serialize;

use super::View;
use super::common::FormErrors;
use super::providers::TestResult;
use super::shell::Shell;

/// `/settings/incoming`. Fields as in [`IncomingForm`], plus `password` (empty keeps the stored one) and `version`.
/// `/settings/incoming/check`, `/settings/incoming/remove` take none, `/settings/incoming/closed` takes `closed`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct IncomingPage {
    /// The frame.
    pub shell: Shell,
    /// What was typed, or what is stored.
    pub form: IncomingForm,
    /// What is wrong.
    pub errors: FormErrors,
    /// The connected accounts it may be read as.
    pub accounts: Vec<ReadableAccount>,
    /// The mailbox as stored, where there is one.
    pub mailbox: Option<MailboxBox>,
    /// What a look into it brought.
    pub look: Option<TestResult>,
    /// Whether this person may change it.
    pub may_write: bool,
    /// Whether the workspace says that nobody can reach this machine from outside.
    pub is_closed: bool,
    /// The address people reach it at, where the operator has set one.
    pub public_url: Option<String>,
}

/// How it stands with the mailbox.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MailboxBox {
    /// Its address.
    pub address: String,
    /// Whether it is read as a connected account, without a password.
    pub is_account: bool,
    /// `off`, `ready`, `connected` or `failing`.
    pub state: String,
    /// When it was last looked into.
    pub last_checked_at: Option<String>,
    /// When that last went well.
    pub last_success_at: Option<String>,
    /// What was wrong the last time.
    pub last_error: Option<String>,
    /// Version that was read.
    pub version: String,
}

/// A connected account a mailbox may be read as.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ReadableAccount {
    /// Id of its provider.
    pub id: String,
    /// Its address.
    pub address: String,
    /// The server it is read at.
    pub server: String,
}

/// A mailbox as typed.
#[derive(Debug, Clone, Serialize)]
pub struct IncomingForm {
    /// Its address.
    pub address: String,
    /// Id of the provider whose account it is read as; empty for one with a password.
    pub provider_id: String,
    /// Host name or address of the server.
    pub host: String,
    /// Port.
    pub port: String,
    /// `tls`, `starttls` or `none`.
    pub security: String,
    /// User name.
    pub username: String,
    /// The folder to read.
    pub folder: String,
    /// Whether it is read.
    pub is_enabled: bool,
}

impl Default for IncomingForm {
    fn default() -> Self {
        Self {
            address: String::new(),
            provider_id: String::new(),
            host: String::new(),
            port: "993".to_owned(),
            security: "tls".to_owned(),
            username: String::new(),
            folder: "INBOX".to_owned(),
            is_enabled: true,
        }
    }
}

impl View for IncomingPage {
    const TEMPLATE: &'static str = "pages/settings/incoming.html";

    fn samples() -> Vec<Self> {
        super::samples::incoming::page()
    }
}
