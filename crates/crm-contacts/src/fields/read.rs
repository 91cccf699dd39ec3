//! Fields with how many contacts have a value: two queries, however many fields there are.

use std::collections::HashMap;

use crm_core::{Context, CustomFieldDefinitionId, Scope, StoreError};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{EntityTrait, FromQueryResult, IntoSimpleExpr, QuerySelect};

use super::{Field, FieldType, Result};
use crate::contacts::definitions;
use crate::door::Door;
use crate::entity::custom_field_definitions::Model;
use crate::entity::custom_fields;

#[derive(FromQueryResult)]
struct Filled {
    field_name: String,
    contacts: i64,
}

/// All fields, in their order.
pub(super) async fn all(ctx: &Context, scope: &Scope) -> Result<Vec<Field>> {
    let door = Door::Db(&ctx.db);
    let rows = definitions::rows(door, scope).await?;
    let counts = custom_fields::Entity::find()
        .select_only()
        .column(custom_fields::Column::FieldName)
        .expr_as(custom_fields::Column::ContactId.into_simple_expr().count(), "contacts")
        .group_by(custom_fields::Column::FieldName);
    let counts = door.all_as::<_, Filled>(scope, counts).await?;
    let counts: HashMap<String, i64> =
        counts.into_iter().map(|row| (row.field_name, row.contacts)).collect();
    let (mut own, mut global) = (0, 0);
    let fields = rows.into_iter().map(|row| {
        let place = if row.workspace_id.is_some() { &mut own } else { &mut global };
        *place += 1;
        let contacts = counts.get(&row.field_name).copied().unwrap_or(0);
        field(row, *place, contacts)
    });
    Ok(fields.collect::<std::result::Result<_, _>>()?)
}

/// One field.
pub(super) async fn one(
    ctx: &Context,
    scope: &Scope,
    id: CustomFieldDefinitionId,
) -> Result<Option<Field>> {
    Ok(all(ctx, scope).await?.into_iter().find(|field| field.id == id))
}

fn field(row: Model, position: i64, contacts: i64) -> std::result::Result<Field, StoreError> {
    let contacts = u64::try_from(contacts);
    Ok(Field {
        id: row.id,
        field_type: FieldType::parse(&row.field_type)?,
        options: row.options.map(serde_json::from_value).transpose()?.unwrap_or_default(),
        name: row.field_name,
        label: row.label,
        is_required: row.is_required,
        default_value: row.default_value,
        position,
        is_global: row.workspace_id.is_none(),
        archived_at: row.archived_at,
        contacts: contacts.map_err(|_| StoreError::Corrupt("a negative count".to_owned()))?,
        version: row.version,
        created_at: row.created_at,
    })
}
