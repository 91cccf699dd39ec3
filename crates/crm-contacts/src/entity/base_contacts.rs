//! Contacts.

use crm_core::{ContactId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "base_contacts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContactId,
    pub workspace_id: WorkspaceId,
    pub created_on: Timestamp,
    pub updated_at: Timestamp,
    pub first_name: String,
    pub last_name: String,
    pub primary_email: Option<String>,
    pub primary_phone: Option<String>,
    pub company: String,
    pub owner_id: Option<UserId>,
    pub value_minor: Option<i64>,
    pub stage_since: Option<Timestamp>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
