//! The form of a mailbox at Gmail or Outlook.

use crm_providers::Provider;
use crm_providers::providers::{MailboxConfig, NewProvider, ProviderConfig};
use secrecy::SecretString;
use serde::Deserialize;

use super::mailbox_connect::redirect;
use super::provider_form::{checked, filled, number, text};
use super::provider_page::{Around, ProviderForm};
use super::providers::limits;
use crate::error::AppError;
use crate::views::common::Fact;
use crate::views::mailbox::{MailboxForm, MailboxFormPage};

/// What is known of a mailbox.
pub(super) fn about(config: &MailboxConfig, provider: &Provider) -> Vec<Fact> {
    let from = provider.account.as_ref().map_or_else(
        || "not connected".to_owned(),
        |account| format!("{} <{account}>", config.from_name),
    );
    let mut facts = vec![
        Fact::new("From", from),
        Fact::new("Client secret", if provider.has_secret { "set" } else { "not set" }),
    ];
    facts.extend(limits(config.rate_per_minute, config.rate_per_day, config.warm_up_from));
    facts
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    provider_type: String,
    name: String,
    client_id: String,
    client_secret: String,
    tenant: String,
    from_name: String,
    reply_to: String,
    may_look: String,
    may_read: String,
    rate_per_minute: String,
    rate_per_day: String,
    warm_up_from: String,
    is_default: String,
}

impl Typed {
    fn form(&self) -> MailboxForm {
        MailboxForm {
            name: self.name.clone(),
            client_id: self.client_id.clone(),
            tenant: self.tenant.clone(),
            from_name: self.from_name.clone(),
            reply_to: self.reply_to.clone(),
            may_look: !self.may_look.is_empty(),
            may_read: !self.may_read.is_empty(),
            rate_per_minute: self.rate_per_minute.clone(),
            rate_per_day: self.rate_per_day.clone(),
            warm_up_from: self.warm_up_from.clone(),
            is_default: !self.is_default.is_empty(),
        }
    }
}

impl ProviderForm for Typed {
    type Page = MailboxFormPage;
    const FIELDS: &'static [&'static str] = &[
        "name",
        "client_id",
        "client_secret",
        "tenant",
        "from_name",
        "reply_to",
        "rate_per_minute",
        "rate_per_day",
        "warm_up_from",
    ];

    fn blank(kind: &str) -> Self {
        let shown = MailboxForm::default();
        Self {
            provider_type: kind.to_owned(),
            tenant: shown.tenant,
            may_look: checked(shown.may_look),
            may_read: checked(shown.may_read),
            is_default: checked(shown.is_default),
            ..Self::default()
        }
    }

    fn stored(stored: Provider) -> Option<Self> {
        let provider_type = stored.config.kind().to_owned();
        let (ProviderConfig::Gmail(config) | ProviderConfig::Outlook(config)) = stored.config
        else {
            return None;
        };
        Some(Self {
            provider_type,
            name: stored.name,
            client_id: config.client_id,
            tenant: config.tenant.unwrap_or_default(),
            from_name: config.from_name,
            reply_to: config.reply_to.unwrap_or_default(),
            may_look: checked(config.may_look),
            may_read: checked(config.may_read),
            rate_per_minute: text(config.rate_per_minute),
            rate_per_day: text(config.rate_per_day),
            warm_up_from: text(config.warm_up_from),
            is_default: checked(stored.is_default),
            ..Self::default()
        })
    }

    fn provider(&self) -> Result<NewProvider, AppError> {
        let config = MailboxConfig {
            client_id: self.client_id.trim().to_owned(),
            tenant: filled(&self.tenant),
            from_name: self.from_name.trim().to_owned(),
            reply_to: filled(&self.reply_to),
            may_look: !self.may_look.is_empty(),
            may_read: !self.may_read.is_empty(),
            rate_per_minute: number("rate_per_minute", &self.rate_per_minute)?,
            rate_per_day: number("rate_per_day", &self.rate_per_day)?,
            warm_up_from: number("warm_up_from", &self.warm_up_from)?,
        };
        let config = match self.provider_type.as_str() {
            "outlook" => ProviderConfig::Outlook(config),
            _ => ProviderConfig::Gmail(config),
        };
        Ok(NewProvider {
            name: self.name.clone(),
            config,
            secret: filled(&self.client_secret).map(SecretString::from),
            webhook_key: None,
            is_default: !self.is_default.is_empty(),
        })
    }

    fn title(&self, is_new: bool) -> String {
        let name = if self.provider_type == "outlook" { "Outlook" } else { "Gmail" };
        if is_new { format!("New {name} account") } else { name.to_owned() }
    }

    fn page(&self, around: Around<'_>) -> MailboxFormPage {
        MailboxFormPage {
            shell: around.shell,
            id: around.id.map(|id| id.to_string()),
            provider_type: self.provider_type.clone(),
            form: self.form(),
            secret_set: around.secret_set,
            redirect: redirect(around.app),
            errors: around.errors,
        }
    }
}
