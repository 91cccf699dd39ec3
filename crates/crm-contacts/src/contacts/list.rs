//! One page of contacts, in any order, forwards and backwards.
//!
//! A page begins behind the last row seen: `(sort value, id) > (key, id)`, which every sort index answers at any depth
//! for the same price. Unset e-mail addresses sort before all others; because the two databases disagree about where
//! nulls go, and neither can seek among them by a comparison, they are a stretch of their own that is read by id.

use crm_core::paging::page_of;
use crm_core::{ContactId, Context, Cursor, Page, PageRequest, Scope, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoSimpleExpr, Order, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::{Contact, ContactQuery, ContactSort, ContactsError, Result, load, search};
use crate::door::Door;
use crate::entity::base_contacts::{Column, Entity, Model};
use crate::segments::{compile, list_condition};

/// Parts the sort value from the name of the sort in a cursor's key.
const SEPARATOR: char = ':';

pub(crate) async fn run(
    ctx: &Context,
    scope: &Scope,
    query: ContactQuery,
) -> Result<Page<Contact>> {
    let seen =
        query.page.cursor.as_ref().map(|cursor| Seen::read(query.sort, cursor)).transpose()?;
    let door = Door::Db(&ctx.db);
    let mut select = Entity::find();
    let mut total = None;
    if let Some(plan) = search::plan(ctx, scope, &query.search).await? {
        select = select.filter(plan.condition);
        total = plan.total.filter(|_| query.list_id.is_none() && query.segment.is_none());
    }
    if let Some(list_id) = query.list_id {
        let is_in = list_condition(ctx.db.is_sqlite(), door, scope, list_id).await?;
        select = select.filter(is_in);
    }
    if let Some(segment) = &query.segment {
        select = select.filter(compile::run(ctx, door, scope, segment).await?);
    }
    let total = match total {
        Some(total) => total,
        None => ctx.db.count_capped(scope, select.clone()).await?,
    };
    // A search that finds nothing has looked at everything; once is enough.
    let rows = if total.0 == 0 {
        Vec::new()
    } else {
        fetch(ctx, scope, select, query.sort, seen, &query.page).await?
    };
    let contacts = load::whole(door, scope, rows).await?;
    Ok(page_of(contacts, &query.page, total, |contact| {
        (key(query.sort, contact), contact.id.to_string())
    }))
}

/// Where a page begins.
struct Seen {
    /// Sort value of the row seen last; empty where it is unset.
    value: String,
    id: ContactId,
}

impl Seen {
    fn read(sort: ContactSort, cursor: &Cursor) -> Result<Self> {
        let value = cursor
            .key
            .strip_prefix(sort.as_str())
            .and_then(|rest| rest.strip_prefix(SEPARATOR))
            .filter(|value| !value.contains('\0'))
            .ok_or(ContactsError::InvalidCursor)?;
        if matches!(sort.column(), Column::CreatedOn) && value.parse::<Timestamp>().is_err() {
            return Err(ContactsError::InvalidCursor);
        }
        let id = cursor.id.parse().map_err(|_| ContactsError::InvalidCursor)?;
        Ok(Self { value: value.to_owned(), id })
    }
}

fn key(sort: ContactSort, contact: &Contact) -> String {
    let value = match sort.column() {
        Column::LastName => contact.last_name.clone(),
        Column::FirstName => contact.first_name.clone(),
        Column::PrimaryEmail => contact.primary_email.clone().unwrap_or_default(),
        Column::Company => contact.company.clone(),
        _ => contact.created_on.to_string(),
    };
    format!("{}{SEPARATOR}{value}", sort.as_str())
}

impl ContactSort {
    const fn column(self) -> Column {
        match self {
            Self::NewestFirst | Self::OldestFirst => Column::CreatedOn,
            Self::LastName | Self::LastNameDescending => Column::LastName,
            Self::FirstName | Self::FirstNameDescending => Column::FirstName,
            Self::Email | Self::EmailDescending => Column::PrimaryEmail,
            Self::Company | Self::CompanyDescending => Column::Company,
        }
    }

    const fn is_descending(self) -> bool {
        match self {
            Self::NewestFirst
            | Self::LastNameDescending
            | Self::FirstNameDescending
            | Self::EmailDescending
            | Self::CompanyDescending => true,
            Self::OldestFirst | Self::LastName | Self::FirstName | Self::Email | Self::Company => {
                false
            }
        }
    }
}

/// A stretch of an order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stretch {
    /// All rows; the column is never null.
    All,
    /// Rows whose value is unset.
    Unset,
    /// Rows that have a value.
    Set,
}

/// Reads one row more than the page holds, in the order walked (backwards for a page before the cursor).
async fn fetch(
    ctx: &Context,
    scope: &Scope,
    select: Select<Entity>,
    sort: ContactSort,
    seen: Option<Seen>,
    page: &PageRequest,
) -> Result<Vec<Model>> {
    let backwards = page.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    let descending = sort.is_descending() != backwards;
    let column = sort.column();
    let stretches: &[Stretch] = match (column, descending) {
        (Column::PrimaryEmail, false) => &[Stretch::Unset, Stretch::Set],
        (Column::PrimaryEmail, true) => &[Stretch::Set, Stretch::Unset],
        _ => &[Stretch::All],
    };
    let begin = seen.as_ref().map(|seen| match column {
        Column::PrimaryEmail if seen.value.is_empty() => Stretch::Unset,
        Column::PrimaryEmail => Stretch::Set,
        _ => Stretch::All,
    });
    let wanted = page.limit() + 1;
    let mut rows: Vec<Model> = Vec::new();
    for stretch in stretches.iter().skip_while(|stretch| begin.is_some_and(|b| b != **stretch)) {
        let missing = wanted.saturating_sub(u64::try_from(rows.len()).unwrap_or(u64::MAX));
        if missing == 0 {
            break;
        }
        let start = seen.as_ref().filter(|_| begin == Some(*stretch));
        let select = walk(select.clone(), column, *stretch, descending, start).limit(missing);
        rows.extend(ctx.db.all(scope, select).await?);
    }
    Ok(rows)
}

fn walk(
    select: Select<Entity>,
    column: Column,
    stretch: Stretch,
    descending: bool,
    start: Option<&Seen>,
) -> Select<Entity> {
    let order = if descending { Order::Desc } else { Order::Asc };
    let beyond = |left: Expr, right: Expr| if descending { left.lt(right) } else { left.gt(right) };
    let id = Column::Id.into_simple_expr();
    let select = match stretch {
        Stretch::All => select,
        Stretch::Unset => select.filter(column.is_null()),
        Stretch::Set => select.filter(column.is_not_null()),
    };
    if stretch == Stretch::Unset {
        let select = match start {
            Some(seen) => select.filter(beyond(id, Expr::val(seen.id))),
            None => select,
        };
        return select.order_by(Column::Id, order);
    }
    let select = match start {
        Some(seen) => {
            let here = Expr::tuple([column.into_simple_expr(), id]);
            let there = Expr::tuple([Expr::val(seen.value.as_str()), Expr::val(seen.id)]);
            select.filter(beyond(here, there))
        }
        None => select,
    };
    select.order_by(column, order.clone()).order_by(Column::Id, order)
}
