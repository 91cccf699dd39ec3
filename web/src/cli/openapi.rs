//! `pi-crm openapi`

use anyhow::Context as _;

/// Prints the document, which needs no database and no running server.
pub(super) fn run() -> anyhow::Result<()> {
    let text = crate::api::openapi::document().to_pretty_json().context("the document")?;
    println!("{text}");
    Ok(())
}
