//! The ledger: one row for everybody a campaign found, those left out included.

use crm_core::{BootId, CampaignId, ContactId, ProviderId, RecipientId, Timestamp, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_recipients")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RecipientId,
    pub workspace_id: WorkspaceId,
    pub campaign_id: CampaignId,
    /// Absent once the contact is deleted.
    pub contact_id: Option<ContactId>,
    /// A word of [`crate::templates::Channel`].
    pub channel: String,
    /// Absent in rows left out for want of one, or because another row has it.
    pub address: Option<String>,
    /// A word of [`crate::campaigns::RecipientState`].
    pub state: String,
    /// A word of [`crate::campaigns::SkipReason`], in rows left out.
    pub reason: Option<String>,
    pub attempts: i64,
    pub next_attempt_at: Option<Timestamp>,
    pub claim_token: Option<String>,
    pub boot_id: Option<BootId>,
    pub claimed_at: Option<Timestamp>,
    /// `Message-ID` without angle brackets, fixed before the first attempt.
    pub message_id: Option<String>,
    pub provider_id: Option<ProviderId>,
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub opened_at: Option<Timestamp>,
    pub clicked_at: Option<Timestamp>,
    pub bounced_at: Option<Timestamp>,
    pub unsubscribed_at: Option<Timestamp>,
    /// Set by whoever reads the mailbox.
    pub replied_at: Option<Timestamp>,
    /// When a machine first loaded the picture of it.
    pub machine_opened_at: Option<Timestamp>,
    /// When a machine first followed a link in it.
    pub machine_clicked_at: Option<Timestamp>,
    /// Which subject it gets or got: a word of [`crate::campaigns::Variant`]. Absent without a test, and in rows that wait
    /// for its decision.
    pub variant: Option<String>,
    /// When the provider says it arrived.
    pub delivered_at: Option<Timestamp>,
    /// The provider's own id of it.
    pub external_id: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
