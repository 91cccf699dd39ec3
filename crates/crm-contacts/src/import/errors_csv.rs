//! The failed rows as a file that can be put right and brought again.

use crm_core::{AuditEvent, ImportId, Scope, sheet};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::reader::Table;
use super::{ImportError, Result, RowReport, SeaImports, file, records, report, store, vcard};
use crate::entity::{import_rows, imports};

/// Rows read at once.
const PAGE: u64 = 1000;

pub(super) async fn run(
    service: &SeaImports,
    scope: &Scope,
    id: ImportId,
) -> Result<Option<Vec<u8>>> {
    let db = &service.ctx.db;
    let Some(row) = db.one(scope, imports::Entity::find_by_id(id)).await? else { return Ok(None) };
    let dialect = store::import(row)?.dialect;
    let path = file::path(&service.data_dir, id);
    let table = file::aside(move || Table::open(&path, &dialect)).await?;
    let headers = table.map_err(file::error)?.headers;

    // Spreadsheets take a file without the mark for one in their own old encoding.
    let mut text = "\u{feff}".to_owned().into_bytes();
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(&mut text);
    write(&mut writer, headers.iter().map(String::as_str).chain(["error"]))?;
    let (mut after, mut rows) = (0, 0_u64);
    loop {
        let select = report::of(id, "failed")
            .filter(import_rows::Column::RowNo.gt(after))
            .order_by_asc(import_rows::Column::RowNo)
            .limit(PAGE);
        let page = db.all(scope, select).await?;
        let Some(last) = page.last() else { break };
        after = last.row_no;
        for row in page {
            let row = report::report(row)?;
            write(&mut writer, cells(&row, headers.len()))?;
            rows += 1;
        }
    }
    writer.flush().map_err(ImportError::File)?;
    drop(writer);
    // Nothing changed, but people's data left the house.
    let tx = service.ctx.db.begin().await?;
    let event = AuditEvent::new("import.errors_exported", "import", id).with("rows", rows);
    service.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(Some(text))
}

/// The file's own columns, the reason, and behind it what has no column. A line that is no record, or a text that is no
/// card, goes there as a whole: brought again as it is, it fails again instead of becoming a contact of that name.
fn cells(row: &RowReport, columns: usize) -> impl Iterator<Item = &str> {
    let reason = row.reason.as_deref().unwrap_or_default();
    let own = if records::is_no_record(reason) || vcard::is_no_card(reason) {
        0
    } else {
        row.raw.len().min(columns)
    };
    let raw = || row.raw.iter().map(String::as_str);
    let filling = std::iter::repeat_n("", columns - own);
    raw().take(own).chain(filling).chain([reason]).chain(raw().skip(own))
}

fn write<'a>(
    writer: &mut csv::Writer<&mut Vec<u8>>,
    cells: impl Iterator<Item = &'a str>,
) -> Result<()> {
    for cell in cells {
        let written = writer.write_field(sheet::harmless(cell).as_bytes());
        written.map_err(|error| ImportError::File(std::io::Error::other(error)))?;
    }
    let ended = writer.write_record(None::<&[u8]>);
    ended.map_err(|error| ImportError::File(std::io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(raw: &[&str], reason: &str) -> String {
        let row = RowReport {
            row_no: 2,
            outcome: "failed".to_owned(),
            reason: Some(reason.to_owned()),
            raw: raw.iter().map(|cell| (*cell).to_owned()).collect(),
        };
        let mut text = Vec::new();
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(&mut text);
        write(&mut writer, cells(&row, 2)).unwrap();
        drop(writer);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn rows_keep_their_cells_and_gain_a_reason() {
        assert_eq!(line(&["a", "b"], "why"), "a,b,why\n");
        assert_eq!(line(&["a"], "too few"), "a,,too few\n");
        assert_eq!(line(&["a", "b", "c"], "too many"), "a,b,too many,c\n");
        assert_eq!(line(&["=1+1", "+43"], "why"), "'=1+1,'+43,why\n");
        assert_eq!(
            line(&["\"open,x"], records::UNCLOSED),
            format!(",,{},\"\"\"open,x\"\n", records::UNCLOSED)
        );
    }
}
