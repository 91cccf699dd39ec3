//! Who is in which stage and has which tags.

use crm_core::{ContactId, ListId, Timestamp, WorkspaceId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "contact_list_assignments")]
pub(crate) struct Model {
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: ContactId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub list_id: ListId,
    /// Repeats the list's own value, so that the database can hold a contact to one stage.
    pub is_primary: bool,
    pub assigned_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::contact_lists::Entity",
        from = "Column::ListId",
        to = "super::contact_lists::Column::Id"
    )]
    List,
    #[sea_orm(
        belongs_to = "super::base_contacts::Entity",
        from = "Column::ContactId",
        to = "super::base_contacts::Column::Id"
    )]
    Contact,
}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
