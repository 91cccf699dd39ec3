//! [`IncomingMail`] on the database.

use std::time::Duration;

use async_trait::async_trait;
use crm_core::sealed::{ResealError, SealedStore};
use crm_core::{IncomingMailboxId, Scope, StoreError, Timestamp, Tx, Vault, settings};
use crm_providers::imap::{Folder, ImapAccount, ImapPlace, ImapSurroundings, Login};
use crm_providers::providers::{ReadableMailbox, Security, TestStep};
use crm_providers::{Providers, ProvidersError};
use sea_orm::EntityTrait;

use super::read::Broken;
use super::state::MailboxState;
use super::{IncomingMail, Look, Mailbox, NewMailbox, Result, address, check, read, reseal, save};
use crate::entity::workspace_mailboxes::{Entity, Model};
use crate::inbound::SeaInbound;

/// What it works with.
#[derive(Clone)]
pub struct MailboxDeps {
    /// What is done with what comes in.
    pub inbound: SeaInbound,
    /// Seals passwords.
    pub vault: Vault,
    /// How servers are reached.
    pub imap: ImapSurroundings,
}

/// [`IncomingMail`] on the database.
#[derive(Clone)]
pub struct SeaIncomingMail {
    pub(super) deps: MailboxDeps,
}

impl SeaIncomingMail {
    /// How long connecting, and each answer of a server, may take unless a test says otherwise.
    pub const PATIENCE: Duration = Duration::from_secs(20);

    /// Mailboxes, with these services.
    pub const fn new(deps: MailboxDeps) -> Self {
        Self { deps }
    }

    pub(super) const fn ctx(&self) -> &crm_core::Context {
        &self.deps.inbound.deps.campaigns.ctx
    }

    /// The mailbox of the workspace.
    pub(super) async fn row(
        &self,
        scope: &Scope,
    ) -> std::result::Result<Option<Model>, StoreError> {
        self.ctx().db.one(scope, Entity::find()).await
    }

    /// Opens its folder.
    pub(super) async fn open(
        &self,
        scope: &Scope,
        row: &Model,
        steps: &mut Vec<TestStep>,
    ) -> std::result::Result<Folder, Broken> {
        let place = place(row)?;
        let around = &self.deps.imap;
        let Some(id) = row.provider_id else {
            let password = self.deps.vault.open(&sealed_at(row.id), &row.password_sealed)?;
            let account = ImapAccount { place, login: Login::Password(password) };
            return Ok(account.open(around, steps).await?);
        };
        let mut refused = None;
        loop {
            let access = self.providers().reading(scope, id, refused.as_ref()).await?;
            let outbound = access.outbound.unwrap_or_else(|| around.outbound.clone());
            let around = ImapSurroundings { outbound, ..around.clone() };
            let place = of_account(&access.mailbox, place.folder.clone());
            let account = ImapAccount { place, login: Login::Token(access.token.clone()) };
            let mut taken = Vec::new();
            let opened = account.open(&around, &mut taken).await;
            // A token may end before its time; a new one that is refused as well is the end.
            let again = refused.is_none() && is_refused_at_sign_in(&taken);
            if again && opened.is_err() {
                refused = Some(access.token);
                continue;
            }
            steps.extend(taken);
            return Ok(opened?);
        }
    }

    pub(super) fn providers(&self) -> &dyn Providers {
        self.deps.inbound.deps.campaigns.providers.as_ref()
    }
}

fn is_refused_at_sign_in(steps: &[TestStep]) -> bool {
    steps.last().is_some_and(|step| step.step == "sign_in" && !step.ok)
}

/// Where the mailbox of a connected account is.
pub(super) fn of_account(mailbox: &ReadableMailbox, folder: String) -> ImapPlace {
    ImapPlace {
        host: mailbox.server.host.clone(),
        port: mailbox.server.port,
        security: mailbox.server.security,
        username: mailbox.account.clone(),
        folder,
    }
}

/// Where a password is sealed: it opens in this row and field only.
pub(super) fn sealed_at(id: IncomingMailboxId) -> String {
    format!("workspace_mailboxes/{id}/password")
}

pub(super) fn place(row: &Model) -> std::result::Result<ImapPlace, StoreError> {
    let corrupt = || StoreError::Corrupt(format!("the mailbox {}", row.id));
    Ok(ImapPlace {
        host: row.host.clone(),
        port: u16::try_from(row.port).map_err(|_| corrupt())?,
        security: match row.security.as_str() {
            "none" => Security::None,
            "starttls" => Security::Starttls,
            "tls" => Security::Tls,
            _ => return Err(corrupt()),
        },
        username: row.username.clone(),
        folder: row.folder.clone(),
    })
}

/// Reading which mailboxes there are has no other outcome than a failing database.
pub(super) fn trouble(error: ProvidersError) -> StoreError {
    match error {
        ProvidersError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    }
}

/// What tells one version of the settings from another.
pub(super) fn version(updated_at: Timestamp) -> i64 {
    updated_at.unix_millis()
}

pub(super) fn mailbox(row: Model) -> std::result::Result<Mailbox, StoreError> {
    Ok(Mailbox {
        id: row.id,
        place: place(&row)?,
        provider_id: row.provider_id,
        state: MailboxState::of(&row),
        address: row.address,
        is_enabled: row.is_enabled,
        last_checked_at: row.last_checked_at,
        last_success_at: row.last_success_at,
        last_error: row.last_error,
        version: version(row.updated_at),
    })
}

#[async_trait]
impl SealedStore for SeaIncomingMail {
    async fn reseal(&self, tx: &Tx) -> std::result::Result<u64, ResealError> {
        reseal::run(self, tx).await
    }
}

#[async_trait]
impl IncomingMail for SeaIncomingMail {
    async fn get(&self, scope: &Scope) -> Result<Option<Mailbox>> {
        Ok(self.row(scope).await?.map(mailbox).transpose()?)
    }

    async fn accounts(&self, scope: &Scope) -> Result<Vec<ReadableMailbox>> {
        Ok(self.providers().readable(scope).await.map_err(trouble)?)
    }

    async fn save(&self, scope: &Scope, new: NewMailbox, seen: Option<i64>) -> Result<Mailbox> {
        save::save(self, scope, new, seen).await
    }

    async fn remove(&self, scope: &Scope) -> Result<bool> {
        save::remove(self, scope).await
    }

    async fn check(&self, scope: &Scope) -> Result<Look> {
        check::run(self, scope).await
    }

    async fn is_closed(&self, scope: &Scope) -> Result<bool> {
        Ok(address::is_closed(self.ctx(), scope).await?)
    }

    async fn set_closed(&self, scope: &Scope, closed: bool) -> Result<()> {
        let ctx = self.ctx();
        let tx = ctx.db.begin().await?;
        let value = if closed { "true" } else { "false" };
        settings::set(ctx, &tx, Some(scope), address::CLOSED, value).await?;
        Ok(tx.commit().await?)
    }

    async fn read_due(&self) -> std::result::Result<usize, StoreError> {
        read::due(self).await
    }
}
