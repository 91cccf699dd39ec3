//! What came in from outside, by the sender's own id: told twice, it is noted once.

use crm_core::{ContactId, InboundMessageId, RecipientId, Timestamp, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "inbound_messages")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InboundMessageId,
    pub workspace_id: WorkspaceId,
    /// A word of [`crate::templates::Channel`].
    pub channel: String,
    /// The provider's id, or a `Message-ID`.
    pub external_id: String,
    /// `message`, `stop`, `start`, `help`, `bounce` or `complaint`.
    pub kind: String,
    pub contact_id: Option<ContactId>,
    /// The message it answers.
    pub recipient_id: Option<RecipientId>,
    pub received_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
