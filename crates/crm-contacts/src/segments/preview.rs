//! Who is in a segment: how many, the first few, and all of them batch by batch.

use crm_core::{ContactId, Context, Scope};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Result, Segment, SegmentPreview, compile};
use crate::contacts::{Contact, load};
use crate::door::Door;
use crate::entity::base_contacts::{Column, Entity};

/// Contacts in a sample.
const SAMPLE: u64 = 10;

/// The exact number of contacts, and the newest of them.
pub(super) async fn run(ctx: &Context, scope: &Scope, segment: &Segment) -> Result<SegmentPreview> {
    let door = Door::Db(&ctx.db);
    let select = Entity::find().filter(compile::run(ctx, door, scope, segment).await?);
    let count = ctx.db.count(scope, select.clone()).await?;
    let newest = select.order_by_desc(Column::CreatedOn).order_by_desc(Column::Id).limit(SAMPLE);
    let rows = door.all(scope, newest).await?;
    Ok(SegmentPreview { count, sample: load::whole(door, scope, rows).await? })
}

/// The contacts of a segment in order of id.
pub(super) async fn audience(
    ctx: &Context,
    door: Door<'_>,
    scope: &Scope,
    segment: &Segment,
    (after, limit): (Option<ContactId>, u64),
) -> Result<Vec<Contact>> {
    let mut select = Entity::find().filter(compile::run(ctx, door, scope, segment).await?);
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after));
    }
    let rows = door.all(scope, select.order_by_asc(Column::Id).limit(limit)).await?;
    Ok(load::whole(door, scope, rows).await?)
}
