//! `pi-crm audit verify`

use anyhow::{Context as _, bail};
use clap::Subcommand;
use crm_core::Db;

use super::{report, session};
use crate::bootstrap;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check that no entry was changed, removed or moved. Reads only, and works beside a running server.
    Verify,
}

pub(super) async fn run(command: &Command, json: bool) -> anyhow::Result<()> {
    match command {
        Command::Verify => verify(json).await,
    }
}

async fn verify(json: bool) -> anyhow::Result<()> {
    let config = session::config()?;
    // Neither the data folder's lock nor the migrations: a server may be running on this database.
    let db = Db::new(bootstrap::open(&config).await?);
    let verdict = crm_audit::verify(&db).await.context(
        "the audit log cannot be read; `pi-crm migrate` brings an older database up to date",
    )?;
    let checked = verdict.checked;
    let Some(seq) = verdict.first_bad else {
        return report(json, &verdict, &format!("The audit log is whole: {checked} entries."));
    };
    if json {
        report(json, &verdict, "")?;
    }
    bail!("the audit log was tampered with: entry {seq} was changed, removed or moved")
}
