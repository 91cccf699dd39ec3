//! How each row of an import ended.

use crm_core::{ContactId, ImportId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_rows")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: ImportId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_no: i64,
    pub workspace_id: WorkspaceId,
    pub outcome: String,
    pub contact_id: Option<ContactId>,
    pub reason: Option<String>,
    /// The cells of a failed row, a JSON array.
    pub raw: Option<String>,
    /// What an updated contact's changed fields were before.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub before: Option<Json>,
    /// The contact's version after the row, where the row made or changed it.
    pub version_after: Option<i64>,
    /// What undoing the import did to the contact: `removed`, `restored`, `kept`, `gone`.
    pub undo: Option<String>,
    /// Why the contact was kept as it is.
    pub undo_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
