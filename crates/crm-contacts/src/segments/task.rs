//! Conditions on follow-ups, and on how long a contact has been in its stage.

use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::compile::Compiler;
use super::leaf::of_contact;
use super::tree::{StageDays, TaskOperator, TaskState};
use crate::entity::base_contacts;
use crate::entity::tasks::{Column, Entity};

const DAY: Duration = Duration::from_hours(24);

/// Having a task that is not done, or none.
pub(super) fn state(compiler: &Compiler<'_>, task: &TaskState) -> Expr {
    let mut select = Entity::find()
        .select_only()
        .expr_as(Expr::val(1), "one")
        .filter(of_contact(Column::ContactId))
        .filter(Column::DoneAt.is_null());
    if task.op == TaskOperator::Overdue {
        select = select.filter(Column::DueAt.lt(compiler.now));
    }
    if let Some(id) = task.assignee_id {
        select = select.filter(Column::AssigneeId.eq(id));
    }
    let subquery = compiler.door.subquery(compiler.scope, select);
    match task.op {
        TaskOperator::None => Expr::not_exists(subquery),
        TaskOperator::Open | TaskOperator::Overdue => Expr::exists(subquery),
    }
}

/// Having been in the stage for so long.
pub(super) fn stage_days(compiler: &Compiler<'_>, days: &StageDays) -> Expr {
    let column = base_contacts::Column::StageSince;
    let since = compiler.now.minus(DAY.saturating_mul(days.more_than));
    // A comparison with null is unknown, and `not` would leave it so.
    column.is_not_null().and(column.lte(since))
}
