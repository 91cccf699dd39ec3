//! Keys that mail servers' messages are signed with.

use crm_core::{DkimKeyId, ProviderId, Timestamp, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dkim_keys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DkimKeyId,
    pub workspace_id: WorkspaceId,
    pub provider_id: ProviderId,
    pub selector: String,
    /// Sealed for this row.
    pub private_key: String,
    /// As the DNS shows it.
    pub public_key: String,
    pub is_on: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
