//! Runs of the server process. They belong to no workspace.

use crm_core::{BootId, Timestamp};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "engine_boots")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub boot_id: BootId,
    pub started_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub stopped_at: Option<Timestamp>,
    pub host: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
