//! Reading the list, newest first.

use crm_core::{Page, Scope, StoreError, paging};
use sea_orm::sea_query::{Expr, ExprTrait as _, LikeExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Reason;
use super::sea::{SeaSuppressions, normal};
use super::service::{Entry, Filter, Result, SuppressionsError};
use crate::entity::suppressions::{Column, Entity, Model};
use crate::templates::Channel;

/// What an address begins with that is only a fingerprint.
pub(super) const ERASED: &str = "erased:";

/// The page a filter asks for.
pub(super) async fn run(
    on: &SeaSuppressions,
    scope: &Scope,
    filter: Filter,
) -> Result<Page<Entry>> {
    let db = &on.ctx.db;
    let request = &filter.page;
    let mut select = Entity::find().filter(matching(on, scope, &filter).await?);
    let total = db.count_capped(scope, select.clone()).await?;
    let mut backwards = false;
    if let Some(cursor) = &request.cursor {
        backwards = cursor.backwards;
        let (at, id) = (cursor.key.as_str(), cursor.id.as_str());
        if at.is_empty() || id.is_empty() {
            return Err(SuppressionsError::InvalidCursor);
        }
        let (created, own) = (Expr::col(Column::CreatedAt), Expr::col(Column::Id));
        let same = created.clone().eq(at);
        select = select.filter(if backwards {
            Condition::any().add(created.gt(at)).add(Condition::all().add(same).add(own.gt(id)))
        } else {
            Condition::any().add(created.lt(at)).add(Condition::all().add(same).add(own.lt(id)))
        });
    }
    select = if backwards {
        select.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id)
    } else {
        select.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id)
    };
    let rows = db.all(scope, select.limit(request.limit() + 1)).await?;
    let rows = rows.into_iter().map(read).collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(paging::page_of(rows, request, total, |row: &Entry| {
        (row.since.to_string(), row.id.to_string())
    }))
}

async fn matching(on: &SeaSuppressions, scope: &Scope, filter: &Filter) -> Result<Condition> {
    let mut all = Condition::all();
    if let Some(channel) = filter.channel {
        all = all.add(Column::Channel.eq(channel.as_str()));
    }
    if let Some(reason) = filter.reason {
        all = all.add(Column::Reason.eq(reason.as_str()));
    }
    let q = filter.q.trim().to_lowercase();
    if q.is_empty() {
        return Ok(all);
    }
    let part = format!("%{}%", q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let shown = Condition::all()
        .add(Column::Address.not_like(format!("{ERASED}%")))
        .add(Expr::col(Column::Address).like(LikeExpr::new(part).escape('\\')));
    let mut any = Condition::any().add(shown);
    // Whoever asks for a whole address is told as well where nothing but its fingerprint is kept.
    let region = on.region(scope).await?;
    for channel in [Channel::Email, Channel::Text] {
        if let Ok(address) = normal(channel, &q, &region) {
            let print = on.ctx.fingerprints.of(scope.workspace_id(), channel.as_str(), &address);
            any = any.add(Column::Address.is_in([address, print]));
        }
    }
    Ok(all.add(any))
}

/// An entry from its row.
///
/// # Errors
/// [`StoreError::Corrupt`] where it has a word nobody writes.
pub(super) fn read(row: Model) -> std::result::Result<Entry, StoreError> {
    let corrupt = |word: &str| StoreError::Corrupt(format!("suppression {word}"));
    Ok(Entry {
        id: row.id,
        channel: Channel::parse(&row.channel).ok_or_else(|| corrupt(&row.channel))?,
        reason: Reason::parse(&row.reason).ok_or_else(|| corrupt(&row.reason))?,
        address: (!row.address.starts_with(ERASED)).then_some(row.address),
        since: row.created_at,
    })
}
