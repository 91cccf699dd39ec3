//! The form of an SMTP server.

use crm_providers::Provider;
use crm_providers::providers::{NewProvider, ProviderConfig, ReturnPath, Security, SmtpConfig};
use secrecy::SecretString;
use serde::Deserialize;

use super::provider_form::{checked, filled, number, text};
use super::provider_page::{Around, ProviderForm};
use crate::error::AppError;
use crate::views::providers::{ProviderFormPage, SmtpForm};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    host: String,
    port: String,
    security: String,
    username: String,
    password: String,
    from_email: String,
    from_name: String,
    reply_to: String,
    connections: String,
    rate_per_minute: String,
    rate_per_day: String,
    warm_up_from: String,
    return_path: String,
    is_default: String,
}

impl Typed {
    fn form(&self) -> SmtpForm {
        SmtpForm {
            name: self.name.clone(),
            host: self.host.clone(),
            port: self.port.clone(),
            security: self.security.clone(),
            username: self.username.clone(),
            from_email: self.from_email.clone(),
            from_name: self.from_name.clone(),
            reply_to: self.reply_to.clone(),
            connections: self.connections.clone(),
            rate_per_minute: self.rate_per_minute.clone(),
            rate_per_day: self.rate_per_day.clone(),
            warm_up_from: self.warm_up_from.clone(),
            return_path: self.return_path.clone(),
            is_default: !self.is_default.is_empty(),
        }
    }
}

impl ProviderForm for Typed {
    type Page = ProviderFormPage;
    const FIELDS: &'static [&'static str] = &[
        "name",
        "host",
        "port",
        "security",
        "username",
        "password",
        "from_email",
        "from_name",
        "reply_to",
        "connections",
        "rate_per_minute",
        "rate_per_day",
        "warm_up_from",
        "return_path",
    ];

    fn blank(_kind: &str) -> Self {
        let shown = SmtpForm::default();
        Self {
            port: shown.port,
            security: shown.security,
            connections: shown.connections,
            return_path: shown.return_path,
            is_default: checked(shown.is_default),
            ..Self::default()
        }
    }

    fn stored(stored: Provider) -> Option<Self> {
        let ProviderConfig::Smtp(config) = stored.config else { return None };
        let security = match config.security {
            Security::None => "none",
            Security::Starttls => "starttls",
            Security::Tls => "tls",
        };
        Some(Self {
            name: stored.name,
            host: config.host,
            port: config.port.to_string(),
            security: security.to_owned(),
            username: config.username.unwrap_or_default(),
            from_email: config.from_email,
            from_name: config.from_name,
            reply_to: config.reply_to.unwrap_or_default(),
            connections: text(config.connections),
            rate_per_minute: text(config.rate_per_minute),
            rate_per_day: text(config.rate_per_day),
            warm_up_from: text(config.warm_up_from),
            return_path: match config.return_path {
                ReturnPath::Sender => "sender",
                ReturnPath::Mailbox => "mailbox",
            }
            .to_owned(),
            is_default: checked(stored.is_default),
            ..Self::default()
        })
    }

    fn provider(&self) -> Result<NewProvider, AppError> {
        let config = SmtpConfig {
            host: self.host.trim().to_owned(),
            port: self
                .port
                .trim()
                .parse()
                .map_err(|_| AppError::invalid("port", "enter a port from 1 to 65535"))?,
            security: match self.security.as_str() {
                "none" => Security::None,
                "tls" => Security::Tls,
                _ => Security::Starttls,
            },
            username: filled(&self.username),
            from_email: self.from_email.trim().to_owned(),
            from_name: self.from_name.trim().to_owned(),
            reply_to: filled(&self.reply_to),
            connections: number("connections", &self.connections)?,
            rate_per_minute: number("rate_per_minute", &self.rate_per_minute)?,
            rate_per_day: number("rate_per_day", &self.rate_per_day)?,
            warm_up_from: number("warm_up_from", &self.warm_up_from)?,
            return_path: match self.return_path.as_str() {
                "mailbox" => ReturnPath::Mailbox,
                _ => ReturnPath::Sender,
            },
        };
        Ok(NewProvider {
            name: self.name.clone(),
            config: ProviderConfig::Smtp(config),
            secret: Some(self.password.clone())
                .filter(|text| !text.is_empty())
                .map(SecretString::from),
            webhook_key: None,
            is_default: !self.is_default.is_empty(),
        })
    }

    fn title(&self, is_new: bool) -> String {
        if is_new { "New mail server" } else { "Mail server" }.to_owned()
    }

    fn page(&self, around: Around<'_>) -> ProviderFormPage {
        ProviderFormPage {
            shell: around.shell,
            id: around.id.map(|id| id.to_string()),
            form: self.form(),
            password_set: around.secret_set,
            errors: around.errors,
        }
    }
}
