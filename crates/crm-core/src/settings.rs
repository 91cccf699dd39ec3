//! Settings kept in the database, as text by key, of the system or of a workspace.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::entity::system_settings as row;
use crate::{AuditEvent, Context, Scope, SettingId, StoreError, System, Tx};

const SYSTEM: System = System::task("settings");

/// Whose settings these are.
fn place(scope: Option<&Scope>) -> (String, String) {
    scope.map_or_else(
        || ("system".to_owned(), String::new()),
        |scope| ("workspace".to_owned(), scope.workspace_id().to_string()),
    )
}

/// The value of `key`: of the workspace where a scope is given, else of the system.
pub async fn get(
    ctx: &Context,
    scope: Option<&Scope>,
    key: &str,
) -> Result<Option<String>, StoreError> {
    let (kind, id) = place(scope);
    let select = row::Entity::find()
        .filter(row::Column::Scope.eq(kind))
        .filter(row::Column::ScopeId.eq(id))
        .filter(row::Column::SettingKey.eq(key));
    Ok(ctx.db.everywhere(SYSTEM, select).await?.pop().map(|found| found.setting_value))
}

/// Writes `key` of each workspace anew, inside `tx` and without an entry of its own in the audit log: `change` makes of a
/// workspace's id and value another value, or leaves it.
///
/// # Errors
/// What `change` fails with, or the database.
pub async fn rewrite<E: From<StoreError>>(
    tx: &Tx,
    key: &str,
    change: impl Fn(&str, &str) -> Result<Option<String>, E> + Send,
) -> Result<u64, E> {
    let select = row::Entity::find()
        .filter(row::Column::Scope.eq("workspace"))
        .filter(row::Column::SettingKey.eq(key));
    let mut changed = 0;
    for found in tx.everywhere(SYSTEM, select).await? {
        let Some(value) = change(&found.scope_id, &found.setting_value)? else { continue };
        let update = row::Entity::update_many()
            .col_expr(row::Column::SettingValue, Expr::value(value))
            .filter(row::Column::Id.eq(found.id));
        changed += tx.update_everywhere(SYSTEM, update).await?;
    }
    Ok(changed)
}

/// Sets `key` inside `tx`; a workspace setting leaves an audit entry. Values are not written to the audit log.
pub async fn set(
    ctx: &Context,
    tx: &Tx,
    scope: Option<&Scope>,
    key: &str,
    value: &str,
) -> Result<(), StoreError> {
    let (kind, id) = place(scope);
    let new = row::ActiveModel {
        id: Set(ctx.id(SettingId::from_uuid)),
        scope: Set(kind),
        scope_id: Set(id),
        setting_key: Set(key.to_owned()),
        setting_value: Set(value.to_owned()),
    };
    let columns = [row::Column::Scope, row::Column::ScopeId, row::Column::SettingKey];
    let rule = OnConflict::columns(columns).update_column(row::Column::SettingValue).to_owned();
    tx.upsert_system(SYSTEM, new, rule).await?;
    if let Some(scope) = scope {
        let event = AuditEvent::about("setting.changed", "setting").with("key", key);
        ctx.audit.record(tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    }
    Ok(())
}
