//! Mailboxes people connected, for reading them by IMAP: which there are, and how to get in.

use async_trait::async_trait;
use crm_core::{ProviderId, Scope, StoreError};
use sea_orm::EntityTrait;
use secrecy::SecretString;

use super::connect::token_api;
use super::mailbox::{access, registration};
use super::rows::Row;
use super::store::Stored;
use super::{ProviderKind, ProvidersError, Result, SeaProviders};
use crate::entity::workspace_email_provider::{Entity, Model};
use crate::imap::ImapServer;
use crate::oauth::{self, Grant, Service};
use crate::outbound::OutboundPolicy;

/// A mailbox that is connected and may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadableMailbox {
    /// The provider it was connected for.
    pub id: ProviderId,
    /// Its address.
    pub account: String,
    /// Where it is read.
    pub server: ImapServer,
}

/// How to get into a mailbox.
#[derive(Debug, Clone)]
pub struct ReadingAccess {
    /// The mailbox.
    pub mailbox: ReadableMailbox,
    /// A token that is good for some minutes.
    pub token: SecretString,
    /// Where the connection may go, where that is the operator's word and no user's.
    pub outbound: Option<OutboundPolicy>,
}

/// The mailboxes of one workspace that may be read.
#[async_trait]
pub trait ReadableMailboxes: Send + Sync {
    /// All of them.
    async fn readable(&self, scope: &Scope) -> Result<Vec<ReadableMailbox>>;
    /// How to get into one. `refused` is a token the server did not take: there will be another one.
    ///
    /// # Errors
    /// [`ProvidersError::NotConnected`] where it may not be read, [`ProvidersError::ConnectFailed`] with the service's
    /// own words where it gives no token.
    async fn reading(
        &self,
        scope: &Scope,
        id: ProviderId,
        refused: Option<&SecretString>,
    ) -> Result<ReadingAccess>;
}

#[async_trait]
impl ReadableMailboxes for SeaProviders {
    async fn readable(&self, scope: &Scope) -> Result<Vec<ReadableMailbox>> {
        let rows = self.ctx.db.all(scope, Entity::find()).await?;
        let mut found = Vec::new();
        for row in rows {
            found.extend(self.mailbox(&row)?.map(|(mailbox, ..)| mailbox));
        }
        Ok(found)
    }

    async fn reading(
        &self,
        scope: &Scope,
        id: ProviderId,
        refused: Option<&SecretString>,
    ) -> Result<ReadingAccess> {
        let row = self.ctx.db.one(scope, Entity::find_by_id(id)).await?;
        let row = row.ok_or(ProvidersError::NotConnected)?;
        let (mailbox, service, stored) = self.mailbox(&row)?.ok_or(ProvidersError::NotConnected)?;
        let (_, config) = stored.config.mailbox().ok_or(ProvidersError::NotConnected)?;
        let registration = registration(self, id, service, config, stored.sealed.as_deref())?;
        let at = token_api(self, service, config)?;
        let access = access(self, scope.workspace_id(), id, registration, at);
        let token = access.reading_token(refused).await;
        let token =
            token.map_err(|error| ProvidersError::ConnectFailed(oauth::words(error, service)))?;
        let (_, is_operators) = service.imap(&self.elsewhere.oauth);
        let outbound = is_operators.then(|| mailbox.server.trusted()).transpose();
        let outbound = outbound.map_err(ProvidersError::ConnectFailed)?;
        Ok(ReadingAccess { mailbox, token, outbound })
    }
}

impl SeaProviders {
    /// The mailbox of this row, where it is one that may be read.
    fn mailbox(&self, row: &Model) -> Result<Option<(ReadableMailbox, Service, Stored)>> {
        let Some(grant) = row.grant_json.as_deref() else { return Ok(None) };
        let stored = Stored::read(&Row { kind: ProviderKind::Email, row: row.clone() })?;
        let Some((service, config)) = stored.config.mailbox() else { return Ok(None) };
        if !config.may_read {
            return Ok(None);
        }
        let grant: Grant = serde_json::from_str(grant).map_err(StoreError::from)?;
        let (server, _) = service.imap(&self.elsewhere.oauth);
        let mailbox = ReadableMailbox { id: row.id, account: grant.account, server };
        Ok(Some((mailbox, service, stored)))
    }
}
