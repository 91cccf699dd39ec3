//! Looks at workspaces' figures.

use crm_core::{InsightRunId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "insight_runs")]
#[expect(clippy::struct_field_names, reason = "the column is about the language model")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InsightRunId,
    pub workspace_id: WorkspaceId,
    pub user_id: Option<UserId>,
    /// `2026-W48`; absent where somebody asked. One look a workspace and week.
    pub week: Option<String>,
    pub started_at: Timestamp,
    /// How many findings the rules had.
    pub found: i64,
    /// A word of [`crate::insights::ModelPart`].
    pub model: String,
    /// How many of the model's findings were thrown away.
    pub refused: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
