//! How a provider lies in its row: settings as JSON, the secret among them sealed for this row alone.

use crm_core::{ProviderId, StoreError, Vault};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::rows::Row;
use super::state::Signs;
use super::{
    MailboxConfig, MailgunConfig, Provider, ProviderConfig, ProviderKind, Result, SmtpConfig,
    State, TwilioConfig,
};
use crate::oauth::Grant;

/// `config_json` of an SMTP provider.
#[derive(Serialize, Deserialize)]
struct StoredSmtp {
    #[serde(flatten)]
    config: SmtpConfig,
    /// The password, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

/// `config_json` of a Mailgun account.
#[derive(Serialize, Deserialize)]
struct StoredMailgun {
    #[serde(flatten)]
    config: MailgunConfig,
    /// The key, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    /// The key its requests are signed with, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    webhook_key: Option<String>,
}

/// `config_json` of a mailbox that people connect.
#[derive(Serialize, Deserialize)]
struct StoredMailbox {
    #[serde(flatten)]
    config: MailboxConfig,
    /// The client secret, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

/// `config_json` of a Twilio account.
#[derive(Serialize, Deserialize)]
struct StoredTwilio {
    #[serde(flatten)]
    config: TwilioConfig,
    /// The token, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auth_token: Option<String>,
    /// The key its requests are signed with where that is not the token, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    webhook_key: Option<String>,
}

/// A row taken apart.
pub(super) struct Stored {
    pub(super) config: ProviderConfig,
    /// The secret, sealed.
    pub(super) sealed: Option<String>,
    /// The key its own requests are signed with, sealed.
    pub(super) webhook_key: Option<String>,
}

impl Stored {
    /// What has no key that its own requests are signed with.
    pub(super) const fn plain(config: ProviderConfig, sealed: Option<String>) -> Self {
        Self { config, sealed, webhook_key: None }
    }

    /// Reads a row's settings.
    pub(super) fn read(Row { kind, row }: &Row) -> std::result::Result<Self, StoreError> {
        match (kind, row.provider_type.as_str()) {
            (ProviderKind::Email, "practice") => Ok(Self::plain(ProviderConfig::Practice, None)),
            (ProviderKind::Text, "practice") => Ok(Self::plain(ProviderConfig::PracticeText, None)),
            (ProviderKind::Email, "smtp") => {
                let StoredSmtp { config, password } =
                    serde_json::from_value(row.config_json.clone())?;
                Ok(Self::plain(ProviderConfig::Smtp(config), password))
            }
            (ProviderKind::Email, "mailgun") => {
                let StoredMailgun { config, api_key, webhook_key } =
                    serde_json::from_value(row.config_json.clone())?;
                Ok(Self { config: ProviderConfig::Mailgun(config), sealed: api_key, webhook_key })
            }
            (ProviderKind::Email, kind @ ("gmail" | "outlook")) => {
                let StoredMailbox { config, client_secret } =
                    serde_json::from_value(row.config_json.clone())?;
                let config = if kind == "gmail" {
                    ProviderConfig::Gmail(config)
                } else {
                    ProviderConfig::Outlook(config)
                };
                Ok(Self::plain(config, client_secret))
            }
            (ProviderKind::Text, "twilio") => {
                let StoredTwilio { config, auth_token, webhook_key } =
                    serde_json::from_value(row.config_json.clone())?;
                Ok(Self { config: ProviderConfig::Twilio(config), sealed: auth_token, webhook_key })
            }
            (_, other) => {
                Err(StoreError::Corrupt(format!("a provider of the unknown type {other}")))
            }
        }
    }

    /// What goes into `config_json`.
    pub(super) fn into_json(self) -> std::result::Result<serde_json::Value, StoreError> {
        Ok(match self.config {
            ProviderConfig::Practice | ProviderConfig::PracticeText => {
                serde_json::Value::Object(serde_json::Map::new())
            }
            ProviderConfig::Smtp(config) => {
                serde_json::to_value(StoredSmtp { config, password: self.sealed })?
            }
            ProviderConfig::Mailgun(config) => {
                let (api_key, webhook_key) = (self.sealed, self.webhook_key);
                serde_json::to_value(StoredMailgun { config, api_key, webhook_key })?
            }
            ProviderConfig::Gmail(config) | ProviderConfig::Outlook(config) => {
                serde_json::to_value(StoredMailbox { config, client_secret: self.sealed })?
            }
            ProviderConfig::Twilio(config) => {
                let (auth_token, webhook_key) = (self.sealed, self.webhook_key);
                serde_json::to_value(StoredTwilio { config, auth_token, webhook_key })?
            }
        })
    }
}

/// The row as callers see it.
pub(super) fn provider(found: Row) -> std::result::Result<Provider, StoreError> {
    let stored = Stored::read(&found)?;
    let row = found.row;
    let grant: Option<Grant> = row.grant_json.as_deref().map(serde_json::from_str).transpose()?;
    let signs = Signs {
        has_secret: stored.sealed.is_some(),
        is_granted: grant.as_ref().map(|grant| grant.broken.is_none()),
        failed: row.last_error.is_some(),
        succeeded: row.last_success_at.is_some(),
    };
    let state = State::of(&stored.config, &signs);
    let lost = grant.as_ref().and_then(|grant| grant.broken.clone());
    Ok(Provider {
        id: row.id,
        state,
        name: row.name,
        config: stored.config,
        has_secret: stored.sealed.is_some(),
        has_webhook_key: stored.webhook_key.is_some(),
        is_default: row.is_default,
        last_checked_at: row.last_checked_at,
        last_error: row.last_error.or(lost),
        account: grant.map(|grant| grant.account),
        last_success_at: row.last_success_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// Seals a key for what one provider tells by itself.
pub(super) fn seal_webhook(vault: &Vault, id: ProviderId, key: &SecretString) -> Result<String> {
    Ok(vault.seal(&webhook_place(id), key.expose_secret())?)
}

/// Opens what [`seal_webhook`] made.
pub(super) fn unseal_webhook(vault: &Vault, id: ProviderId, sealed: &str) -> Result<SecretString> {
    Ok(vault.open(&webhook_place(id), sealed)?)
}

/// What such a key is sealed for.
pub(super) fn webhook_place(id: ProviderId) -> String {
    format!("provider/{id}/webhook")
}

/// Seals a secret for one provider.
pub(super) fn seal(vault: &Vault, id: ProviderId, secret: &SecretString) -> Result<String> {
    Ok(vault.seal(&place(id), secret.expose_secret())?)
}

/// Opens what [`seal`] made.
pub(super) fn unseal(vault: &Vault, id: ProviderId, sealed: &str) -> Result<SecretString> {
    Ok(vault.open(&place(id), sealed)?)
}

/// What a provider's secret is sealed for.
pub(super) fn place(id: ProviderId) -> String {
    format!("provider/{id}")
}
