//! Connecting a provider.

use super::rows::{self, Row};
use super::store::{Stored, provider, seal, seal_webhook};
use super::validate::{check, default_name};
use super::{NewProvider, Provider, ProviderConfig, Result, SeaProviders};
use crate::entity::workspace_email_provider::Model;
use crm_core::{AuditEvent, Context, ProviderId, Scope, StoreError, Tx};

pub(super) async fn run(on: &SeaProviders, scope: &Scope, new: NewProvider) -> Result<Provider> {
    let new = check(new, None, on).await?;
    let id = on.ctx.id(ProviderId::from_uuid);
    let sealed = new.secret.as_ref().map(|secret| seal(&on.vault, id, secret)).transpose()?;
    let tx = on.ctx.db.begin().await?;
    let webhook_key =
        new.webhook_key.as_ref().map(|key| seal_webhook(&on.vault, id, key)).transpose()?;
    let stored = Stored { config: new.config, sealed, webhook_key };
    let row = write(&on.ctx, &tx, scope, (id, new.name), stored, new.is_default).await?;
    let event = event("provider.created", &row)?;
    on.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(provider(row)?)
}

/// Writes a provider without a secret, in the transaction that makes its workspace.
pub(crate) async fn insert(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    config: &ProviderConfig,
) -> std::result::Result<(), StoreError> {
    let id = ctx.id(ProviderId::from_uuid);
    let stored = Stored::plain(config.clone(), None);
    write(ctx, tx, scope, (id, default_name(config).to_owned()), stored, true).await?;
    Ok(())
}

async fn write(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    (id, name): (ProviderId, String),
    stored: Stored,
    is_default: bool,
) -> std::result::Result<Row, StoreError> {
    let kind = stored.config.takes();
    lock(tx, scope).await?;
    let first = rows::default_in(tx, scope, kind).await?.is_none();
    if is_default && !first {
        rows::nobody_is_default(tx, scope, kind).await?;
    }
    let now = ctx.now();
    let row = Model {
        id,
        workspace_id: scope.workspace_id(),
        name,
        provider_type: stored.config.kind().to_owned(),
        config_json: stored.into_json()?,
        is_default: is_default || first,
        created_at: now,
        updated_at: now,
        last_checked_at: None,
        last_error: None,
        last_success_at: None,
        grant_json: None,
        grant_lease: None,
        grant_lease_until: None,
        grant_attempt: None,
    };
    rows::insert(tx, scope, Row { kind, row }).await
}

/// One change of a workspace's providers at a time: which is the default depends on all of them.
pub(super) async fn lock(tx: &Tx, scope: &Scope) -> std::result::Result<(), StoreError> {
    tx.serialize_on(&format!("providers {}", scope.workspace_id())).await
}

/// The audit entry for a row as it is now. Its settings are named one by one, so that a secret cannot slip in.
pub(super) fn event(
    action: &'static str,
    found: &Row,
) -> std::result::Result<AuditEvent, StoreError> {
    let row = &found.row;
    let event = AuditEvent::new(action, "provider", row.id)
        .with("name", &row.name)
        .with("kind", found.kind)
        .with("provider_type", &row.provider_type)
        .with("is_default", row.is_default);
    Ok(match Stored::read(found)?.config {
        ProviderConfig::Practice | ProviderConfig::PracticeText => event,
        ProviderConfig::Smtp(smtp) => event
            .with("host", &smtp.host)
            .with("port", smtp.port)
            .with("security", smtp.security)
            .with("username", &smtp.username)
            .with("from_email", &smtp.from_email)
            .with("reply_to", &smtp.reply_to)
            .with("connections", smtp.connections)
            .with("rate_per_minute", smtp.rate_per_minute)
            .with("rate_per_day", smtp.rate_per_day)
            .with("warm_up_from", smtp.warm_up_from),
        ProviderConfig::Gmail(mailbox) | ProviderConfig::Outlook(mailbox) => event
            .with("client_id", &mailbox.client_id)
            .with("tenant", &mailbox.tenant)
            .with("reply_to", &mailbox.reply_to)
            .with("may_look", mailbox.may_look)
            .with("may_read", mailbox.may_read)
            .with("rate_per_minute", mailbox.rate_per_minute)
            .with("rate_per_day", mailbox.rate_per_day)
            .with("warm_up_from", mailbox.warm_up_from),
        ProviderConfig::Mailgun(mailgun) => event
            .with("domain", &mailgun.domain)
            .with("base_url", &mailgun.base_url)
            .with("from_email", &mailgun.from_email)
            .with("reply_to", &mailgun.reply_to)
            .with("rate_per_minute", mailgun.rate_per_minute)
            .with("rate_per_day", mailgun.rate_per_day)
            .with("warm_up_from", mailgun.warm_up_from),
        ProviderConfig::Twilio(twilio) => event
            .with("account_sid", &twilio.account_sid)
            .with("from", &twilio.from)
            .with("messaging_service_sid", &twilio.messaging_service_sid)
            .with("base_url", &twilio.base_url)
            .with("rate_per_minute", twilio.rate_per_minute)
            .with("rate_per_day", twilio.rate_per_day)
            .with("parts_per_month", twilio.parts_per_month)
            .with("price_per_part", &twilio.price_per_part),
    })
}
