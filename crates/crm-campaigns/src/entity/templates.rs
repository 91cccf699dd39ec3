//! Message templates.

use crm_core::{TemplateId, Timestamp, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "templates")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TemplateId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    /// A word of [`crate::templates::Channel`].
    pub channel: String,
    /// A word of [`crate::templates::Format`].
    pub format: String,
    pub subject: String,
    pub body_html: String,
    pub body_text: Option<String>,
    pub preheader: Option<String>,
    pub signature: Option<String>,
    /// [`crate::templates::Block`]s, where the body is made from them.
    pub blocks: Option<Json>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
