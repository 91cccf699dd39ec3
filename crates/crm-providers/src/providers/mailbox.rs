//! Checking the settings of a Gmail or Outlook account before they are stored, and opening it.

use crm_core::{EmailAddress, ProviderId, Scope, StoreError, WorkspaceId};
use secrecy::{ExposeSecret as _, SecretString};

use super::connect::token_api;
use super::store::{Stored, unseal};
use super::validate::{address, filled, invalid, is_credential, rates, sender_name};
use super::{MailboxConfig, ProvidersError, Result, SeaProviders};
use crate::email::Sender;
use crate::entity::workspace_email_provider::Model;
use crate::gmail::Gmail;
use crate::http::Api;
use crate::oauth::{Access, Dialect, Grant, MailboxProvider, Registration, Rights, Service};
use crate::outlook::Outlook;

/// Whoever has accounts of any kind, at Microsoft.
const ANY_TENANT: &str = "common";

impl MailboxConfig {
    /// Whose accounts may connect, at Microsoft.
    pub(super) fn tenant(&self) -> &str {
        self.tenant.as_deref().unwrap_or(ANY_TENANT)
    }
}

/// Brings the settings into the form they are stored in. `kept` are the stored ones, where their secret may stay.
pub(super) fn check(
    service: Service,
    config: &MailboxConfig,
    secret: Option<&SecretString>,
    kept: Option<&MailboxConfig>,
) -> Result<MailboxConfig> {
    let client_id = config.client_id.trim().to_owned();
    if !is_credential(&client_id) || client_id.contains(char::is_whitespace) {
        return Err(invalid("config.client_id", "enter the client ID in one line"));
    }
    if secret.is_some_and(|secret| !is_credential(secret.expose_secret())) {
        return Err(invalid("config.client_secret", "enter the client secret in one line"));
    }
    let directory = filled(config.tenant.as_deref()).map(str::to_lowercase);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if directory.as_deref().is_some_and(|id| id.len() > 253 || !id.chars().all(is_name)) {
        return Err(invalid("config.tenant", "enter the directory (tenant) ID, or leave it empty"));
    }
    if service == Service::Google && directory.is_some() {
        return Err(invalid("config.tenant", "is for Microsoft alone"));
    }
    // A stored secret belongs to the registration it was entered for.
    let keeps_secret =
        kept.is_some_and(|kept| kept.client_id == client_id && kept.tenant == directory);
    if !client_id.is_empty() && secret.is_none() && !keeps_secret {
        return Err(invalid("config.client_secret", "enter the client secret of this client ID"));
    }
    if client_id.is_empty() && secret.is_some() {
        return Err(invalid("config.client_id", "enter the client ID the secret belongs to"));
    }
    rates(config.rate_per_minute, config.rate_per_day, config.warm_up_from)?;
    Ok(MailboxConfig {
        client_id,
        tenant: directory,
        from_name: sender_name(&config.from_name)?,
        reply_to: filled(config.reply_to.as_deref())
            .map(|reply_to| address("config.reply_to", reply_to))
            .transpose()?,
        may_look: config.may_look,
        may_read: config.may_read,
        rate_per_minute: config.rate_per_minute,
        rate_per_day: config.rate_per_day,
        warm_up_from: config.warm_up_from,
    })
}

/// Our registration at the service.
pub(super) fn registration(
    on: &SeaProviders,
    id: ProviderId,
    service: Service,
    config: &MailboxConfig,
    sealed: Option<&str>,
) -> Result<Registration> {
    let sealed = sealed.filter(|_| !config.client_id.is_empty());
    let sealed = sealed.ok_or(ProvidersError::NotConfigured)?;
    let client_secret = unseal(&on.vault, id, sealed)?;
    let rights = Rights { look: config.may_look, read: config.may_read };
    Ok(Registration { service, client_id: config.client_id.clone(), client_secret, rights })
}

pub(super) fn access(
    on: &SeaProviders,
    workspace_id: WorkspaceId,
    id: ProviderId,
    registration: Registration,
    at: Api,
) -> Access {
    let scope = Scope::for_job(workspace_id, "mailbox");
    Access::new(on.ctx.clone(), on.vault.clone(), (scope, id), registration, at)
}

/// Opens a mailbox somebody has connected.
pub(super) fn open(
    on: &SeaProviders,
    workspace_id: WorkspaceId,
    row: &Model,
    stored: &Stored,
    (service, config): (Service, &MailboxConfig),
) -> Result<MailboxProvider> {
    let registration = registration(on, row.id, service, config, stored.sealed.as_deref())?;
    let grant = row.grant_json.as_deref().ok_or(ProvidersError::NotConnected)?;
    let grant: Grant = serde_json::from_str(grant).map_err(StoreError::from)?;
    let damaged = |_| StoreError::Corrupt("a sender's address cannot be read".to_owned());
    let sender = Sender {
        email: EmailAddress::parse(&grant.account).map_err(damaged)?,
        name: config.from_name.clone(),
        reply_to: config
            .reply_to
            .as_deref()
            .map(EmailAddress::parse)
            .transpose()
            .map_err(damaged)?,
    };
    let dialect: &'static dyn Dialect = match service {
        Service::Google => &Gmail,
        Service::Microsoft => &Outlook,
    };
    let access = access(on, workspace_id, row.id, registration, token_api(on, service, config)?);
    let api = on.api(service.api(&on.elsewhere.oauth));
    let clock = std::sync::Arc::clone(&on.ctx.clock);
    Ok(MailboxProvider::new((service, dialect), access, api, clock, sender))
}
