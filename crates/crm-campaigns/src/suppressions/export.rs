//! The list as a CSV file, which an import reads again.

use crm_core::{AuditEvent, Scope, StoreError, sheet};

use super::sea::SeaSuppressions;
use super::service::{Entry, Filter, Result};

/// The columns.
pub(super) const HEADER: [&str; 4] = ["address", "channel", "reason", "since"];

/// Entries as rows of the file, with the heading before the first ones. Of an erased person there is no address to give.
///
/// # Errors
/// [`StoreError::Corrupt`] where an entry cannot be written as a row.
pub fn rows(entries: &[Entry], first: bool) -> std::result::Result<Vec<u8>, StoreError> {
    let broken = |err: csv::Error| StoreError::Corrupt(format!("a suppression as a row: {err}"));
    // Spreadsheets take a file without the mark for one in their own old encoding.
    let mut text = if first { "\u{feff}".to_owned().into_bytes() } else { Vec::new() };
    let mut writer = csv::Writer::from_writer(&mut text);
    if first {
        writer.write_record(HEADER).map_err(broken)?;
    }
    for entry in entries {
        let address = sheet::text(entry.address.as_deref().unwrap_or("(erased)"));
        let since = entry.since.to_string();
        let cells = [&*address, entry.channel.as_str(), entry.reason.as_str(), &since];
        writer.write_record(cells).map_err(broken)?;
    }
    writer.flush().map_err(|err| StoreError::Corrupt(format!("rows in memory: {err}")))?;
    drop(writer);
    Ok(text)
}

pub(super) async fn note(on: &SeaSuppressions, scope: &Scope, filter: &Filter) -> Result<()> {
    let event = AuditEvent::about("suppressions.exported", "suppression")
        .with("q", &filter.q)
        .with("channel", filter.channel)
        .with("reason", filter.reason);
    let tx = on.ctx.db.begin().await?;
    on.record(&tx, scope, event).await?;
    Ok(tx.commit().await?)
}
