//! Connected e-mail providers.

use crm_core::{ProviderId, Timestamp, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workspace_email_provider")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProviderId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub provider_type: String,
    /// The settings, with the secret among them sealed.
    #[sea_orm(column_type = "JsonBinary")]
    pub config_json: Json,
    pub is_default: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub last_checked_at: Option<Timestamp>,
    pub last_error: Option<String>,
    pub last_success_at: Option<Timestamp>,
    /// What somebody granted who connected a mailbox; its tokens are sealed.
    pub grant_json: Option<String>,
    /// Who is renewing its tokens.
    pub grant_lease: Option<String>,
    pub grant_lease_until: Option<Timestamp>,
    /// What is kept of somebody who is at the service to connect it.
    pub grant_attempt: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
