//! The form of a Twilio account.

use crm_providers::Provider;
use crm_providers::providers::{NewProvider, ProviderConfig, TwilioConfig};
use secrecy::SecretString;
use serde::Deserialize;

use super::provider_form::{checked, filled, number, text};
use super::provider_page::{Around, ProviderForm};
use super::providers::limits;
use crate::error::AppError;
use crate::views::common::Fact;
use crate::views::twilio::{TwilioForm, TwilioFormPage};

/// One line about an account, and what is known of it.
pub(super) fn about(config: &TwilioConfig, has_token: bool) -> (String, Vec<Fact>) {
    let sender = config.messaging_service_sid.as_ref().or(config.from.as_ref());
    let mut facts = vec![
        Fact::new("From", sender.cloned().unwrap_or_default()),
        Fact::new("Auth token", if has_token { "set" } else { "not set" }),
    ];
    facts.extend(limits(config.rate_per_minute, config.rate_per_day, None));
    (format!("Twilio, {}", config.account_sid), facts)
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    account_sid: String,
    auth_token: String,
    webhook_key: String,
    from: String,
    messaging_service_sid: String,
    base_url: String,
    rate_per_minute: String,
    rate_per_day: String,
    parts_per_month: String,
    price_per_part: String,
    is_default: String,
}

impl Typed {
    fn form(&self) -> TwilioForm {
        TwilioForm {
            name: self.name.clone(),
            account_sid: self.account_sid.clone(),
            from: self.from.clone(),
            messaging_service_sid: self.messaging_service_sid.clone(),
            base_url: self.base_url.clone(),
            rate_per_minute: self.rate_per_minute.clone(),
            rate_per_day: self.rate_per_day.clone(),
            parts_per_month: self.parts_per_month.clone(),
            price_per_part: self.price_per_part.clone(),
            is_default: !self.is_default.is_empty(),
        }
    }
}

impl ProviderForm for Typed {
    type Page = TwilioFormPage;
    const FIELDS: &'static [&'static str] = &[
        "name",
        "account_sid",
        "auth_token",
        "webhook_key",
        "from",
        "messaging_service_sid",
        "base_url",
        "rate_per_minute",
        "rate_per_day",
        "parts_per_month",
        "price_per_part",
    ];

    fn blank(_kind: &str) -> Self {
        Self { is_default: "true".to_owned(), ..Self::default() }
    }

    fn stored(stored: Provider) -> Option<Self> {
        let ProviderConfig::Twilio(config) = stored.config else { return None };
        Some(Self {
            name: stored.name,
            account_sid: config.account_sid,
            from: config.from.unwrap_or_default(),
            messaging_service_sid: config.messaging_service_sid.unwrap_or_default(),
            base_url: config.base_url.unwrap_or_default(),
            rate_per_minute: text(config.rate_per_minute),
            rate_per_day: text(config.rate_per_day),
            parts_per_month: text(config.parts_per_month),
            price_per_part: config.price_per_part.unwrap_or_default(),
            is_default: checked(stored.is_default),
            ..Self::default()
        })
    }

    fn provider(&self) -> Result<NewProvider, AppError> {
        let config = TwilioConfig {
            account_sid: self.account_sid.clone(),
            from: filled(&self.from),
            messaging_service_sid: filled(&self.messaging_service_sid),
            base_url: filled(&self.base_url),
            rate_per_minute: number("rate_per_minute", &self.rate_per_minute)?,
            rate_per_day: number("rate_per_day", &self.rate_per_day)?,
            parts_per_month: number("parts_per_month", &self.parts_per_month)?,
            price_per_part: filled(&self.price_per_part),
        };
        Ok(NewProvider {
            name: self.name.clone(),
            config: ProviderConfig::Twilio(config),
            secret: filled(&self.auth_token).map(SecretString::from),
            webhook_key: filled(&self.webhook_key).map(SecretString::from),
            is_default: !self.is_default.is_empty(),
        })
    }

    fn title(&self, is_new: bool) -> String {
        if is_new { "New Twilio account" } else { "Twilio" }.to_owned()
    }

    fn page(&self, around: Around<'_>) -> TwilioFormPage {
        let public = around.app.config.public_url.as_deref();
        let hook = around.id.zip(public).map(|(id, public)| format!("{public}/hooks/twilio/{id}"));
        TwilioFormPage {
            shell: around.shell,
            id: around.id.map(|id| id.to_string()),
            form: self.form(),
            token_set: around.secret_set,
            webhook_key_set: around.webhook_key_set,
            hook,
            errors: around.errors,
        }
    }
}
