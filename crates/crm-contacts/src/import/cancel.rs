//! Stopping an import.

use crm_core::{AuditEvent, ImportId, Scope};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{Import, ImportError, ImportState, Result, SeaImports, store};
use crate::entity::imports;

/// The run notices before its next batch: a batch holds the import's row until it is committed.
pub(super) async fn run(
    service: &SeaImports,
    scope: &Scope,
    id: ImportId,
) -> Result<Option<Import>> {
    let tx = service.ctx.db.begin().await?;
    let Some(row) = store::hold(&tx, scope, id).await? else { return Ok(None) };
    let import = store::import(row)?;
    if import.state.is_over() {
        return Err(ImportError::InvalidState(import.state.as_str()));
    }
    let now = service.ctx.now();
    let update = imports::Entity::update_many()
        .filter(imports::Column::Id.eq(id))
        .col_expr(imports::Column::State, Expr::value(ImportState::Cancelled.as_str()))
        .col_expr(imports::Column::FinishedAt, Expr::value(now));
    tx.update_many(scope, update).await?;
    let event = AuditEvent::new("import.cancelled", "import", id).with("counts", import.counts);
    service.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(Some(Import { state: ImportState::Cancelled, finished_at: Some(now), ..import }))
}
