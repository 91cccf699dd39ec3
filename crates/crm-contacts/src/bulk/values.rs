//! Setting one field of many contacts.

use std::collections::HashMap;

use crm_core::{ContactId, Context, Scope, Tx, workspace};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::apply::Batch;
use super::columns::ColumnValue;
use super::lists::{kept, touched};
use super::rows::Outcome;
use super::{BulkError, Result};
use crate::contacts::custom::to_text;
use crate::contacts::definitions::{self, FieldType};
use crate::contacts::{ContactsError, CustomValue};
use crate::door::Door;
use crate::entity::custom_fields;

/// What stands before the name of a custom field.
const PREFIX: &str = "custom.";

/// What a field held before, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) value: Option<String>,
}

/// A checked value for a field.
pub(super) enum Wanted {
    Column(ColumnValue),
    Custom { name: String, kind: FieldType, text: Option<String> },
}

impl Wanted {
    pub(super) async fn read(
        tx: &Tx,
        scope: &Scope,
        field: &str,
        value: Option<&CustomValue>,
    ) -> Result<Self> {
        if let Some(column) = ColumnValue::read(field, value)? {
            if let ColumnValue::Owner(Some(owner)) = &column
                && !workspace::is_member_in(tx, scope, *owner).await?
            {
                return Err(ContactsError::InvalidOwner.into());
            }
            return Ok(Self::Column(column));
        }
        let wrong = |field: &str, problem: String| BulkError::InvalidValue {
            field: field.to_owned(),
            problem,
        };
        let name = field.strip_prefix(PREFIX).unwrap_or(field);
        let known = definitions::load(Door::Tx(tx), scope).await?;
        let Some(known) = known.into_iter().find(|known| known.name == name) else {
            return Err(wrong("field", format!("{field} cannot be set for many contacts")));
        };
        if known.is_archived {
            return Err(wrong(field, "is archived and takes no new values".to_owned()));
        }
        let text = match value {
            Some(value) => to_text(&known, value).map_err(|problem| wrong(field, problem))?,
            None => None,
        };
        if known.is_required && text.is_none() {
            return Err(wrong(field, "must have a value".to_owned()));
        }
        Ok(Self::Custom { name: known.name, kind: known.field_type, text })
    }
}

pub(super) async fn set(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    batch: Batch,
    field: &str,
    value: Option<&CustomValue>,
) -> Result<Vec<Outcome>> {
    match Wanted::read(tx, scope, field, value).await? {
        Wanted::Column(column) => set_column(ctx, tx, scope, batch, &column).await,
        Wanted::Custom { name, kind, text } => {
            set_custom(ctx, tx, scope, batch, (&name, kind, text.as_deref())).await
        }
    }
}

async fn set_column(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    batch: Batch,
    wanted: &ColumnValue,
) -> Result<Vec<Outcome>> {
    let Batch { there, mut outcomes } = batch;
    let mut changed = Vec::new();
    for (row_no, row) in there {
        let has = wanted.of(&row);
        if has == *wanted {
            outcomes.push(Outcome::new(row_no, "unchanged"));
        } else if wanted.would_empty(&row) {
            let why = "the contact would have neither a name nor an address";
            outcomes.push(Outcome::new(row_no, "refused").because(why));
        } else {
            let before = kept(&Held { value: has.text() })?;
            outcomes.push(Outcome::new(row_no, "changed").having(before));
            changed.push(row.id);
        }
    }
    write_column(ctx, tx, scope, changed, wanted).await?;
    Ok(outcomes)
}

pub(super) async fn write_column(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    ids: Vec<ContactId>,
    value: &ColumnValue,
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let (column, expr) = value.written();
    tx.update_many(scope, touched(ctx, ids).col_expr(column, expr)).await?;
    Ok(())
}

/// The values contacts have in a custom field.
pub(super) async fn held(
    tx: &Tx,
    scope: &Scope,
    ids: &[ContactId],
    name: &str,
) -> Result<HashMap<ContactId, String>> {
    let select = custom_fields::Entity::find()
        .filter(custom_fields::Column::ContactId.is_in(ids.to_vec()))
        .filter(custom_fields::Column::FieldName.eq(name));
    let rows = tx.all(scope, select).await?;
    Ok(rows.into_iter().map(|row| (row.contact_id, row.field_value)).collect())
}

async fn set_custom(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    batch: Batch,
    (name, kind, text): (&str, FieldType, Option<&str>),
) -> Result<Vec<Outcome>> {
    let held = held(tx, scope, &batch.ids(), name).await?;
    let Batch { there, mut outcomes } = batch;
    let mut changed = Vec::new();
    for (row_no, row) in there {
        let has = held.get(&row.id).map(String::as_str);
        if has == text {
            outcomes.push(Outcome::new(row_no, "unchanged"));
        } else {
            let before = kept(&Held { value: has.map(str::to_owned) })?;
            outcomes.push(Outcome::new(row_no, "changed").having(before));
            changed.push((row.id, text.map(str::to_owned)));
        }
    }
    write_custom(ctx, tx, scope, (name, kind), changed).await?;
    Ok(outcomes)
}

/// Gives contacts values in a custom field, or takes theirs away.
pub(super) async fn write_custom(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    (name, kind): (&str, FieldType),
    values: Vec<(ContactId, Option<String>)>,
) -> Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    let now = ctx.now();
    let ids = values.iter().map(|(id, _)| *id).collect();
    let (mut gone, mut rows) = (Vec::new(), Vec::new());
    for (contact_id, value) in values {
        let Some(value) = value else {
            gone.push(contact_id);
            continue;
        };
        rows.push(custom_fields::value(ctx, scope, contact_id, (name, kind), value, now));
    }
    if !rows.is_empty() {
        tx.insert_many_on_conflict(scope, rows, custom_fields::replacing()).await?;
    }
    if !gone.is_empty() {
        let delete = custom_fields::Entity::delete_many()
            .filter(custom_fields::Column::ContactId.is_in(gone))
            .filter(custom_fields::Column::FieldName.eq(name));
        tx.delete_many(scope, delete).await?;
    }
    tx.update_many(scope, touched(ctx, ids)).await?;
    Ok(())
}
