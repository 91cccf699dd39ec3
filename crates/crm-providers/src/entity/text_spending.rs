//! What the text messages of a provider were in a month, in parts.

use crm_core::{ProviderId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "text_spending")]
pub(crate) struct Model {
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: ProviderId,
    /// `2026-11`
    #[sea_orm(primary_key, auto_increment = false)]
    pub month: String,
    pub parts: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
