//! Stages and tags.

use crm_core::{ListId, Timestamp, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_lists")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ListId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub is_primary: bool,
    pub position: i64,
    pub color: Option<String>,
    pub created_at: Timestamp,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();

/// The colour of lists that have none.
const PLAIN: i64 = 1;

/// Reads the stored colour, 1 to 8.
pub(crate) fn color(stored: Option<&str>) -> i64 {
    stored.and_then(|text| text.parse().ok()).unwrap_or(PLAIN)
}
