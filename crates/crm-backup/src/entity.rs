//! Backups that were made. They belong to no workspace.

use crm_core::{BackupId, Timestamp};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backups")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BackupId,
    pub path: String,
    pub bytes: Option<i64>,
    pub sha256: Option<String>,
    pub state: String,
    pub verified_at: Option<Timestamp>,
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
