//! Walking through the contacts in an order.
//!
//! A page begins behind the last row seen: `(sort value, id) > (key, id)`, which every sort index answers at any depth
//! for the same price. The two databases disagree about where nulls go, and neither can seek among them by a comparison;
//! contacts without a value are therefore a stretch of their own, read by id.

use crm_core::{ContactId, Context, Cursor, Scope, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoSimpleExpr, QueryFilter, QueryOrder, QuerySelect,
    Select, Statement,
};

use super::search::Found;
use super::walk_groups::Groups;
use super::{Contact, ContactSort, ContactsError, CustomValue, Result, walk_custom, walk_groups};
use crate::contacts::custom::number_text;
use crate::entity::base_contacts::{Column, Entity, Model};
use crate::entity::{contact_list_assignments, custom_fields};

/// Parts the sort value from the name of the sort in a cursor's key.
const SEPARATOR: char = ':';
/// Stands before the value of a custom field in a cursor's key, so that there is a key for none.
const VALUE: char = '=';

/// The order of a walk.
pub(super) struct Order {
    /// The word that names it.
    word: String,
    descending: bool,
    pub(super) by: By,
}

/// What an order is by.
pub(super) enum By {
    /// A column.
    Column(Column),
    /// A custom field.
    Custom {
        /// Its name.
        field: String,
        /// Whether it holds numbers.
        is_number: bool,
    },
    /// The number in the text index, which is that of their coming.
    Found(Found),
    /// Stages or owners.
    Groups(Groups),
}

/// The row a page begins behind.
pub(super) struct Seen {
    /// Its sort value, `None` where it has none.
    pub(super) value: Option<String>,
    pub(super) id: ContactId,
}

/// One page of a walk.
pub(super) struct Walk {
    pub(super) sqlite: bool,
    /// Whether so few contacts meet the filter that they may be sorted.
    pub(super) few: bool,
    pub(super) filter: Condition,
    pub(super) order: Order,
    pub(super) seen: Option<Seen>,
    pub(super) backwards: bool,
    /// Most rows to read.
    pub(super) wanted: u64,
}

/// One query of a walk. They are asked in their order until there are rows enough.
pub(super) enum Step {
    /// Through the contacts.
    Contacts(Select<Entity>),
    /// Through the values of a custom field, each with its contact.
    Values(Select<custom_fields::Entity>),
    /// Through a stage, each place in it with its contact.
    Places(Select<contact_list_assignments::Entity>),
}

impl Order {
    pub(super) fn column(sort: &ContactSort) -> Self {
        let by = By::Column(sort.column().unwrap_or(Column::CreatedOn));
        Self { word: sort.as_str().to_owned(), descending: sort.is_descending(), by }
    }

    pub(super) fn custom(sort: &ContactSort, field: String, is_number: bool) -> Self {
        let by = By::Custom { field, is_number };
        Self { word: sort.as_str().to_owned(), descending: sort.is_descending(), by }
    }

    /// What a search finds, newest first.
    pub(super) fn found(found: Found) -> Self {
        Self { word: "found".to_owned(), descending: true, by: By::Found(found) }
    }

    pub(super) fn groups(sort: &ContactSort, groups: Groups) -> Self {
        let by = By::Groups(groups);
        Self { word: sort.as_str().to_owned(), descending: sort.is_descending(), by }
    }

    /// Reads a cursor of this order.
    pub(super) fn seen(&self, cursor: &Cursor) -> Result<Seen> {
        let value = cursor
            .key
            .strip_prefix(&self.word)
            .and_then(|rest| rest.strip_prefix(SEPARATOR))
            .filter(|value| !value.contains('\0'))
            .ok_or(ContactsError::InvalidCursor)?;
        let value = match &self.by {
            By::Column(column) => read_column(*column, value)?,
            By::Custom { is_number, .. } => read_custom(*is_number, value)?,
            By::Found(_) => None,
            By::Groups(groups) => groups.read(value)?,
        };
        let id = cursor.id.parse().map_err(|_| ContactsError::InvalidCursor)?;
        Ok(Seen { value, id })
    }
}

fn read_column(column: Column, value: &str) -> Result<Option<String>> {
    if value.is_empty() && is_nullable(column) {
        return Ok(None);
    }
    let fits = match column {
        Column::CreatedOn | Column::UpdatedAt | Column::StageSince => {
            value.parse::<Timestamp>().is_ok()
        }
        Column::ValueMinor => value.parse::<i64>().is_ok(),
        _ => true,
    };
    if fits { Ok(Some(value.to_owned())) } else { Err(ContactsError::InvalidCursor) }
}

fn read_custom(is_number: bool, value: &str) -> Result<Option<String>> {
    if value.is_empty() {
        return Ok(None);
    }
    let value = value.strip_prefix(VALUE).ok_or(ContactsError::InvalidCursor)?;
    if !is_number {
        return Ok(Some(value.to_owned()));
    }
    let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
    Ok(Some(number_text(number.ok_or(ContactsError::InvalidCursor)?)))
}

const fn is_nullable(column: Column) -> bool {
    matches!(
        column,
        Column::PrimaryEmail | Column::PrimaryPhone | Column::ValueMinor | Column::StageSince
    )
}

/// Whether no two contacts have the same value in it.
const fn is_unique(column: Column) -> bool {
    matches!(column, Column::PrimaryEmail | Column::PrimaryPhone)
}

impl Walk {
    /// Reads the rows, in the order walked (backwards for a page before the cursor).
    pub(super) async fn fetch(&self, ctx: &Context, scope: &Scope) -> Result<Vec<Model>> {
        let mut rows: Vec<Model> = Vec::new();
        for step in self.steps(scope) {
            let missing = self.wanted.saturating_sub(u64::try_from(rows.len()).unwrap_or(u64::MAX));
            if missing == 0 {
                break;
            }
            rows.extend(match step {
                Step::Contacts(select) => ctx.db.all(scope, select.limit(missing)).await?,
                Step::Values(select) => ctx.db.all_as(scope, select.limit(missing)).await?,
                Step::Places(select) => ctx.db.all_as(scope, select.limit(missing)).await?,
            });
        }
        Ok(rows)
    }

    /// The statements [`Self::fetch`] may send.
    pub(super) fn statements(&self, ctx: &Context, scope: &Scope) -> Vec<Statement> {
        let steps = self.steps(scope).into_iter().map(|step| match step {
            Step::Contacts(select) => ctx.db.subquery(scope, select.limit(self.wanted)),
            Step::Values(select) => ctx.db.subquery(scope, select.limit(self.wanted)),
            Step::Places(select) => ctx.db.subquery(scope, select.limit(self.wanted)),
        });
        steps.map(|query| ctx.db.backend().build(&query)).collect()
    }

    fn steps(&self, scope: &Scope) -> Vec<Step> {
        match &self.order.by {
            By::Column(column) => self.through_column(*column),
            By::Custom { field, is_number } => walk_custom::steps(self, scope, field, *is_number),
            By::Found(found) => {
                let seen = self.seen.as_ref().map(|seen| seen.id);
                vec![Step::Contacts(found.page(scope, seen, self.falls(), self.wanted))]
            }
            By::Groups(groups) => walk_groups::steps(self, scope, groups),
        }
    }

    /// Whether values fall along the way.
    pub(super) const fn falls(&self) -> bool {
        self.order.descending != self.backwards
    }

    pub(super) const fn direction(&self) -> sea_orm::Order {
        if self.falls() { sea_orm::Order::Desc } else { sea_orm::Order::Asc }
    }

    /// `left` lies behind `right` on the way.
    pub(super) fn beyond(&self, left: Expr, right: Expr) -> Expr {
        if self.falls() { left.lt(right) } else { left.gt(right) }
    }

    /// What the cursor of a contact says about its place in this order.
    pub(super) fn key(&self, contact: &Contact) -> String {
        let value = match &self.order.by {
            By::Custom { field, .. } => match contact.custom.get(field) {
                None => String::new(),
                Some(CustomValue::Boolean(truth)) => format!("{VALUE}{truth}"),
                Some(CustomValue::Number(number)) => format!("{VALUE}{}", number_text(*number)),
                Some(CustomValue::Text(text)) => {
                    let beginning: String = text.chars().take(walk_custom::CHARS).collect();
                    format!("{VALUE}{beginning}")
                }
            },
            By::Found(_) => String::new(),
            By::Groups(Groups::Stages(_)) => {
                let stage = contact.lists.iter().find(|list| list.is_primary);
                stage.map(|list| list.id.to_string()).unwrap_or_default()
            }
            By::Groups(Groups::Owners(_)) => {
                contact.owner_id.map(|id| id.to_string()).unwrap_or_default()
            }
            By::Column(column) => match column {
                Column::LastName => contact.last_name.clone(),
                Column::FirstName => contact.first_name.clone(),
                Column::PrimaryEmail => contact.primary_email.clone().unwrap_or_default(),
                Column::PrimaryPhone => contact.primary_phone.clone().unwrap_or_default(),
                Column::Company => contact.company.clone(),
                Column::ValueMinor => {
                    contact.value_minor.map(|n| n.to_string()).unwrap_or_default()
                }
                Column::UpdatedAt => contact.updated_at.to_string(),
                Column::StageSince => {
                    contact.stage_since.map(|at| at.to_string()).unwrap_or_default()
                }
                _ => contact.created_on.to_string(),
            },
        };
        format!("{}{SEPARATOR}{value}", self.order.word)
    }

    /// Rows without a value come first where values rise.
    fn through_column(&self, column: Column) -> Vec<Step> {
        if !is_nullable(column) {
            return vec![Step::Contacts(self.valued(column, self.seen.as_ref()))];
        }
        let (unset, set) = match &self.seen {
            None => (Some(None), Some(None)),
            Some(seen) if seen.value.is_none() && self.falls() => (Some(Some(seen)), None),
            Some(seen) if seen.value.is_none() => (Some(Some(seen)), Some(None)),
            Some(seen) if self.falls() => (Some(None), Some(Some(seen))),
            Some(seen) => (None, Some(Some(seen))),
        };
        let unset = unset.map(|seen| Step::Contacts(self.unset(column, seen)));
        let set = set.map(|seen| Step::Contacts(self.valued(column, seen)));
        let way = if self.falls() { [set, unset] } else { [unset, set] };
        way.into_iter().flatten().collect()
    }

    /// Rows that have a value.
    fn valued(&self, column: Column, seen: Option<&Seen>) -> Select<Entity> {
        let mut select = Entity::find().filter(self.filter.clone());
        if is_nullable(column) && (seen.is_none() || self.falls()) {
            // Unlike IS NOT NULL, a lower bound spares both databases the nulls.
            select = select.filter(match column {
                Column::ValueMinor => column.gte(i64::MIN),
                _ => column.gte(""),
            });
        }
        if let Some(seen) = seen {
            let text = seen.value.as_deref().unwrap_or_default();
            let value = match column {
                Column::ValueMinor => Expr::val(text.parse::<i64>().unwrap_or_default()),
                _ => Expr::val(text),
            };
            select = select.filter(if is_unique(column) {
                self.beyond(column.into_simple_expr(), value)
            } else {
                let here = Expr::tuple([column.into_simple_expr(), Column::Id.into_simple_expr()]);
                self.beyond(here, Expr::tuple([value, Expr::val(seen.id)]))
            });
        }
        let select = select.order_by(column, self.direction());
        if is_unique(column) { select } else { select.order_by(Column::Id, self.direction()) }
    }

    /// Rows without a value. The conditions are those of the partial indexes, word for word.
    fn unset(&self, column: Column, seen: Option<&Seen>) -> Select<Entity> {
        let mut select = Entity::find().filter(self.filter.clone()).filter(match column {
            Column::PrimaryEmail => {
                Expr::cust("COALESCE(\"base_contacts\".\"primary_email\", '') = ''")
            }
            Column::PrimaryPhone => {
                Expr::cust("COALESCE(\"base_contacts\".\"primary_phone\", '') = ''")
            }
            _ => column.is_null(),
        });
        if let Some(seen) = seen {
            let id = Column::Id.into_simple_expr();
            select = select.filter(self.beyond(id, Expr::val(seen.id)));
        }
        if !is_unique(column) {
            // PostgreSQL takes the order of the index only where the constant is named, too.
            select = select.order_by(column, self.direction());
        }
        select.order_by(Column::Id, self.direction())
    }
}
