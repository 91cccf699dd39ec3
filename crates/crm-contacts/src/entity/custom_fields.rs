//! Values of custom fields, one row a value.

use crm_core::{ContactId, Context, CustomFieldId, Scope, Timestamp, WorkspaceId};
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use serde::{Deserialize, Serialize};

use crate::fields::FieldType;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "custom_fields")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CustomFieldId,
    pub workspace_id: WorkspaceId,
    pub contact_id: ContactId,
    pub field_name: String,
    pub field_value: String,
    pub field_type: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

/// A contact's value in a field, as it is written with [`replacing`].
pub(crate) fn value(
    ctx: &Context,
    scope: &Scope,
    contact_id: ContactId,
    (name, kind): (&str, FieldType),
    value: String,
    now: Timestamp,
) -> ActiveModel {
    ActiveModel {
        id: Set(ctx.id(CustomFieldId::from_uuid)),
        workspace_id: Set(scope.workspace_id()),
        contact_id: Set(contact_id),
        field_name: Set(name.to_owned()),
        field_value: Set(value),
        field_type: Set(kind.as_str().to_owned()),
        created_at: Set(now),
        updated_at: Set(now),
    }
}

/// The rule under which a value takes the place of the one that is there.
pub(crate) fn replacing() -> OnConflict {
    OnConflict::columns([Column::ContactId, Column::FieldName])
        .update_columns([Column::FieldValue, Column::FieldType, Column::UpdatedAt])
        .to_owned()
}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();
