//! One page of contacts, in any order, forwards and backwards.

use crm_core::paging::page_of;
use crm_core::{Context, Page, Scope};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::search::Plan;
use super::walk::{Order, Walk};
use super::walk_groups::Groups;
use super::{Contact, ContactQuery, ContactSort, ContactsError, Result, definitions, load, search};
use crate::door::Door;
use crate::entity::base_contacts::{Column, Entity};
use crate::fields::FieldType;
use crate::segments::{compile, list_condition};

/// Contacts so few that collecting and sorting them is cheaper than meeting them on a walk through the book.
const FEW: u64 = 2_000;

pub(crate) async fn run(
    ctx: &Context,
    scope: &Scope,
    query: ContactQuery,
) -> Result<Page<Contact>> {
    let (walk, total) = prepare(ctx, scope, &query).await?;
    // A search that finds nothing has looked at everything; once is enough.
    let rows = if total.0 == 0 { Vec::new() } else { walk.fetch(ctx, scope).await? };
    let contacts = load::whole(Door::Db(&ctx.db), scope, rows).await?;
    Ok(page_of(contacts, &query.page, total, |contact| (walk.key(contact), contact.id.to_string())))
}

/// What is to be read for a page, and how many contacts there are on all of them.
pub(super) async fn prepare(
    ctx: &Context,
    scope: &Scope,
    query: &ContactQuery,
) -> Result<(Walk, (u64, bool))> {
    let searched = search::plan(ctx, scope, &query.search).await?;
    let is_narrowed = query.list_id.is_some() || !query.ids.is_empty();
    let order = match &searched {
        Some(Plan { found: Some(found), .. })
            if !is_narrowed
                && query.segment.is_none()
                && query.sort == ContactSort::NewestFirst =>
        {
            Order::found(found.clone())
        }
        _ => order(ctx, scope, query).await?,
    };
    let known = match (&searched, &query.segment) {
        _ if is_narrowed => None,
        (Some(plan), None) => plan.total,
        (None, None) if ctx.db.is_sqlite() => Some((search::contacts(ctx, scope).await?, true)),
        (None, Some(segment)) => compile::count_by_values(ctx, scope, segment).await?,
        _ => None,
    };
    let seen = query.page.cursor.as_ref().map(|cursor| order.seen(cursor)).transpose()?;
    let filter = condition(ctx, scope, query, searched.map(|plan| plan.condition)).await?;
    let total = match known {
        Some(total) => total,
        None => ctx.db.count_capped(scope, Entity::find().filter(filter.clone())).await?,
    };
    let walk = Walk {
        sqlite: ctx.db.is_sqlite(),
        few: total.1 && total.0 <= FEW,
        filter,
        order,
        seen,
        backwards: query.page.cursor.as_ref().is_some_and(|cursor| cursor.backwards),
        wanted: query.page.limit() + 1,
    };
    Ok((walk, total))
}

/// The exact number of contacts on all pages, however many there are.
pub(crate) async fn count(ctx: &Context, scope: &Scope, query: &ContactQuery) -> Result<u64> {
    let searched = search::plan(ctx, scope, &query.search).await?;
    let filter = condition(ctx, scope, query, searched.map(|plan| plan.condition)).await?;
    Ok(ctx.db.count(scope, Entity::find().filter(filter)).await?)
}

/// What contacts meet, with what they meet by the search.
async fn condition(
    ctx: &Context,
    scope: &Scope,
    query: &ContactQuery,
    searched: Option<Condition>,
) -> Result<Condition> {
    let door = Door::Db(&ctx.db);
    let mut filter = Condition::all().add_option(searched);
    if let Some(list_id) = query.list_id {
        filter = filter.add(list_condition(ctx.db.is_sqlite(), door, scope, list_id).await?);
    }
    if !query.ids.is_empty() {
        filter = filter.add(Column::Id.is_in(query.ids.iter().copied()));
    }
    if let Some(segment) = &query.segment {
        filter = filter.add(compile::run(ctx, door, scope, segment).await?);
    }
    Ok(filter)
}

async fn order(ctx: &Context, scope: &Scope, query: &ContactQuery) -> Result<Order> {
    let door = Door::Db(&ctx.db);
    let sort = &query.sort;
    let custom = match sort {
        ContactSort::Custom(custom) => custom,
        ContactSort::Stage | ContactSort::StageDescending => {
            return Ok(Order::groups(sort, Groups::stages(door, scope).await?));
        }
        ContactSort::Owner | ContactSort::OwnerDescending => {
            // The owner of the last contact seen may have none any more.
            let key = query.page.cursor.as_ref().map(|cursor| cursor.key.as_str());
            let seen = key.and_then(|key| key.rsplit(':').next()?.parse().ok());
            return Ok(Order::groups(sort, Groups::owners(ctx, scope, seen).await?));
        }
        column => return Ok(Order::column(column)),
    };
    let known = definitions::load(door, scope).await?;
    let field = known.into_iter().find(|known| known.name == custom.field());
    let field = field.ok_or_else(|| ContactsError::InvalidSort(custom.field().to_owned()))?;
    Ok(Order::custom(sort, field.name, field.field_type == FieldType::Number))
}
