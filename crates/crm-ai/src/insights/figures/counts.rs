//! How often something happened within a span.

use crm_core::{Scope, Snapshot, StoreError, Timestamp};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Span;
use crate::entity::elsewhere::{contacts, logs, tasks};

/// What people do about contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::insights) enum Happened {
    /// Calls that were logged.
    Calls,
    /// Notes that were written.
    Notes,
    /// Contacts that went to another stage.
    Moves,
}

/// How often.
pub(in crate::insights) async fn happened(
    on: &Snapshot,
    scope: &Scope,
    what: Happened,
    span: Span,
) -> Result<u64, StoreError> {
    // Written out: an index that holds these only is not used for a value that is not known yet.
    let kind = match what {
        Happened::Calls => "\"communication_logs\".\"type\" = 'call'",
        Happened::Notes => "\"communication_logs\".\"type\" = 'note'",
        Happened::Moves => "\"communication_logs\".\"type\" = 'stage_change'",
    };
    let select = logs::Entity::find()
        .filter(Expr::cust(kind))
        .filter(logs::Column::Timestamp.gte(span.since))
        .filter(logs::Column::Timestamp.lt(span.until));
    on.count(scope, select).await
}

/// How many contacts were added.
pub(in crate::insights) async fn added(
    on: &Snapshot,
    scope: &Scope,
    span: Span,
) -> Result<u64, StoreError> {
    let select = contacts::Entity::find()
        .filter(contacts::Column::CreatedOn.gte(span.since))
        .filter(contacts::Column::CreatedOn.lt(span.until));
    on.count(scope, select).await
}

/// How many tasks should have been done.
pub(in crate::insights) async fn overdue(
    on: &Snapshot,
    scope: &Scope,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let select = tasks::Entity::find()
        .filter(tasks::Column::DueAt.lt(now))
        .filter(tasks::Column::DoneAt.is_null());
    Ok(on.count_capped(scope, select).await?.0)
}
