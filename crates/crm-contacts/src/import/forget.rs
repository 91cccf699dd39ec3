//! Removing the files of imports that went with their workspace.

use crm_core::{ImportId, Scope, System};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{Result, SeaImports, file};
use crate::entity::imports;

const SYSTEM: System = System::task("files of deleted imports");

pub(super) async fn ids(service: &SeaImports, scope: &Scope) -> Result<Vec<ImportId>> {
    let rows = service.ctx.db.all(scope, imports::Entity::find()).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

pub(super) async fn run(service: &SeaImports, mut ids: Vec<ImportId>) -> Result<()> {
    let select = imports::Entity::find().filter(imports::Column::Id.is_in(ids.iter().copied()));
    // Where the workspace is there still, so are its files.
    let there = service.ctx.db.everywhere(SYSTEM, select).await?;
    ids.retain(|id| !there.iter().any(|row| row.id == *id));
    let data_dir = service.data_dir.clone();
    file::aside(move || ids.into_iter().for_each(|id| file::remove(&data_dir, id))).await
}
