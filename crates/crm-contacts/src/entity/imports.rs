//! Imports and how far they are.

use crm_core::{BootId, ImportId, ListId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImportId,
    pub workspace_id: WorkspaceId,
    pub user_id: Option<UserId>,
    pub file_name: String,
    /// Where the file is inside the data folder, for people who look; the program derives it from the id.
    pub file_path: Option<String>,
    pub list_id: Option<ListId>,
    pub mode: String,
    pub dry_run: bool,
    pub state: String,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub mapping: Option<Json>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub dialect: Option<Json>,
    pub total: i64,
    pub created: i64,
    pub updated: i64,
    pub skipped: i64,
    pub failed: i64,
    pub error: Option<String>,
    /// Number of the first row without an outcome; 0 before the first one was read.
    pub resume_at_row: i64,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub boot_id: Option<BootId>,
    /// `undoing` or `undone`, once that was asked for.
    pub undo_state: Option<String>,
    pub undo_removed: i64,
    pub undo_restored: i64,
    pub undo_kept: i64,
    pub undo_gone: i64,
    pub undone_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
