//! What templates were before each change.

use crm_core::{TemplateId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "template_versions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub template_id: TemplateId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    pub workspace_id: WorkspaceId,
    pub name: String,
    /// A [`crate::templates::NewTemplate`].
    pub content: Json,
    pub saved_by: Option<UserId>,
    pub saved_at: Timestamp,
    pub restored_from: Option<i64>,
    pub drafted_with: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
