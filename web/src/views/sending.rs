//! `/settings/sending`: sending domains.

use serde::Serialize;

use super::View;
use super::common::FormErrors;
use super::shell::Shell;

/// The domains mail is sent from. Forms: `POST /settings/sending/check` (`domain`), `POST /settings/providers/{id}/dkim`
/// (`step`: `on`, `off`, `new` or `paste`; `selector`, `private_key`, `is_on`), `POST /settings/providers/{id}/dkim/delete`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SendingPage {
    /// The frame.
    pub shell: Shell,
    /// The domains.
    pub domains: Vec<DomainCard>,
    /// Whether this person may change and check.
    pub may_write: bool,
    /// What is wrong.
    pub errors: FormErrors,
}

/// One domain.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DomainCard {
    /// Its name.
    pub domain: String,
    /// The providers that send from it, by name.
    pub providers: String,
    /// When the DNS was asked; absent before.
    pub checked_at: Option<String>,
    /// What it said.
    pub records: Vec<RecordRow>,
    /// Mail servers whose messages can be signed.
    pub signers: Vec<SignerForm>,
}

/// One record.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RecordRow {
    /// What it is called: SPF.
    pub label: String,
    /// What it is for.
    pub purpose: String,
    /// `ok`, `warn` or `bad`.
    pub tone: String,
    /// Its picture.
    pub icon: String,
    /// How it stands, in words.
    pub stands: String,
    /// Type of the record: TXT.
    pub kind: String,
    /// Where it goes.
    pub name: String,
    /// What to publish there.
    pub wanted: Option<String>,
    /// What is there.
    pub found: Vec<String>,
    /// What that means and what to do.
    pub words: String,
}

/// How a mail server's messages are signed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SignerForm {
    /// The provider.
    pub provider_id: String,
    /// Its name.
    pub name: String,
    /// Whether there is a key.
    pub has_key: bool,
    /// Whether messages are signed.
    pub is_on: bool,
    /// The name the key is found under.
    pub selector: String,
    /// Where the record goes.
    pub record_name: String,
    /// What stands in it.
    pub record_value: String,
    /// Whether the form is unfolded.
    pub is_open: bool,
    /// What is wrong.
    pub errors: FormErrors,
}

impl View for SendingPage {
    const TEMPLATE: &'static str = "pages/settings/sending.html";

    fn samples() -> Vec<Self> {
        super::samples::sending::pages()
    }
}
