//! The form of a Mailgun account.

use crm_providers::Provider;
use crm_providers::mailgun::{EU, US};
use crm_providers::providers::{MailgunConfig, NewProvider, ProviderConfig};
use secrecy::SecretString;
use serde::Deserialize;

use super::provider_form::{checked, filled, number, text};
use super::provider_page::{Around, ProviderForm};
use super::providers::limits;
use crate::error::AppError;
use crate::views::common::Fact;
use crate::views::mailgun::{MailgunForm, MailgunFormPage};

/// One line about an account, and what is known of it.
pub(super) fn about(config: &MailgunConfig, has_key: bool) -> (String, Vec<Fact>) {
    let region = match config.base_url.as_deref() {
        None | Some(US) => "US",
        Some(EU) => "EU",
        Some(other) => other,
    };
    let mut facts = vec![
        Fact::new("From", format!("{} <{}>", config.from_name, config.from_email)),
        Fact::new("API key", if has_key { "set" } else { "not set" }),
    ];
    facts.extend(limits(config.rate_per_minute, config.rate_per_day, config.warm_up_from));
    (format!("Mailgun, {}, {region}", config.domain), facts)
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    domain: String,
    api_key: String,
    webhook_key: String,
    region: String,
    base_url: String,
    from_email: String,
    from_name: String,
    reply_to: String,
    rate_per_minute: String,
    rate_per_day: String,
    warm_up_from: String,
    is_default: String,
}

impl Typed {
    fn form(&self) -> MailgunForm {
        MailgunForm {
            name: self.name.clone(),
            domain: self.domain.clone(),
            region: self.region.clone(),
            base_url: self.base_url.clone(),
            from_email: self.from_email.clone(),
            from_name: self.from_name.clone(),
            reply_to: self.reply_to.clone(),
            rate_per_minute: self.rate_per_minute.clone(),
            rate_per_day: self.rate_per_day.clone(),
            warm_up_from: self.warm_up_from.clone(),
            is_default: !self.is_default.is_empty(),
        }
    }
}

impl ProviderForm for Typed {
    type Page = MailgunFormPage;
    const FIELDS: &'static [&'static str] = &[
        "name",
        "domain",
        "api_key",
        "webhook_key",
        "base_url",
        "from_email",
        "from_name",
        "reply_to",
        "rate_per_minute",
        "rate_per_day",
        "warm_up_from",
    ];

    fn blank(_kind: &str) -> Self {
        Self { region: "us".to_owned(), is_default: "true".to_owned(), ..Self::default() }
    }

    fn stored(stored: Provider) -> Option<Self> {
        let ProviderConfig::Mailgun(config) = stored.config else { return None };
        let (region, base_url) = match config.base_url {
            None => ("us", String::new()),
            Some(url) if url == US => ("us", String::new()),
            Some(url) if url == EU => ("eu", String::new()),
            Some(url) => ("other", url),
        };
        Some(Self {
            name: stored.name,
            domain: config.domain,
            region: region.to_owned(),
            base_url,
            from_email: config.from_email,
            from_name: config.from_name,
            reply_to: config.reply_to.unwrap_or_default(),
            rate_per_minute: text(config.rate_per_minute),
            rate_per_day: text(config.rate_per_day),
            warm_up_from: text(config.warm_up_from),
            is_default: checked(stored.is_default),
            ..Self::default()
        })
    }

    fn provider(&self) -> Result<NewProvider, AppError> {
        let config = MailgunConfig {
            domain: self.domain.clone(),
            base_url: match self.region.as_str() {
                "eu" => Some(EU.to_owned()),
                "other" => match filled(&self.base_url) {
                    None => return Err(AppError::invalid("base_url", "enter the address")),
                    given => given,
                },
                _ => None,
            },
            from_email: self.from_email.trim().to_owned(),
            from_name: self.from_name.trim().to_owned(),
            reply_to: filled(&self.reply_to),
            rate_per_minute: number("rate_per_minute", &self.rate_per_minute)?,
            rate_per_day: number("rate_per_day", &self.rate_per_day)?,
            warm_up_from: number("warm_up_from", &self.warm_up_from)?,
        };
        Ok(NewProvider {
            name: self.name.clone(),
            config: ProviderConfig::Mailgun(config),
            secret: filled(&self.api_key).map(SecretString::from),
            webhook_key: filled(&self.webhook_key).map(SecretString::from),
            is_default: !self.is_default.is_empty(),
        })
    }

    fn title(&self, is_new: bool) -> String {
        if is_new { "New Mailgun account" } else { "Mailgun" }.to_owned()
    }

    fn page(&self, around: Around<'_>) -> MailgunFormPage {
        let public = around.app.config.public_url.as_deref();
        let hook = around.id.zip(public).map(|(id, public)| format!("{public}/hooks/mailgun/{id}"));
        MailgunFormPage {
            shell: around.shell,
            id: around.id.map(|id| id.to_string()),
            form: self.form(),
            key_set: around.secret_set,
            webhook_key_set: around.webhook_key_set,
            hook,
            errors: around.errors,
        }
    }
}
