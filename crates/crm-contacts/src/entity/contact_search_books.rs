//! The contact book of a workspace as the text index of `SQLite` knows it. `PostgreSQL` has no such table.

use crm_core::WorkspaceId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_search_books")]
pub(crate) struct Model {
    /// Numbers of its contacts in the index begin with it.
    #[sea_orm(primary_key)]
    pub number: i64,
    pub workspace_id: WorkspaceId,
    /// How many there are.
    pub contacts: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
