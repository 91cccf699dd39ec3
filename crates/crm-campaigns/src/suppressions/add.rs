//! Putting one address on the list.

use crm_core::{AuditEvent, Scope, StoreError};
use sea_orm::EntityTrait as _;

use super::insert;
use super::list::read;
use super::sea::{SeaSuppressions, normal};
use super::service::{Entry, NewEntry, Result, SuppressionsError};
use crate::entity::suppressions::Entity;

pub(super) async fn run(on: &SeaSuppressions, scope: &Scope, new: &NewEntry) -> Result<Entry> {
    let region = on.region(scope).await?;
    let address = normal(new.channel, new.address.trim(), &region)
        .map_err(SuppressionsError::InvalidAddress)?;
    let ctx = &on.ctx;
    let tx = ctx.db.begin().await?;
    let made = insert(ctx, &tx, scope, new.channel, &address, new.reason).await?;
    let Some(id) = made else { return Err(SuppressionsError::Known) };
    let event = AuditEvent::new("suppression.created", "suppression", id)
        .with("channel", new.channel)
        .with("address", &address)
        .with("reason", new.reason);
    on.record(&tx, scope, event).await?;
    let row = tx.one(scope, Entity::find_by_id(id)).await?;
    tx.commit().await?;
    let row = row.ok_or_else(|| StoreError::Corrupt("a suppression vanished".to_owned()))?;
    Ok(read(row)?)
}
