//! `/settings/providers/new?provider_type=twilio` and `/settings/providers/{id}` of a Twilio account.

use serde::Serialize;

use super::View;
use super::common::FormErrors;
use super::shell::Shell;

/// The form. Fields as in [`TwilioForm`], plus `auth_token` (empty keeps the stored one).
#[derive(Debug, Clone, Default, Serialize)]
pub struct TwilioFormPage {
    /// The frame.
    pub shell: Shell,
    /// Id of the provider; absent for a new one.
    pub id: Option<String>,
    /// What was typed, or what is stored.
    pub form: TwilioForm,
    /// Whether a token is stored.
    pub token_set: bool,
    /// Whether a key is stored that Twilio's own requests are signed with, in place of the token.
    pub webhook_key_set: bool,
    /// The address Twilio is to be given for texts that come in; absent before the account is saved, and where nobody
    /// outside can reach this installation.
    pub hook: Option<String>,
    /// What is wrong.
    pub errors: FormErrors,
}

/// The settings of a Twilio account as typed.
#[derive(Debug, Clone, Serialize)]
pub struct TwilioForm {
    /// What to call it here.
    pub name: String,
    /// The account's SID.
    pub account_sid: String,
    /// The number or name messages come from; may be empty.
    pub from: String,
    /// A messaging service in its place; may be empty.
    pub messaging_service_sid: String,
    /// The address of the API; may be empty.
    pub base_url: String,
    /// At most this many a minute; may be empty.
    pub rate_per_minute: String,
    /// At most this many a day; may be empty.
    pub rate_per_day: String,
    /// At most this many parts a month; may be empty.
    pub parts_per_month: String,
    /// What one part costs; may be empty.
    pub price_per_part: String,
    /// Whether campaigns use it unless they say otherwise.
    pub is_default: bool,
}

impl Default for TwilioForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            account_sid: String::new(),
            from: String::new(),
            messaging_service_sid: String::new(),
            base_url: String::new(),
            rate_per_minute: String::new(),
            rate_per_day: String::new(),
            parts_per_month: String::new(),
            price_per_part: String::new(),
            is_default: true,
        }
    }
}

impl View for TwilioFormPage {
    const TEMPLATE: &'static str = "pages/settings/provider_twilio.html";

    fn samples() -> Vec<Self> {
        super::samples::settings::twilio()
    }
}
