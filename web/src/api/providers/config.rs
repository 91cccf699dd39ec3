//! Provider settings in requests and answers. A secret goes in and never comes out.

use crm_providers::providers::{
    MailboxConfig, MailgunConfig, ProviderConfig, ReturnPath, Security, SmtpConfig, TwilioConfig,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ProviderType;
use crate::error::AppError;

/// What stands where a secret would.
const HIDDEN: &str = "••••";

/// Settings of any provider type; which are needed depends on the type.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProviderConfigInput)]
pub(super) struct ConfigBody {
    host: Option<String>,
    port: Option<u16>,
    security: Option<Security>,
    username: Option<String>,
    password: Option<String>,
    /// The sending domain, at Mailgun.
    domain: Option<String>,
    api_key: Option<String>,
    /// The key their own requests are signed with, at Mailgun and Twilio.
    webhook_key: Option<String>,
    /// The ID of the registration at Google or Microsoft.
    client_id: Option<String>,
    client_secret: Option<String>,
    /// Whose accounts may connect, at Microsoft.
    tenant: Option<String>,
    /// Whether the folder of sent messages may be looked into.
    #[serde(default)]
    may_look: bool,
    /// Whether the mailbox may be read by IMAP, for what comes in.
    #[serde(default)]
    may_read: bool,
    /// The account, at Twilio.
    account_sid: Option<String>,
    auth_token: Option<String>,
    /// The number or name text messages come from.
    from: Option<String>,
    messaging_service_sid: Option<String>,
    /// Where the API is, for accounts elsewhere than usual.
    base_url: Option<String>,
    from_email: Option<String>,
    from_name: Option<String>,
    reply_to: Option<String>,
    #[schema(value_type = Option<u64>)]
    connections: Option<u32>,
    #[schema(value_type = Option<u64>)]
    rate_per_minute: Option<u32>,
    #[schema(value_type = Option<u64>)]
    rate_per_day: Option<u32>,
    /// Most parts of text messages in a calendar month.
    #[schema(value_type = Option<u64>)]
    parts_per_month: Option<u32>,
    /// What one part costs, like `0.0079`.
    price_per_part: Option<String>,
    #[schema(value_type = Option<u64>)]
    warm_up_from: Option<u32>,
    /// Where reports about messages that do not arrive go, at SMTP servers.
    #[serde(default)]
    return_path: ReturnPath,
}

impl ConfigBody {
    /// The password or key, where a new one is given. What a read answered is no new one.
    pub(super) fn secret(&self, of: ProviderType) -> Option<SecretString> {
        let secret = match of {
            ProviderType::Mailgun => &self.api_key,
            ProviderType::Gmail | ProviderType::Outlook => &self.client_secret,
            ProviderType::Twilio => &self.auth_token,
            ProviderType::Smtp | ProviderType::Practice => &self.password,
        };
        new_secret(secret.as_ref())
    }

    /// The same for the key that requests of the provider are signed with.
    pub(super) fn webhook_key(&self) -> Option<SecretString> {
        new_secret(self.webhook_key.as_ref())
    }

    pub(super) fn smtp(self) -> Result<SmtpConfig, AppError> {
        let required = |field: &'static str| AppError::invalid(field, "is required");
        Ok(SmtpConfig {
            host: self.host.ok_or_else(|| required("config.host"))?,
            port: self.port.ok_or_else(|| required("config.port"))?,
            security: self.security.ok_or_else(|| required("config.security"))?,
            username: self.username.filter(|text| !text.is_empty()),
            from_email: self.from_email.ok_or_else(|| required("config.from_email"))?,
            from_name: self.from_name.unwrap_or_default(),
            reply_to: self.reply_to.filter(|text| !text.is_empty()),
            connections: self.connections,
            rate_per_minute: self.rate_per_minute,
            rate_per_day: self.rate_per_day,
            warm_up_from: self.warm_up_from,
            return_path: self.return_path,
        })
    }
}

fn new_secret(text: Option<&String>) -> Option<SecretString> {
    let text = text.filter(|text| !text.is_empty() && *text != HIDDEN);
    text.cloned().map(SecretString::from)
}

impl ConfigBody {
    pub(super) fn mailbox(self) -> MailboxConfig {
        MailboxConfig {
            client_id: self.client_id.unwrap_or_default(),
            tenant: self.tenant.filter(|text| !text.is_empty()),
            from_name: self.from_name.unwrap_or_default(),
            reply_to: self.reply_to.filter(|text| !text.is_empty()),
            may_look: self.may_look,
            may_read: self.may_read,
            rate_per_minute: self.rate_per_minute,
            rate_per_day: self.rate_per_day,
            warm_up_from: self.warm_up_from,
        }
    }

    pub(super) fn mailgun(self) -> Result<MailgunConfig, AppError> {
        let required = |field: &'static str| AppError::invalid(field, "is required");
        Ok(MailgunConfig {
            domain: self.domain.ok_or_else(|| required("config.domain"))?,
            base_url: self.base_url.filter(|text| !text.is_empty()),
            from_email: self.from_email.ok_or_else(|| required("config.from_email"))?,
            from_name: self.from_name.unwrap_or_default(),
            reply_to: self.reply_to.filter(|text| !text.is_empty()),
            rate_per_minute: self.rate_per_minute,
            rate_per_day: self.rate_per_day,
            warm_up_from: self.warm_up_from,
        })
    }
}

impl ConfigBody {
    pub(super) fn twilio(self) -> Result<TwilioConfig, AppError> {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(TwilioConfig {
            account_sid: self
                .account_sid
                .ok_or_else(|| AppError::invalid("config.account_sid", "is required"))?,
            from: filled(self.from),
            messaging_service_sid: filled(self.messaging_service_sid),
            base_url: filled(self.base_url),
            rate_per_minute: self.rate_per_minute,
            rate_per_day: self.rate_per_day,
            parts_per_month: self.parts_per_month,
            price_per_part: filled(self.price_per_part),
        })
    }
}

/// Settings as shown.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ProviderConfig)]
pub(super) enum ConfigView {
    Practice {},
    Smtp {
        #[serde(flatten)]
        config: SmtpConfig,
        #[serde(skip_serializing_if = "Option::is_none")]
        password: Option<&'static str>,
    },
    Mailgun {
        #[serde(flatten)]
        config: MailgunConfig,
        #[serde(skip_serializing_if = "Option::is_none")]
        api_key: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        webhook_key: Option<&'static str>,
    },
    Mailbox {
        #[serde(flatten)]
        config: MailboxConfig,
        #[serde(skip_serializing_if = "Option::is_none")]
        client_secret: Option<&'static str>,
    },
    Twilio {
        #[serde(flatten)]
        config: TwilioConfig,
        #[serde(skip_serializing_if = "Option::is_none")]
        auth_token: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        webhook_key: Option<&'static str>,
    },
}

impl ConfigView {
    pub(super) fn new(config: ProviderConfig, has_secret: bool, has_webhook_key: bool) -> Self {
        let webhook_key = has_webhook_key.then_some(HIDDEN);
        match config {
            ProviderConfig::Practice | ProviderConfig::PracticeText => Self::Practice {},
            ProviderConfig::Smtp(config) => {
                Self::Smtp { config, password: has_secret.then_some(HIDDEN) }
            }
            ProviderConfig::Mailgun(config) => {
                Self::Mailgun { config, api_key: has_secret.then_some(HIDDEN), webhook_key }
            }
            ProviderConfig::Gmail(config) | ProviderConfig::Outlook(config) => {
                Self::Mailbox { config, client_secret: has_secret.then_some(HIDDEN) }
            }
            ProviderConfig::Twilio(config) => {
                Self::Twilio { config, auth_token: has_secret.then_some(HIDDEN), webhook_key }
            }
        }
    }
}
