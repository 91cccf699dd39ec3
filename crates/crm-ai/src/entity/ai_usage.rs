//! Uses of language models.

use crm_core::{AiUsageId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ai_usage")]
#[expect(clippy::struct_field_names, reason = "the column is the language model's name")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AiUsageId,
    pub workspace_id: WorkspaceId,
    pub user_id: Option<UserId>,
    pub at: Timestamp,
    /// What for: `template_draft` or `insights`.
    pub purpose: String,
    pub model: String,
    /// `running`, `done`, `stopped`, or a word of [`crate::ModelError`].
    pub outcome: String,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    /// Whether the server did not say how many there were.
    pub is_estimate: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
