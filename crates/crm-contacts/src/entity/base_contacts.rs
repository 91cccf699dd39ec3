//! Contacts.

use crm_core::{ContactId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
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

impl Model {
    /// First and last name, else company, else address, else phone.
    pub(crate) fn display_name(&self) -> String {
        let email = self.primary_email.as_deref().unwrap_or_default();
        let phone = self.primary_phone.as_deref().unwrap_or_default();
        crate::contacts::name_of([&self.first_name, &self.last_name, &self.company, email, phone])
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

/// The rule under which a contact's row takes the place of the one that is there: all that can change about it.
pub(crate) fn replacing() -> OnConflict {
    OnConflict::column(Column::Id)
        .update_columns([
            Column::UpdatedAt,
            Column::FirstName,
            Column::LastName,
            Column::PrimaryEmail,
            Column::PrimaryPhone,
            Column::Company,
            Column::OwnerId,
            Column::ValueMinor,
            Column::StageSince,
            Column::Version,
        ])
        .to_owned()
}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
