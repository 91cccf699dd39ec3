//! The mailbox a workspace reads: how to get in, how far it was read, and how it stands.

use crm_core::{IncomingMailboxId, ProviderId, Timestamp, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workspace_mailboxes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IncomingMailboxId,
    pub workspace_id: WorkspaceId,
    /// Mail to this address ends up in it.
    pub address: String,
    pub host: String,
    pub port: i64,
    /// `none`, `starttls` or `tls`
    pub security: String,
    /// The connected account whose token lets us in, in place of a password.
    pub provider_id: Option<ProviderId>,
    pub username: String,
    pub password_sealed: String,
    pub folder: String,
    pub is_enabled: bool,
    /// Numbers of messages mean something as long as the server says the same here; absent before the first look.
    pub uid_validity: Option<i64>,
    /// Messages up to this number were read.
    pub uid_seen: i64,
    pub next_read_at: Timestamp,
    /// Who is reading it.
    pub lease_token: Option<String>,
    pub lease_until: Option<Timestamp>,
    /// Looks in a row that failed.
    pub failures: i64,
    pub last_checked_at: Option<Timestamp>,
    pub last_success_at: Option<Timestamp>,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
