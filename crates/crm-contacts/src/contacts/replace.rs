//! Replacing all fields of a contact (PUT).

use crm_core::{ContactId, Context, Scope};

use super::fields::Fields;
use super::{Contact, NewContact, Result, custom, definitions, load, save};
use crate::door::Door;

/// What is not given is emptied, except the stage: a contact never leaves the pipeline by being left out of it.
pub(crate) async fn run(
    ctx: &Context,
    scope: &Scope,
    id: ContactId,
    version: Option<i64>,
    new: NewContact,
) -> Result<Option<Contact>> {
    let tx = ctx.db.begin().await?;
    let Some(row) = save::hold(&tx, scope, id, version).await? else { return Ok(None) };
    let region = crm_core::workspace::read_in(&tx, scope).await?.default_region;
    let fields = Fields::parse(&new, &region)?;
    let door = Door::Tx(&tx);
    let known = definitions::load(door, scope).await?;
    let Some(before) = load::by_id(door, scope, id).await? else { return Ok(None) };
    let values = custom::of_replaced(&known, &new.custom, &before.custom)?;
    let after = (fields, values, Some(new.list_ids));
    save::run(ctx, tx, scope, (before, row), after).await.map(Some)
}
