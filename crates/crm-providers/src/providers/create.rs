//! Connecting a provider.

use crm_core::{AuditEvent, Context, ProviderId, Scope, StoreError, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use super::store::{Stored, provider, seal};
use super::validate::{check, default_name};
use super::{NewProvider, Provider, ProviderConfig, Result, SeaProviders};
use crate::entity::workspace_email_provider::{ActiveModel, Column, Entity, Model};

pub(super) async fn run(on: &SeaProviders, scope: &Scope, new: NewProvider) -> Result<Provider> {
    let new = check(new, None, on).await?;
    let id = on.ctx.id(ProviderId::from_uuid);
    let sealed = new.secret.as_ref().map(|secret| seal(&on.vault, id, secret)).transpose()?;
    let tx = on.ctx.db.begin().await?;
    let stored = Stored { config: new.config, sealed };
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
    let stored = Stored { config: config.clone(), sealed: None };
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
) -> std::result::Result<Model, StoreError> {
    lock(tx, scope).await?;
    let first = tx.one(scope, defaults()).await?.is_none();
    if is_default && !first {
        let nobody = Entity::update_many().col_expr(Column::IsDefault, Expr::value(false));
        tx.update_many(scope, nobody.filter(Column::IsDefault.eq(true))).await?;
    }
    let now = ctx.now();
    let row = ActiveModel {
        id: Set(id),
        workspace_id: Set(scope.workspace_id()),
        name: Set(name),
        provider_type: Set(stored.config.kind().to_owned()),
        config_json: Set(stored.into_json()?),
        is_default: Set(is_default || first),
        created_at: Set(now),
        updated_at: Set(now),
        last_checked_at: Set(None),
        last_error: Set(None),
        last_success_at: Set(None),
        grant_json: Set(None),
        grant_lease: Set(None),
        grant_lease_until: Set(None),
        grant_attempt: Set(None),
    };
    tx.insert(scope, row).await
}

/// One change of a workspace's providers at a time: which is the default depends on all of them.
pub(super) async fn lock(tx: &Tx, scope: &Scope) -> std::result::Result<(), StoreError> {
    tx.serialize_on(&format!("providers {}", scope.workspace_id())).await
}

/// The default provider.
pub(super) fn defaults() -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::IsDefault.eq(true))
}

/// The audit entry for a row as it is now. Its settings are named one by one, so that a secret cannot slip in.
pub(super) fn event(
    action: &'static str,
    row: &Model,
) -> std::result::Result<AuditEvent, StoreError> {
    let event = AuditEvent::new(action, "provider", row.id)
        .with("name", &row.name)
        .with("provider_type", &row.provider_type)
        .with("is_default", row.is_default);
    Ok(match Stored::read(row)?.config {
        ProviderConfig::Practice => event,
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
    })
}
