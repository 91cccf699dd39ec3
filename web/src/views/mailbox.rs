//! `/settings/providers/new?provider_type=gmail` (or `outlook`) and `/settings/providers/{id}` of a mailbox, and the page
//! that leads to the service where it is connected.

use serde::Serialize;

use super::View;
use super::common::FormErrors;
use super::shell::Shell;

/// The form. Fields as in [`MailboxForm`], plus `client_secret` (empty keeps the stored one).
#[derive(Debug, Clone, Default, Serialize)]
pub struct MailboxFormPage {
    /// The frame.
    pub shell: Shell,
    /// Id of the provider; absent for a new one.
    pub id: Option<String>,
    /// `gmail` or `outlook`.
    pub provider_type: String,
    /// What was typed, or what is stored.
    pub form: MailboxForm,
    /// Whether a secret is stored.
    pub secret_set: bool,
    /// Where the service sends people back to, to be entered there.
    pub redirect: String,
    /// What is wrong.
    pub errors: FormErrors,
}

/// The settings of a mailbox as typed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MailboxForm {
    /// What to call it here.
    pub name: String,
    /// The ID of the registration at the service.
    pub client_id: String,
    /// Whose accounts may connect, at Microsoft; may be empty.
    pub tenant: String,
    /// Sender's name.
    pub from_name: String,
    /// Where answers go; may be empty.
    pub reply_to: String,
    /// Whether the folder of sent messages may be looked into.
    pub may_look: bool,
    /// Whether the mailbox may be read by IMAP.
    pub may_read: bool,
    /// At most this many a minute; may be empty.
    pub rate_per_minute: String,
    /// At most this many a day; may be empty.
    pub rate_per_day: String,
    /// At most this many on the first day, more on each after it; may be empty.
    pub warm_up_from: String,
    /// Whether campaigns use it unless they say otherwise.
    pub is_default: bool,
}

impl View for MailboxFormPage {
    const TEMPLATE: &'static str = "pages/settings/provider_mailbox.html";

    fn samples() -> Vec<Self> {
        super::samples::mailbox::forms()
    }
}

/// Leads to the service. A link, because a form may lead to no other site than this.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MailboxGoPage {
    /// The frame.
    pub shell: Shell,
    /// What the provider is called.
    pub name: String,
    /// `Google` or `Microsoft`.
    pub service: String,
    /// Where the link leads.
    pub url: String,
}

impl View for MailboxGoPage {
    const TEMPLATE: &'static str = "pages/settings/provider_connect.html";

    fn samples() -> Vec<Self> {
        super::samples::mailbox::go()
    }
}
