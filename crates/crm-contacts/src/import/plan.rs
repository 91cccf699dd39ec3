//! Deciding how a file is read, and queueing that.

use crm_core::{AuditEvent, ImportId, ListId, Scope, StoreError, Tx, outbox};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::reader::Table;
use super::targets::Fields;
use super::{
    Dialect, Import, ImportError, ImportPlan, ImportState, Mapping, Result, RunImport, SeaImports,
    file, store,
};
use crate::entity::{contact_lists, import_rows, imports};

pub(super) async fn run(
    imports: &SeaImports,
    scope: &Scope,
    id: ImportId,
    plan: ImportPlan,
) -> Result<Option<Import>> {
    let Some(row) = imports.ctx.db.one(scope, imports::Entity::find_by_id(id)).await? else {
        return Ok(None);
    };
    let known = store::import(row)?;
    plannable(&known)?;
    let mapping = checked_mapping(imports, scope, id, known.dialect, plan.mapping).await?;

    let tx = imports.ctx.db.begin().await?;
    let Some(row) = store::hold(&tx, scope, id).await? else { return Ok(None) };
    plannable(&store::import(row)?)?;
    if let Some(list_id) = plan.list_id {
        check_list(&tx, scope, list_id).await?;
    }
    let rows = import_rows::Entity::delete_many().filter(import_rows::Column::ImportId.eq(id));
    tx.delete_many(scope, rows).await?;
    let words = serde_json::to_value(&mapping).map_err(StoreError::from)?;
    let now = imports.ctx.now();
    let update = imports::Entity::update_many()
        .filter(imports::Column::Id.eq(id))
        .col_expr(imports::Column::State, Expr::value(ImportState::Queued.as_str()))
        .col_expr(imports::Column::Mode, Expr::value(plan.mode.as_str()))
        .col_expr(imports::Column::DryRun, Expr::value(plan.dry_run))
        .col_expr(imports::Column::ListId, Expr::value(plan.list_id))
        .col_expr(imports::Column::Mapping, Expr::value(words))
        .col_expr(imports::Column::Total, Expr::value(0_i64))
        .col_expr(imports::Column::Created, Expr::value(0_i64))
        .col_expr(imports::Column::Updated, Expr::value(0_i64))
        .col_expr(imports::Column::Skipped, Expr::value(0_i64))
        .col_expr(imports::Column::Failed, Expr::value(0_i64))
        .col_expr(imports::Column::ResumeAtRow, Expr::value(0_i64))
        .col_expr(imports::Column::Error, Expr::value(None::<String>))
        .col_expr(imports::Column::StartedAt, Expr::value(None::<String>))
        .col_expr(imports::Column::FinishedAt, Expr::value(None::<String>))
        .col_expr(imports::Column::BootId, Expr::value(None::<String>));
    tx.update_many(scope, update).await?;
    let event = AuditEvent::new("import.queued", "import", id)
        .with("mode", plan.mode)
        .with("dry_run", plan.dry_run)
        .with("list_id", plan.list_id);
    imports.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    let job = RunImport { workspace_id: scope.workspace_id(), import_id: id };
    // A trial run and the real one are two jobs of one import.
    outbox::enqueue(&imports.ctx, &tx, &job, &format!("{id}:{now}:{}", plan.dry_run)).await?;
    let queued = store::hold(&tx, scope, id).await?;
    tx.commit().await?;
    queued.map(store::import).transpose()
}

/// A fresh file can be planned, and one that was only tried out.
fn plannable(import: &Import) -> Result<()> {
    let tried_out = import.dry_run && import.state.is_over();
    if import.state == ImportState::Uploaded || tried_out {
        return Ok(());
    }
    Err(ImportError::InvalidState(import.state.as_str()))
}

async fn checked_mapping(
    imports: &SeaImports,
    scope: &Scope,
    id: ImportId,
    dialect: Dialect,
    mapping: Option<Mapping>,
) -> Result<Mapping> {
    let fields = Fields::load(&imports.ctx.db, scope).await?;
    let path = file::path(&imports.data_dir, id);
    let table = file::aside(move || Table::open(&path, &dialect)).await?;
    let headers = table.map_err(file::error)?.headers;
    let mut mapping = mapping.unwrap_or_else(|| fields.suggested_mapping(&headers));
    mapping.retain(|_, target| !target.is_empty());
    fields.compile(headers, &mapping)?;
    Ok(mapping)
}

async fn check_list(tx: &Tx, scope: &Scope, list_id: ListId) -> Result<()> {
    match tx.one(scope, contact_lists::Entity::find_by_id(list_id)).await? {
        Some(_) => Ok(()),
        None => Err(ImportError::UnknownList),
    }
}
