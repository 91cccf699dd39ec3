//! Looking at the first rows of a file.

use crm_core::{ImportId, Scope, sheet};
use sea_orm::EntityTrait;

use super::reader::{Line, Table};
use super::targets::Fields;
use super::{ColumnPreview, FilePreview, Result, SeaImports, file, store};
use crate::entity::imports;

/// Rows shown.
const ROWS: usize = 5;
/// Rows looked at for samples of a column.
const SAMPLED: usize = 50;
/// Samples of a column.
const SAMPLES: usize = 3;
/// Characters of a cell that are shown.
const SHOWN: usize = 200;

pub(super) async fn run(
    imports: &SeaImports,
    scope: &Scope,
    id: ImportId,
) -> Result<Option<FilePreview>> {
    let Some(row) = imports.ctx.db.one(scope, imports::Entity::find_by_id(id)).await? else {
        return Ok(None);
    };
    let dialect = store::import(row)?.dialect;
    let fields = Fields::load(&imports.ctx.db, scope).await?;
    let (path, as_written) = (file::path(&imports.data_dir, id), dialect.clone());
    let (headers, lines) = file::aside(move || {
        let mut table = Table::open(&path, &as_written)?;
        let lines = table.lines(SAMPLED)?;
        Ok((table.headers, lines))
    })
    .await?
    .map_err(file::error)?;
    let suggested = fields.suggest_all(&headers);
    let columns = headers.into_iter().zip(suggested).enumerate();
    let columns = columns
        .map(|(cell, (header, suggested))| ColumnPreview {
            header,
            samples: samples(&lines, cell),
            suggested,
        })
        .collect();
    let rows = lines.iter().take(ROWS).map(|line| line.cells.iter().map(shown).collect()).collect();
    Ok(Some(FilePreview { dialect, columns, rows }))
}

fn samples(lines: &[Line], cell: usize) -> Vec<String> {
    let whole = lines.iter().filter(|line| line.broken.is_none() && line.passed_over.is_none());
    let cells =
        whole.filter_map(|line| line.cells.get(cell)).filter(|text| !text.trim().is_empty());
    cells.take(SAMPLES).map(shown).collect()
}

fn shown(cell: &str) -> String {
    let cell = sheet::value(cell);
    let mut text: String = cell.chars().take(SHOWN).collect();
    if text.len() < cell.len() {
        text.push('…');
    }
    text
}
