//! Changing some fields of a contact (PATCH).

use crm_core::{ContactId, Context, Scope};

use super::fields::Fields;
use super::{Contact, ContactChange, Result, custom, definitions, load, save};
use crate::door::Door;

/// What the change does not name stays as it is.
pub(crate) async fn run(
    ctx: &Context,
    scope: &Scope,
    id: ContactId,
    version: Option<i64>,
    change: ContactChange,
) -> Result<Option<Contact>> {
    let tx = ctx.db.begin().await?;
    let Some(row) = save::hold(&tx, scope, id, version).await? else { return Ok(None) };
    let region = crm_core::workspace::read_in(&tx, scope).await?.default_region;
    let fields = Fields::of_row(&row).changed(&change, &region)?;
    let door = Door::Tx(&tx);
    let known = definitions::load(door, scope).await?;
    let values = custom::of_changed(&known, &change.custom)?;
    let Some(before) = load::by_id(door, scope, id).await? else { return Ok(None) };
    let after = (fields, values, change.list_ids);
    save::run(ctx, tx, scope, (before, row), after).await.map(Some)
}
