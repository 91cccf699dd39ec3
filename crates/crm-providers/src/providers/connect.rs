//! Connecting a mailbox: a person is sent to the service, says yes there, and comes back with a code.

use std::time::Duration;

use crm_core::{AuditEvent, EmailAddress, ProviderId, Scope, StoreError, Timestamp, UserId, token};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::create::lock;
use super::mailbox::registration;
use super::rows::Row;
use super::store::{Stored, provider};
use super::{MailboxConfig, Provider, ProviderKind, ProvidersError, Result, SeaProviders};
use crate::entity::workspace_email_provider::{Column, Entity, Model};
use crate::http::Api;
use crate::oauth::{Grant, NoTokens, account};

/// How long a person may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// Who connects: the person, their session, and where they come back to.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The person.
    pub user_id: UserId,
    /// What only this session knows.
    pub session: SecretString,
    /// Where the service sends them back to.
    pub redirect: String,
}

/// What a person brings back from the service.
#[derive(Debug, Clone)]
pub struct Return {
    /// The `state` they were sent away with.
    pub state: String,
    /// The code, where they said yes.
    pub code: Option<String>,
    /// What the service says is wrong, where it does.
    pub error: Option<String>,
}

/// What is kept while a person is away.
#[derive(Serialize, Deserialize)]
struct Attempt {
    state_hash: String,
    user_id: UserId,
    session_hash: String,
    verifier: String,
    nonce: String,
    redirect: String,
    expires_at: Timestamp,
}

/// Mailboxes take e-mail.
fn in_row(row: &Model) -> Row {
    Row { kind: ProviderKind::Email, row: row.clone() }
}

fn place(id: ProviderId) -> String {
    format!("provider/{id}/verifier")
}

fn trouble(error: NoTokens) -> ProvidersError {
    match error {
        NoTokens::InvalidGrant(words) | NoTokens::Refused(words) | NoTokens::Trouble(words) => {
            ProvidersError::ConnectFailed(words)
        }
    }
}

/// Writes columns of one provider, which are no settings of it.
async fn write(
    on: &SeaProviders,
    scope: &Scope,
    id: ProviderId,
    attempt: Option<&Attempt>,
) -> Result<()> {
    let attempt = attempt.map(serde_json::to_string).transpose().map_err(StoreError::from)?;
    let update = Entity::update_many().col_expr(Column::GrantAttempt, Expr::value(attempt));
    let tx = on.ctx.db.begin().await?;
    tx.unaudited("somebody is about to connect a mailbox");
    tx.update_many(scope, update.filter(Column::Id.eq(id))).await?;
    Ok(tx.commit().await?)
}

/// Where to send a person who wants to connect this mailbox.
pub(super) async fn begin(
    on: &SeaProviders,
    scope: &Scope,
    id: ProviderId,
    visitor: &Visitor,
) -> Result<Option<String>> {
    let Some(row) = on.ctx.db.one(scope, Entity::find_by_id(id)).await? else { return Ok(None) };
    let stored = Stored::read(&in_row(&row))?;
    let Some((service, config)) = stored.config.mailbox() else { return Ok(None) };
    let registration = registration(on, id, service, config, stored.sealed.as_deref())?;
    let wrong =
        |error: crm_core::outbound::AddressError| ProvidersError::ConnectFailed(error.to_string());
    let auth = service.auth(config.tenant(), &on.elsewhere.oauth).map_err(wrong)?;
    let departure = registration.depart(auth.as_str(), &visitor.redirect).map_err(trouble)?;
    let attempt = Attempt {
        state_hash: token::hash(departure.state.expose_secret()),
        user_id: visitor.user_id,
        session_hash: token::hash(visitor.session.expose_secret()),
        verifier: on.vault.seal(&place(id), departure.verifier.expose_secret())?,
        nonce: departure.nonce,
        redirect: visitor.redirect.clone(),
        expires_at: on.ctx.now().plus(PATIENCE),
    };
    write(on, scope, id, Some(&attempt)).await?;
    Ok(Some(departure.url))
}

/// Finds the attempt this `state` belongs to and uses it up: it counts once, for who began it, for ten minutes.
async fn take(
    on: &SeaProviders,
    scope: &Scope,
    visitor: &Visitor,
    state: &str,
) -> Result<(Model, Attempt)> {
    let tx = on.ctx.db.begin().await?;
    lock(&tx, scope).await?;
    let hash = token::hash(state);
    let waiting = Entity::find().filter(Column::GrantAttempt.is_not_null());
    let mut found = None;
    for row in tx.all(scope, waiting).await? {
        let attempt: Option<Attempt> =
            row.grant_attempt.as_deref().and_then(|text| serde_json::from_str(text).ok());
        if let Some(attempt) = attempt.filter(|attempt| token::equal(&attempt.state_hash, &hash)) {
            found = Some((row, attempt));
        }
    }
    let Some((row, attempt)) = found else { return Err(ProvidersError::ConnectExpired) };
    let update = Entity::update_many().col_expr(Column::GrantAttempt, Expr::value(None::<String>));
    tx.update_many(scope, update.filter(Column::Id.eq(row.id))).await?;
    tx.unaudited("somebody is about to connect a mailbox");
    tx.commit().await?;
    let session = token::hash(visitor.session.expose_secret());
    let is_theirs =
        attempt.user_id == visitor.user_id && token::equal(&attempt.session_hash, &session);
    if is_theirs && attempt.expires_at > on.ctx.now() {
        Ok((row, attempt))
    } else {
        Err(ProvidersError::ConnectExpired)
    }
}

/// Connects the mailbox somebody came back for.
pub(super) async fn finish(
    on: &SeaProviders,
    scope: &Scope,
    visitor: &Visitor,
    back: Return,
) -> Result<Provider> {
    let (row, attempt) = take(on, scope, visitor, &back.state).await?;
    let id = row.id;
    let stored = Stored::read(&in_row(&row))?;
    let Some((service, config)) = stored.config.mailbox() else {
        return Err(ProvidersError::ConnectExpired);
    };
    let name = service.name();
    let refused = |words: String| ProvidersError::ConnectFailed(words);
    if let Some(error) = back.error {
        return Err(refused(match error.as_str() {
            "access_denied" => format!("{name} says that access was not allowed"),
            _ => format!("{name} says: {}", crate::http::one_line(&error)),
        }));
    }
    let code = back.code.ok_or(ProvidersError::ConnectExpired)?;
    let registration = registration(on, id, service, config, stored.sealed.as_deref())?;
    let verifier = on.vault.open(&place(id), &attempt.verifier)?;
    let api = token_api(on, service, config)?;
    let tokens =
        registration.exchange(&api, &attempt.redirect, &code, &verifier).await.map_err(trouble)?;
    // People may untick what they are asked for.
    if !service.may_send(&tokens.scopes) {
        return Err(refused(format!(
            "{name} was not allowed to let pi-crm send; connect again and leave that ticked"
        )));
    }
    let refresh = tokens.refresh.as_ref().ok_or_else(|| {
        refused(format!("{name} gave no lasting access; remove pi-crm at {name} and connect again"))
    })?;
    let identity = tokens.id_token.as_deref().unwrap_or_default();
    let account = account(identity, &config.client_id, &attempt.nonce).map_err(refused)?;
    let account = EmailAddress::parse(&account)
        .map_err(|_| refused("the account has no address to send from".to_owned()))?;
    let now = on.ctx.now();
    let granted = (account.to_string(), Some(visitor.user_id), now);
    let grant = Grant::new(&on.vault, id, &tokens, refresh, granted)?;
    keep(on, scope, id, &grant).await
}

async fn keep(on: &SeaProviders, scope: &Scope, id: ProviderId, grant: &Grant) -> Result<Provider> {
    let tx = on.ctx.db.begin().await?;
    lock(&tx, scope).await?;
    let row = tx.one(scope, Entity::find_by_id(id)).await?;
    let mut row = row.ok_or(ProvidersError::ConnectExpired)?;
    row.grant_json = Some(serde_json::to_string(grant).map_err(StoreError::from)?);
    row.last_error = None;
    // What is open was opened for the account before.
    row.updated_at = on.ctx.now().max(row.updated_at.plus(Duration::from_millis(1)));
    let update = Entity::update_many()
        .col_expr(Column::GrantJson, Expr::value(row.grant_json.clone()))
        .col_expr(Column::GrantLease, Expr::value(None::<String>))
        .col_expr(Column::GrantLeaseUntil, Expr::value(None::<String>))
        .col_expr(Column::LastError, Expr::value(None::<String>))
        .col_expr(Column::UpdatedAt, Expr::value(row.updated_at));
    tx.update_many(scope, update.filter(Column::Id.eq(id))).await?;
    let event = AuditEvent::new("provider.mailbox_connected", "provider", id)
        .with("account", &grant.account)
        .with("scopes", &grant.scopes);
    on.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(provider(Row { kind: ProviderKind::Email, row })?)
}

/// Ends the connection: here at once, and at the service where it can be told.
pub(super) async fn end(on: &SeaProviders, scope: &Scope, id: ProviderId) -> Result<bool> {
    let Some(row) = on.ctx.db.one(scope, Entity::find_by_id(id)).await? else { return Ok(false) };
    let stored = Stored::read(&in_row(&row))?;
    let Some((service, _)) = stored.config.mailbox() else { return Ok(false) };
    let grant: Option<Grant> =
        row.grant_json.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let tx = on.ctx.db.begin().await?;
    lock(&tx, scope).await?;
    let later = on.ctx.now().max(row.updated_at.plus(Duration::from_millis(1)));
    let update = Entity::update_many()
        .col_expr(Column::GrantJson, Expr::value(None::<String>))
        .col_expr(Column::GrantLease, Expr::value(None::<String>))
        .col_expr(Column::GrantLeaseUntil, Expr::value(None::<String>))
        .col_expr(Column::GrantAttempt, Expr::value(None::<String>))
        .col_expr(Column::UpdatedAt, Expr::value(later));
    tx.update_many(scope, update.filter(Column::Id.eq(id))).await?;
    let account = grant.as_ref().map(|grant| grant.account.as_str());
    let event =
        AuditEvent::new("provider.mailbox_disconnected", "provider", id).with("account", account);
    on.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    on.open.close(id).await;
    if let (Some(grant), Some(place)) = (grant, service.revoke(&on.elsewhere.oauth))
        && let Ok(refresh) = grant.refresh(&on.vault, id)
    {
        revoke(&on.api(place), &refresh).await;
    }
    Ok(true)
}

/// Gives a token back (RFC 7009). Where the service cannot be told now, the token lies nowhere any more all the same.
async fn revoke(at: &Api, token: &SecretString) {
    let token: String =
        url::form_urlencoded::byte_serialize(token.expose_secret().as_bytes()).collect();
    let form = reqwest::header::HeaderValue::from_static("application/x-www-form-urlencoded");
    let body = format!("token={token}").into_bytes();
    let answer =
        at.post("", body, |request| request.header(reqwest::header::CONTENT_TYPE, form)).await;
    match answer {
        Ok(answer) if answer.status < 300 => {}
        Ok(answer) => tracing::info!(status = answer.status, "a token was not taken back"),
        Err(failure) => tracing::info!("a token was not taken back: {}", failure.cause),
    }
}

/// Where the service gives out tokens.
pub(super) fn token_api(
    on: &SeaProviders,
    service: crate::oauth::Service,
    config: &MailboxConfig,
) -> Result<Api> {
    let place = service.token(config.tenant(), &on.elsewhere.oauth);
    let place = place.map_err(|error| ProvidersError::ConnectFailed(error.to_string()))?;
    Ok(on.api(place))
}
