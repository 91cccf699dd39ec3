//! What each provider has sent in its current minute and day.

use crm_core::{ProviderId, Timestamp, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_budgets")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: ProviderId,
    pub workspace_id: WorkspaceId,
    pub minute_start: Option<Timestamp>,
    pub minute_used: i64,
    pub day_start: Option<Timestamp>,
    pub day_used: i64,
    /// Days on which something was sent, for warming up.
    pub days_sent: i64,
    pub last_sent_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
