//! Setting the mailbox up, changing it, and forgetting it.

use crm_core::{AuditEvent, EmailAddress, IncomingMailboxId, ProviderId, Scope, StoreError};
use crm_providers::imap::{BadPlace, ImapPlace};
use crm_providers::providers::Security;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{EntityTrait, QuerySelect, Set};
use secrecy::{ExposeSecret as _, SecretString};

use super::sea::{SeaIncomingMail, mailbox, place, sealed_at, version};
use super::{Mailbox, MailboxError, NewMailbox, Result};
use crate::entity::workspace_mailboxes::{ActiveModel, Column, Entity, Model};

impl From<BadPlace> for MailboxError {
    fn from(bad: BadPlace) -> Self {
        match bad {
            BadPlace::Invalid { field, problem } => Self::Invalid { field, problem },
            BadPlace::Blocked(host) => Self::OutboundBlocked(host),
        }
    }
}

const fn word(security: Security) -> &'static str {
    match security {
        Security::None => "none",
        Security::Starttls => "starttls",
        Security::Tls => "tls",
    }
}

fn address(text: &str) -> Result<String> {
    let problem = "enter the mailbox's own address, like crm@example.com";
    let bad = || MailboxError::Invalid { field: "address", problem: problem.to_owned() };
    let address = EmailAddress::parse(text).map_err(|_| bad())?;
    if address.as_str().is_ascii() { Ok(address.as_str().to_owned()) } else { Err(bad()) }
}

pub(super) async fn save(
    on: &SeaIncomingMail,
    scope: &Scope,
    new: NewMailbox,
    seen: Option<i64>,
) -> Result<Mailbox> {
    let ctx = on.ctx();
    let address = address(&new.address)?;
    let password = new.password.filter(|password| !password.expose_secret().is_empty());
    let known_row = on.row(scope).await?;
    let kept = known_row.as_ref().map(place).transpose()?;
    let outbound = &on.deps.imap.outbound;
    let (place, password) = match new.provider_id {
        None => {
            // A password goes with the server it was typed in for, and with no account there was one.
            let kept = kept.as_ref().filter(|_| known_row.as_ref().is_some_and(has_password));
            (new.place.checked(password.as_ref(), kept, outbound).await?, password)
        }
        Some(id) => (account(on, scope, id, new.place.folder).await?, Some(String::new().into())),
    };

    let tx = ctx.db.begin().await?;
    tx.serialize_on(&format!("incoming mail:{}", scope.workspace_id())).await?;
    let row = tx.one(scope, Entity::find().lock(LockType::Update)).await?;
    let known = row.as_ref().map_or(0, |row| version(row.updated_at));
    if seen.is_some_and(|seen| seen != known) {
        return Err(MailboxError::Stale);
    }
    // Between the check of the password and now somebody else may have put in another server.
    if row.as_ref().map(super::sea::place).transpose()? != kept {
        return Err(MailboxError::Stale);
    }
    let id = row.as_ref().map_or_else(|| ctx.id(IncomingMailboxId::from_uuid), |row| row.id);
    let sealed = password.map(|password: SecretString| {
        let sealed = on.deps.vault.seal(&sealed_at(id), password.expose_secret());
        sealed.map_err(|error| StoreError::Corrupt(error.to_string()))
    });
    let sealed = sealed.transpose()?;
    let action = if row.is_some() { "incoming_mail.changed" } else { "incoming_mail.set_up" };
    let row = match row {
        Some(row) => changed(on, row, (address, place, new.is_enabled), sealed),
        None => fresh(on, id, (address, place, new.is_enabled), sealed.unwrap_or_default()),
    };
    let row = Model { provider_id: new.provider_id, ..row };
    let event = AuditEvent::new(action, "incoming_mailbox", id)
        .with("address", &row.address)
        .with("host", &row.host)
        .with("username", &row.username)
        .with("folder", &row.folder)
        .with("account", row.provider_id)
        .with("is_enabled", row.is_enabled);
    put(&tx, scope, &row, action == "incoming_mail.set_up").await?;
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(mailbox(row)?)
}

/// Whether there is a password, which a connected account has none of.
const fn has_password(row: &Model) -> bool {
    row.provider_id.is_none()
}

/// Where the mailbox of a connected account is.
async fn account(
    on: &SeaIncomingMail,
    scope: &Scope,
    id: ProviderId,
    folder: String,
) -> Result<ImapPlace> {
    let readable = on.providers().readable(scope).await.map_err(super::sea::trouble)?;
    let found = readable.iter().find(|mailbox| mailbox.id == id);
    let found = found.ok_or_else(|| MailboxError::Invalid {
        field: "provider_id",
        problem: "choose an account that is connected and may be read".to_owned(),
    })?;
    let folder = ImapPlace::checked_folder(&folder)?;
    Ok(super::sea::of_account(found, folder))
}

fn fresh(
    on: &SeaIncomingMail,
    id: IncomingMailboxId,
    (address, place, is_enabled): (String, ImapPlace, bool),
    password_sealed: String,
) -> Model {
    let now = on.ctx().now();
    Model {
        id,
        // Set by the door to the database, to that of the scope.
        workspace_id: crm_core::WorkspaceId::from_uuid(id.as_uuid()),
        address,
        host: place.host,
        port: i64::from(place.port),
        security: word(place.security).to_owned(),
        provider_id: None,
        username: place.username,
        password_sealed,
        folder: place.folder,
        is_enabled,
        uid_validity: None,
        uid_seen: 0,
        next_read_at: now,
        lease_token: None,
        lease_until: None,
        failures: 0,
        last_checked_at: None,
        last_success_at: None,
        last_error: None,
        created_at: now,
        updated_at: now,
    }
}

/// The row with new settings. Another folder begins anew; whoever is reading the old one is stopped by the lost lease.
fn changed(
    on: &SeaIncomingMail,
    row: Model,
    (address, place, is_enabled): (String, ImapPlace, bool),
    sealed: Option<String>,
) -> Model {
    let now = on.ctx().now();
    let is_same =
        (&row.host, &row.username, &row.folder) == (&place.host, &place.username, &place.folder);
    let row = if is_same {
        row
    } else {
        Model { uid_validity: None, uid_seen: 0, last_success_at: None, ..row }
    };
    Model {
        address,
        host: place.host,
        port: i64::from(place.port),
        security: word(place.security).to_owned(),
        username: place.username,
        password_sealed: sealed.unwrap_or(row.password_sealed),
        folder: place.folder,
        is_enabled,
        next_read_at: now,
        lease_token: None,
        lease_until: None,
        failures: 0,
        last_error: None,
        // Two changes within one millisecond are two versions.
        updated_at: now.max(row.updated_at.plus(std::time::Duration::from_millis(1))),
        ..row
    }
}

async fn put(tx: &crm_core::Tx, scope: &Scope, row: &Model, is_new: bool) -> Result<()> {
    if is_new {
        let all = ActiveModel {
            id: Set(row.id),
            workspace_id: Set(scope.workspace_id()),
            address: Set(row.address.clone()),
            host: Set(row.host.clone()),
            port: Set(row.port),
            security: Set(row.security.clone()),
            provider_id: Set(row.provider_id),
            username: Set(row.username.clone()),
            password_sealed: Set(row.password_sealed.clone()),
            folder: Set(row.folder.clone()),
            is_enabled: Set(row.is_enabled),
            uid_validity: Set(None),
            uid_seen: Set(0),
            next_read_at: Set(row.next_read_at),
            lease_token: Set(None),
            lease_until: Set(None),
            failures: Set(0),
            last_checked_at: Set(None),
            last_success_at: Set(None),
            last_error: Set(None),
            created_at: Set(row.created_at),
            updated_at: Set(row.updated_at),
        };
        tx.insert(scope, all).await?;
        return Ok(());
    }
    let update = Entity::update_many()
        .col_expr(Column::Address, Expr::value(row.address.as_str()))
        .col_expr(Column::Host, Expr::value(row.host.as_str()))
        .col_expr(Column::Port, Expr::value(row.port))
        .col_expr(Column::Security, Expr::value(row.security.as_str()))
        .col_expr(Column::ProviderId, Expr::value(row.provider_id))
        .col_expr(Column::Username, Expr::value(row.username.as_str()))
        .col_expr(Column::PasswordSealed, Expr::value(row.password_sealed.as_str()))
        .col_expr(Column::Folder, Expr::value(row.folder.as_str()))
        .col_expr(Column::IsEnabled, Expr::value(row.is_enabled))
        .col_expr(Column::UidValidity, Expr::value(row.uid_validity))
        .col_expr(Column::UidSeen, Expr::value(row.uid_seen))
        .col_expr(Column::NextReadAt, Expr::value(row.next_read_at))
        .col_expr(Column::LeaseToken, Expr::value(None::<String>))
        .col_expr(Column::LeaseUntil, Expr::value(None::<String>))
        .col_expr(Column::Failures, Expr::value(0_i64))
        .col_expr(Column::LastSuccessAt, Expr::value(row.last_success_at))
        .col_expr(Column::LastError, Expr::value(None::<String>))
        .col_expr(Column::UpdatedAt, Expr::value(row.updated_at));
    tx.update_many(scope, update).await?;
    Ok(())
}

pub(super) async fn remove(on: &SeaIncomingMail, scope: &Scope) -> Result<bool> {
    let ctx = on.ctx();
    let tx = ctx.db.begin().await?;
    let Some(row) = tx.one(scope, Entity::find().lock(LockType::Update)).await? else {
        return Ok(false);
    };
    tx.delete_many(scope, Entity::delete_many()).await?;
    let event = AuditEvent::new("incoming_mail.removed", "incoming_mailbox", row.id)
        .with("address", &row.address);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(true)
}
