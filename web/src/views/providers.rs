//! `/settings/providers`: through which servers messages leave.

use serde::Serialize;

use super::View;
use super::common::{Fact, FormErrors};
use super::shell::Shell;

/// `/settings/providers`. Forms per provider: `POST /settings/providers/{id}/test` (`to`), `/default`, `/delete`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProvidersPage {
    /// The frame.
    pub shell: Shell,
    /// The providers, the default one first.
    pub providers: Vec<ProviderCard>,
    /// Whether this person may change providers.
    pub may_write: bool,
}

/// One provider.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProviderCard {
    /// Id.
    pub id: String,
    /// `smtp`, `practice`, …
    pub provider_type: String,
    /// Name.
    pub name: String,
    /// One line: "SMTP, mail.example.org:587".
    pub summary: String,
    /// Whether campaigns use it unless they say otherwise.
    pub is_default: bool,
    /// What is known of it: sender, password set, budget.
    pub facts: Vec<Fact>,
    /// The address of the mailbox that is connected.
    pub account: Option<String>,
    /// `not_configured`, `ready`, `connected`, `needs_reconnect` or `failing`.
    pub state: String,
    /// When it was last tried.
    pub last_checked_at: Option<String>,
    /// When it last took a message.
    pub last_success_at: Option<String>,
    /// What went wrong last, in words.
    pub last_error: Option<String>,
    /// Address prefilled for a test: the signed-in person's.
    pub test_to: String,
    /// Result of the test just made.
    pub test: Option<TestResult>,
}

/// What a test found, step by step.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TestResult {
    /// Whether the message was accepted.
    pub ok: bool,
    /// The steps.
    pub stages: Vec<TestStage>,
    /// In words what happened and what to do.
    pub message: String,
    /// The server's own answer, where there is one.
    pub reply: Option<String>,
}

/// One step of a test.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TestStage {
    /// "Connected", "Encrypted", "Signed in", "Accepted".
    pub label: String,
    /// `ok`, `bad` or `mute` (not reached).
    pub tone: String,
    /// Detail: "84 ms", "not reached".
    pub detail: String,
}

impl View for ProvidersPage {
    const TEMPLATE: &'static str = "pages/settings/providers.html";

    fn samples() -> Vec<Self> {
        super::samples::settings::providers()
    }
}

/// `/settings/providers/new` and `/settings/providers/{id}`: an SMTP server. Fields as in [`SmtpForm`], plus
/// `password` (empty keeps the stored one).
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProviderFormPage {
    /// The frame.
    pub shell: Shell,
    /// Id of the provider; absent for a new one.
    pub id: Option<String>,
    /// What was typed, or what is stored.
    pub form: SmtpForm,
    /// Whether a password is stored.
    pub password_set: bool,
    /// What is wrong.
    pub errors: FormErrors,
}

/// The settings of an SMTP server as typed.
#[derive(Debug, Clone, Serialize)]
pub struct SmtpForm {
    /// What to call it here.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: String,
    /// `starttls`, `tls` or `none`.
    pub security: String,
    /// User name; may be empty.
    pub username: String,
    /// Sender's address.
    pub from_email: String,
    /// Sender's name.
    pub from_name: String,
    /// Where answers go; may be empty.
    pub reply_to: String,
    /// Connections at the same time.
    pub connections: String,
    /// At most this many a minute; may be empty.
    pub rate_per_minute: String,
    /// At most this many a day; may be empty.
    pub rate_per_day: String,
    /// At most this many on the first day, more on each after it; may be empty.
    pub warm_up_from: String,
    /// `sender` or `mailbox`: where reports about messages that do not arrive go.
    pub return_path: String,
    /// Whether campaigns use it unless they say otherwise.
    pub is_default: bool,
}

impl Default for SmtpForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            host: String::new(),
            port: "587".to_owned(),
            security: "starttls".to_owned(),
            username: String::new(),
            from_email: String::new(),
            from_name: String::new(),
            reply_to: String::new(),
            connections: "4".to_owned(),
            rate_per_minute: String::new(),
            rate_per_day: String::new(),
            warm_up_from: String::new(),
            return_path: "sender".to_owned(),
            is_default: true,
        }
    }
}

impl View for ProviderFormPage {
    const TEMPLATE: &'static str = "pages/settings/provider.html";

    fn samples() -> Vec<Self> {
        super::samples::settings::provider()
    }
}
