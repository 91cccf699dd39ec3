//! Changing a provider.

use std::time::Duration;

use crm_core::{ProviderId, Scope};
use sea_orm::sea_query::Expr;

use super::create::{event, lock};
use super::rows::{self, Row};
use super::store::{Stored, provider, seal};
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
    let new_secret = secret.is_some();

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
        ProviderConfig::Smtp(_) | ProviderConfig::Practice | ProviderConfig::PracticeText => None,
    };
    row.provider_type = change.config.kind().to_owned();
    row.config_json = Stored { config: change.config, sealed }.into_json()?;
    row.name = change.name;
    // Opened providers are told apart by this time, so that it has to move even where the clock has not.
    row.updated_at = on.ctx.now().max(row.updated_at.plus(Duration::from_millis(1)));
    if change.is_default && !row.is_default {
        rows::nobody_is_default(&tx, scope, kind).await?;
        row.is_default = true;
    }
    let values = vec![
        (Column::ProviderType, Expr::value(row.provider_type.clone())),
        (Column::ConfigJson, Expr::value(row.config_json.clone())),
        (Column::Name, Expr::value(row.name.clone())),
        (Column::UpdatedAt, Expr::value(row.updated_at)),
        (Column::IsDefault, Expr::value(row.is_default)),
    ];
    rows::set(&tx, scope, kind, rows::is(id), values).await?;
    let row = Row { kind, row };
    let event = event("provider.updated", &row)?.with("new_secret", new_secret);
    on.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(Some(provider(row)?))
}
