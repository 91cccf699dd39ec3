//! Writing tasks down, changing and deleting them.

use crm_core::{AuditEvent, Context, Scope, TaskId, Tx, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use super::list::task;
use super::{NewTask, Result, Task, TaskChange, TasksError};
use crate::entity::base_contacts;
use crate::entity::tasks::{ActiveModel, Column, Entity};

/// Most characters of a title.
const MAX_TITLE: usize = 200;

fn title(text: &str) -> Result<String> {
    let text = text.trim();
    let fits = !text.is_empty()
        && text.chars().count() <= MAX_TITLE
        && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(TasksError::InvalidTitle) }
}

async fn member(tx: &Tx, scope: &Scope, id: Option<UserId>) -> Result<()> {
    match id {
        Some(id) if !crm_core::workspace::is_member_in(tx, scope, id).await? => {
            Err(TasksError::InvalidAssignee)
        }
        _ => Ok(()),
    }
}

pub(super) async fn create(ctx: &Context, scope: &Scope, new: NewTask) -> Result<Task> {
    let tx = ctx.db.begin().await?;
    let task = insert(ctx, &tx, scope, new).await?;
    tx.commit().await?;
    Ok(task)
}

pub(super) async fn insert(ctx: &Context, tx: &Tx, scope: &Scope, new: NewTask) -> Result<Task> {
    let title = title(&new.title)?;
    let contact = tx.one(scope, base_contacts::Entity::find_by_id(new.contact_id)).await?;
    contact.ok_or(TasksError::UnknownContact)?;
    member(tx, scope, new.assignee_id).await?;
    let row = ActiveModel {
        id: Set(ctx.id(TaskId::from_uuid)),
        workspace_id: Set(scope.workspace_id()),
        contact_id: Set(new.contact_id),
        assignee_id: Set(new.assignee_id),
        kind: Set(new.kind.as_str().to_owned()),
        title: Set(title),
        due_at: Set(new.due_at),
        done_at: Set(None),
        created_by: Set(scope.user_id()),
        created_at: Set(ctx.now()),
        version: Set(1),
    };
    let row = tx.insert(scope, row).await?;
    let event = AuditEvent::new("task.created", "task", row.id)
        .with("title", &row.title)
        .with("contact_id", row.contact_id);
    ctx.audit.record(tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    Ok(task(row)?)
}

pub(super) async fn change(
    ctx: &Context,
    scope: &Scope,
    id: TaskId,
    version: Option<i64>,
    change: TaskChange,
) -> Result<Option<Task>> {
    let title = change.title.as_deref().map(title).transpose()?;
    let tx = ctx.db.begin().await?;
    let Some(mut row) = tx.one(scope, Entity::find_by_id(id)).await? else { return Ok(None) };
    if version.is_some_and(|seen| seen != row.version) {
        return Err(TasksError::Stale);
    }
    if let Some(assignee) = change.assignee_id {
        member(&tx, scope, assignee).await?;
        row.assignee_id = assignee;
    }
    row.title = title.unwrap_or(row.title);
    row.kind = change.kind.map_or(row.kind, |kind| kind.as_str().to_owned());
    row.due_at = change.due_at.unwrap_or(row.due_at);
    let was_done = row.done_at.is_some();
    row.done_at = match change.done {
        Some(true) => row.done_at.or_else(|| Some(ctx.now())),
        Some(false) => None,
        None => row.done_at,
    };
    let seen = row.version;
    row.version += 1;
    let update = Entity::update_many()
        .col_expr(Column::AssigneeId, Expr::value(row.assignee_id))
        .col_expr(Column::Kind, Expr::value(row.kind.as_str()))
        .col_expr(Column::Title, Expr::value(row.title.as_str()))
        .col_expr(Column::DueAt, Expr::value(row.due_at))
        .col_expr(Column::DoneAt, Expr::value(row.done_at))
        .col_expr(Column::Version, Expr::value(row.version))
        .filter(Column::Id.eq(id))
        // On PostgreSQL two callers may have read the same version.
        .filter(Column::Version.eq(seen));
    if tx.update_many(scope, update).await? == 0 {
        return Err(TasksError::Stale);
    }
    let action = match (was_done, row.done_at.is_some()) {
        (false, true) => "task.done",
        (true, false) => "task.reopened",
        _ => "task.updated",
    };
    let event = AuditEvent::new(action, "task", id)
        .with("title", &row.title)
        .with("contact_id", row.contact_id);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(Some(task(row)?))
}

pub(super) async fn delete(ctx: &Context, scope: &Scope, id: TaskId) -> Result<bool> {
    let tx = ctx.db.begin().await?;
    let Some(row) = tx.one(scope, Entity::find_by_id(id)).await? else { return Ok(false) };
    let gone = tx.delete_many(scope, Entity::delete_many().filter(Column::Id.eq(id))).await?;
    if gone == 0 {
        return Ok(false);
    }
    let event = AuditEvent::new("task.deleted", "task", id)
        .with("title", &row.title)
        .with("contact_id", row.contact_id);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(true)
}
