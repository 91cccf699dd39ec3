//! What the practice provider took.

use crm_core::{CampaignId, ContactId, PracticeMessageId, Timestamp, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "practice_messages")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PracticeMessageId,
    pub workspace_id: WorkspaceId,
    pub channel: String,
    pub to_address: String,
    pub from_address: Option<String>,
    pub subject: Option<String>,
    pub html: Option<String>,
    pub text: Option<String>,
    /// Array of `[name, value]`.
    #[sea_orm(column_type = "JsonBinary")]
    pub headers: Option<Json>,
    pub campaign_id: Option<CampaignId>,
    pub contact_id: Option<ContactId>,
    pub sent_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
