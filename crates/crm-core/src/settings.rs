//! Settings kept in the database, as text by key, of the system or of a workspace.

use sea_orm::sea_query::OnConflict;
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
