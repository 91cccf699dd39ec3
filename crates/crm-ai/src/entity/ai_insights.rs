//! Findings about a workspace.

use crm_core::{InsightId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ai_insights")]
#[expect(clippy::struct_field_names, reason = "the column is the language model's name")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InsightId,
    /// Who asked; the owner where nobody did.
    pub user_id: UserId,
    pub workspace_id: WorkspaceId,
    /// A word of [`crate::insights::Kind`].
    #[sea_orm(column_name = "type")]
    pub kind: String,
    /// One sentence.
    pub content: String,
    pub confidence: f64,
    pub created_at: Timestamp,
    pub dismissed_at: Option<Timestamp>,
    /// A word of [`crate::insights::Subject`].
    pub subject: String,
    /// [`crate::insights::Figure`], many.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub evidence: Option<Json>,
    /// Where the list behind the figures is.
    pub url: String,
    /// The model that phrased it; absent where the rules did.
    pub model: Option<String>,
    /// A word of [`crate::insights::Rating`].
    pub rating: Option<String>,
    /// When a later look took its place.
    pub replaced_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
