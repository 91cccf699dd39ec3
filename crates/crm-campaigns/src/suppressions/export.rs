//! The list as a CSV file, which an import reads again.

use std::borrow::Cow;

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
    sheet::rows(first.then_some(HEADER.as_slice()), entries.iter().map(cells))
}

fn cells(entry: &Entry) -> [Cow<'_, str>; 4] {
    [
        sheet::text(entry.address.as_deref().unwrap_or("(erased)")),
        entry.channel.as_str().into(),
        entry.reason.as_str().into(),
        entry.since.to_string().into(),
    ]
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
