//! Who has gone quiet: in an open stage for a while, and no e-mail, text or call with them meanwhile.

use crm_core::{ListId, Scope, Snapshot, StoreError, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use super::{DAY, Quiet, Stage};
use crate::entity::elsewhere::{assignments, logs};

/// Counts them.
pub(in crate::insights) async fn quiet(
    on: &Snapshot,
    scope: &Scope,
    now: Timestamp,
    stages: &[Stage],
    days: u32,
) -> Result<Quiet, StoreError> {
    let open: Vec<&Stage> = stages.iter().filter(|stage| !stage.is_closed).collect();
    let ids: Vec<ListId> = open.iter().map(|stage| stage.id).collect();
    if ids.is_empty() {
        return Ok(Quiet { is_exact: true, ..Quiet::default() });
    }
    let since = now.minus(DAY * days);
    let contact = Expr::col(logs::Column::ContactId.as_column_ref());
    let heard = logs::Entity::find()
        .select_only()
        .expr_as(Expr::val(1), "one")
        .filter(contact.equals((assignments::Entity, assignments::Column::ContactId)))
        .filter(logs::Column::Timestamp.gte(since))
        .filter(logs::Column::Kind.is_in(["email", "text", "call"]));
    let select = assignments::Entity::find()
        .filter(assignments::Column::ListId.is_in(ids.iter().copied()))
        .filter(assignments::Column::AssignedAt.lte(since))
        .filter(Expr::not_exists(on.subquery(scope, heard)));
    let (people, is_exact) = on.count_capped(scope, select).await?;
    Ok(Quiet { people, is_exact, of: open.iter().map(|stage| stage.people).sum(), stages: ids })
}

/// The same as a segment.
pub(in crate::insights) fn rule(stages: &[ListId], days: u32) -> Value {
    let none = |kind| json!({"activity": {"type": kind, "op": "none_since", "days": days}});
    let any: Vec<Value> = stages.iter().map(|id| json!({"list": id})).collect();
    json!({"all": [
        {"any": any}, {"stage_days": {"more_than": days}},
        none("email"), none("text"), none("call"),
    ]})
}
