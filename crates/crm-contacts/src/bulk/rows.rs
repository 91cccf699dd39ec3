//! Actions and their contacts as rows.

use crm_core::{BulkId, Context, Scope, StoreError, Tx};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use super::{Bulk, Result, State};
use crate::entity::{bulk_actions as actions, bulk_rows as rows};

/// The words of the `state` column.
const STATES: [(State, &str); 6] = [
    (State::Queued, "queued"),
    (State::Running, "running"),
    (State::Done, "done"),
    (State::Failed, "failed"),
    (State::Undoing, "undoing"),
    (State::Undone, "undone"),
];

impl State {
    /// The word for the database and the API.
    pub fn as_str(self) -> &'static str {
        STATES.into_iter().find(|(state, _)| *state == self).map_or("failed", |(_, word)| word)
    }

    fn parse(word: &str) -> std::result::Result<Self, StoreError> {
        let found = STATES.into_iter().find(|(_, known)| *known == word);
        found
            .map(|(state, _)| state)
            .ok_or_else(|| StoreError::Corrupt(format!("bulk action in the state {word}")))
    }

    /// Whether it goes on by itself.
    pub const fn is_going_on(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Undoing)
    }
}

/// What became of one contact.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    pub(super) row_no: i64,
    /// `changed`, `unchanged`, `refused`, `undone`, `kept`
    pub(super) state: &'static str,
    pub(super) reason: Option<String>,
    /// What it had before.
    pub(super) before: Option<Value>,
}

impl Outcome {
    pub(super) const fn new(row_no: i64, state: &'static str) -> Self {
        Self { row_no, state, reason: None, before: None }
    }

    pub(super) fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    pub(super) fn having(mut self, before: Value) -> Self {
        self.before = Some(before);
        self
    }
}

pub(super) fn read(row: actions::Model) -> Result<Bulk> {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Bulk {
        id: row.id,
        action: serde_json::from_value(row.params).map_err(StoreError::from)?,
        state: State::parse(&row.state)?,
        total: count(row.total),
        done: count(row.done),
        changed: count(row.changed),
        undone: count(row.undone),
        user_id: row.user_id,
        error: row.error,
        created_at: row.created_at,
        finished_at: row.finished_at,
    })
}

/// Holds an action against others who would go on with it.
pub(super) async fn hold(tx: &Tx, scope: &Scope, id: BulkId) -> Result<Option<actions::Model>> {
    Ok(tx.one(scope, actions::Entity::find_by_id(id).lock_exclusive()).await?)
}

/// Up to `limit` contacts in this state, the first ones or the last ones.
pub(super) async fn waiting(
    tx: &Tx,
    scope: &Scope,
    id: BulkId,
    (state, from_the_end): (&str, bool),
    limit: u64,
) -> Result<Vec<rows::Model>> {
    let select = rows::Entity::find()
        .filter(rows::Column::BulkId.eq(id))
        .filter(rows::Column::State.eq(state))
        .limit(limit);
    let select = if from_the_end {
        select.order_by_desc(rows::Column::RowNo)
    } else {
        select.order_by_asc(rows::Column::RowNo)
    };
    Ok(tx.all(scope, select).await?)
}

/// Writes what became of contacts.
pub(super) async fn note(tx: &Tx, scope: &Scope, id: BulkId, outcomes: Vec<Outcome>) -> Result<()> {
    // Contacts to which the same happened are written together; where each had its own value before, that is one case
    // of a statement.
    let mut groups: Vec<(&'static str, Option<String>, Vec<Outcome>)> = Vec::new();
    for outcome in outcomes {
        let same = groups
            .iter_mut()
            .find(|(state, reason, _)| *state == outcome.state && *reason == outcome.reason);
        match same {
            Some((.., group)) => group.push(outcome),
            None => groups.push((outcome.state, outcome.reason.clone(), vec![outcome])),
        }
    }
    for (state, reason, group) in groups {
        let mut update = rows::Entity::update_many()
            .col_expr(rows::Column::State, Expr::value(state))
            .col_expr(rows::Column::Reason, Expr::value(reason))
            .filter(rows::Column::BulkId.eq(id))
            .filter(rows::Column::RowNo.is_in(group.iter().map(|outcome| outcome.row_no)));
        if group.iter().any(|outcome| outcome.before.is_some()) {
            let mut case = CaseStatement::new();
            for outcome in group {
                if let Some(before) = outcome.before {
                    case = case.case(rows::Column::RowNo.eq(outcome.row_no), Expr::value(before));
                }
            }
            update = update.col_expr(rows::Column::Before, case.into());
        }
        tx.update_many(scope, update).await?;
    }
    Ok(())
}

/// Counts contacts gone through, and those changed or put back.
pub(super) async fn count(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    row: &actions::Model,
    counted: Counted,
) -> Result<()> {
    use actions::Column;
    let plus = |column: Column, more: i64| Expr::col(column).add(more);
    let mut update = actions::Entity::update_many()
        .col_expr(Column::Done, plus(Column::Done, counted.done))
        .col_expr(Column::Changed, plus(Column::Changed, counted.changed))
        .col_expr(Column::Undone, plus(Column::Undone, counted.undone))
        .col_expr(Column::State, Expr::value(counted.state.as_str()))
        .filter(Column::Id.eq(row.id));
    if !counted.state.is_going_on() {
        update = update.col_expr(Column::FinishedAt, Expr::value(ctx.now()));
    }
    tx.update_many(scope, update).await?;
    Ok(())
}

/// What a batch adds to an action's counters, and where it stands then.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub(super) done: i64,
    pub(super) changed: i64,
    pub(super) undone: i64,
    pub(super) state: State,
}

/// A number of rows as the database counts.
pub(super) fn number(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
