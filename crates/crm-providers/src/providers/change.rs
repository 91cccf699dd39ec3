//! Changing a provider.

use std::time::Duration;

use crm_core::{ProviderId, Scope};
use sea_orm::sea_query::Expr;

use super::create::{event, lock};
use super::rows::{self, Row};
use super::store::{Stored, provider, seal, seal_webhook};
use super::validate::check;
use super::{
    NewProvider, Provider, ProviderConfig, ProvidersError, Result, SeaProviders, SmtpConfig,
    version,
};
use crate::entity::workspace_email_provider::Column;

/// The default stays the default until another one takes its place: `is_default: false` moves nothing.
pub(super) async fn run(
    on: &SeaProviders,
    scope: &Scope,
    id: ProviderId,
    version_seen: Option<i64>,
    change: NewProvider,
) -> Result<Option<Provider>> {
    let Some(seen) = rows::one(&on.ctx.db, scope, id).await? else { return Ok(None) };
    let seen = Stored::read(&seen)?;
    let kept = seen.sealed.as_ref().map(|_| &seen.config);
    let change = check(change, kept, on).await?;
    let secret = change.secret.as_ref();
    let secret = secret.map(|secret| seal(&on.vault, id, secret)).transpose()?;
    let webhook_key = change.webhook_key.as_ref();
    let webhook_key = webhook_key.map(|key| seal_webhook(&on.vault, id, key)).transpose()?;
    let (new_secret, new_webhook_key) = (secret.is_some(), webhook_key.is_some());

    let tx = on.ctx.db.begin().await?;
    lock(&tx, scope).await?;
    let Some(Row { kind, mut row }) = rows::one_in(&tx, scope, id).await? else {
        return Ok(None);
    };
    if version_seen.is_some_and(|seen| seen != version(row.updated_at)) {
        return Err(ProvidersError::Stale);
    }
    let stored = Stored::read(&Row { kind, row: row.clone() })?;
    if change.config.takes() != kind {
        return Err(ProvidersError::OtherChannel);
    }
    // The check was made against what was seen before; a secret that came in since belongs to other settings.
    let sealed = match &change.config {
        ProviderConfig::Smtp(SmtpConfig { username: Some(_), .. })
        | ProviderConfig::Mailgun(_)
        | ProviderConfig::Twilio(_) => {
            secret.or_else(|| stored.sealed.filter(|sealed| Some(sealed) == seen.sealed.as_ref()))
        }
        ProviderConfig::Gmail(mailbox) | ProviderConfig::Outlook(mailbox)
            if !mailbox.client_id.is_empty() =>
        {
            secret.or_else(|| stored.sealed.filter(|sealed| Some(sealed) == seen.sealed.as_ref()))
        }
        ProviderConfig::Smtp(_)
        | ProviderConfig::Gmail(_)
        | ProviderConfig::Outlook(_)
        | ProviderConfig::Practice
        | ProviderConfig::PracticeText => None,
    };
    // What was granted belongs to the registration it was granted to.
    if !same_registration(&stored.config, &change.config) {
        row.grant_json = None;
    }
    // It goes nowhere, so that it may stay whatever else has changed.
    let same_type = stored.config.kind() == change.config.kind();
    let webhook_key = webhook_key.or_else(|| stored.webhook_key.filter(|_| same_type));
    row.provider_type = change.config.kind().to_owned();
    row.config_json = Stored { config: change.config, sealed, webhook_key }.into_json()?;
    row.name = change.name;
    // Opened providers are told apart by this time, so that it has to move even where the clock has not.
    row.updated_at = on.ctx.now().max(row.updated_at.plus(Duration::from_millis(1)));
    if change.is_default && !row.is_default {
        rows::nobody_is_default(&tx, scope, kind).await?;
        row.is_default = true;
    }
    let mut values = vec![
        (Column::ProviderType, Expr::value(row.provider_type.clone())),
        (Column::ConfigJson, Expr::value(row.config_json.clone())),
        (Column::Name, Expr::value(row.name.clone())),
        (Column::UpdatedAt, Expr::value(row.updated_at)),
        (Column::IsDefault, Expr::value(row.is_default)),
    ];
    // Tokens may be renewed at this very moment: they are touched only where they go.
    if row.grant_json.is_none() {
        for column in
            [Column::GrantJson, Column::GrantLease, Column::GrantLeaseUntil, Column::GrantAttempt]
        {
            values.push((column, Expr::value(None::<String>)));
        }
    }
    rows::set(&tx, scope, kind, rows::is(id), values).await?;
    let row = Row { kind, row };
    let event = event("provider.updated", &row)?
        .with("new_secret", new_secret)
        .with("new_webhook_key", new_webhook_key);
    on.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(Some(provider(row)?))
}

fn same_registration(before: &ProviderConfig, after: &ProviderConfig) -> bool {
    match (before.mailbox(), after.mailbox()) {
        (Some((before_at, before)), Some((after_at, after))) => {
            before_at == after_at
                && before.client_id == after.client_id
                && before.tenant == after.tenant
        }
        _ => false,
    }
}
