//! `/settings/providers/new?provider_type=mailgun` and `/settings/providers/{id}` of a Mailgun account.

use serde::Serialize;

use super::View;
use super::common::FormErrors;
use super::shell::Shell;

/// The form. Fields as in [`MailgunForm`], plus `api_key` (empty keeps the stored one).
#[derive(Debug, Clone, Default, Serialize)]
pub struct MailgunFormPage {
    /// The frame.
    pub shell: Shell,
    /// Id of the provider; absent for a new one.
    pub id: Option<String>,
    /// What was typed, or what is stored.
    pub form: MailgunForm,
    /// Whether a key is stored.
    pub key_set: bool,
    /// Whether a key is stored that Mailgun's own requests are signed with.
    pub webhook_key_set: bool,
    /// The address Mailgun is to be given for what becomes of messages; absent before the account is saved, and where nobody
    /// outside can reach this installation.
    pub hook: Option<String>,
    /// What is wrong.
    pub errors: FormErrors,
}

/// The settings of a Mailgun account as typed.
#[derive(Debug, Clone, Serialize)]
pub struct MailgunForm {
    /// What to call it here.
    pub name: String,
    /// The sending domain.
    pub domain: String,
    /// `us`, `eu` or `other`.
    pub region: String,
    /// The address of the API, where the region is `other`.
    pub base_url: String,
    /// Sender's address.
    pub from_email: String,
    /// Sender's name.
    pub from_name: String,
    /// Where answers go; may be empty.
    pub reply_to: String,
    /// At most this many a minute; may be empty.
    pub rate_per_minute: String,
    /// At most this many a day; may be empty.
    pub rate_per_day: String,
    /// At most this many on the first day, more on each after it; may be empty.
    pub warm_up_from: String,
    /// Whether campaigns use it unless they say otherwise.
    pub is_default: bool,
}

impl Default for MailgunForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            domain: String::new(),
            region: "us".to_owned(),
            base_url: String::new(),
            from_email: String::new(),
            from_name: String::new(),
            reply_to: String::new(),
            rate_per_minute: String::new(),
            rate_per_day: String::new(),
            warm_up_from: String::new(),
            is_default: true,
        }
    }
}

impl View for MailgunFormPage {
    const TEMPLATE: &'static str = "pages/settings/provider_mailgun.html";

    fn samples() -> Vec<Self> {
        super::samples::settings::mailgun()
    }
}
