//! What is to be done next about some contacts, in one query.

use std::collections::HashMap;

use crm_core::{ContactId, Context, Scope, StoreError};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{Task, list};
use crate::entity::tasks;

/// The most urgent open task of each contact.
pub(crate) async fn run(
    ctx: &Context,
    scope: &Scope,
    ids: &[ContactId],
) -> Result<HashMap<ContactId, Task>, StoreError> {
    let mut first: HashMap<ContactId, Task> = HashMap::new();
    if ids.is_empty() {
        return Ok(first);
    }
    let select = tasks::Entity::find()
        .filter(tasks::Column::ContactId.is_in(ids.iter().copied()))
        .filter(tasks::Column::DoneAt.is_null());
    for row in ctx.db.all(scope, select).await? {
        let task = list::task(row)?;
        // Those without a time come last.
        let urgency = |task: &Task| (task.due_at.is_none(), task.due_at, task.id);
        match first.get(&task.contact_id) {
            Some(other) if urgency(other) <= urgency(&task) => {}
            _ => {
                first.insert(task.contact_id, task);
            }
        }
    }
    Ok(first)
}
