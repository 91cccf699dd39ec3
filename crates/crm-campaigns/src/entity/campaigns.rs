//! Campaigns.

use crm_core::{CampaignId, ProviderId, TemplateId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CampaignId,
    pub workspace_id: WorkspaceId,
    /// `campaign`, or `single` for a message to one person, which is no campaign to anybody but the engine.
    pub kind: String,
    pub name: String,
    /// A word of [`crate::templates::Channel`].
    #[sea_orm(column_name = "type")]
    pub channel: String,
    pub template_id: Option<TemplateId>,
    #[sea_orm(column_type = "JsonBinary")]
    pub segment_json: Json,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub schedule_json: Option<Json>,
    /// [`crate::campaigns::SubjectTest`]
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub subject_test_json: Option<Json>,
    /// A word of [`crate::campaigns::Variant`], once it is decided.
    pub subject_winner: Option<String>,
    /// A word of [`crate::campaigns::Status`].
    pub status: String,
    /// A word of [`crate::templates::Channel`]: which kind of provider `provider_id` is of.
    pub provider_kind: Option<String>,
    pub provider_id: Option<ProviderId>,
    /// [`crate::campaigns::content::PinnedContent`] as submitted for approval.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub content_json: Option<Json>,
    pub content_hash: Option<String>,
    pub audience_count: Option<i64>,
    pub pause_reason: Option<String>,
    pub count_total: i64,
    pub count_sent: i64,
    pub count_failed: i64,
    pub count_skipped: i64,
    pub count_unknown: i64,
    pub created_by: Option<UserId>,
    pub approved_by: Option<UserId>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

/// The `kind` of a campaign.
pub(crate) const CAMPAIGN: &str = "campaign";
/// The `kind` of a message to one person.
pub(crate) const SINGLE: &str = "single";

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
