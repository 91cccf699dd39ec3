//! `pi-crm secrets rotate`: another key for the secrets in the database.

use anyhow::{Context as _, ensure};
use clap::Subcommand;
use crm_core::{Actor, AuditEvent};
use serde::Serialize;

use super::{report, session};
use crate::bootstrap;
use crate::server;
use crate::state::Services;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Seal all stored secrets with another key. Every server on this database has to be stopped.
    Rotate,
}

const ACTOR: Actor = Actor::system("command line");

#[derive(Serialize)]
struct Done {
    /// Secrets that were sealed again.
    resealed: u64,
}

pub(super) async fn run(command: &Command, json: bool) -> anyhow::Result<()> {
    match command {
        Command::Rotate => rotate(json).await,
    }
}

/// The new key is on the disk beside the old one before anything is sealed with it, and the old one goes when nothing needs
/// it any more: whenever this is interrupted, everything opens, and running it again finishes what was begun.
async fn rotate(json: bool) -> anyhow::Result<()> {
    let mut config = session::config()?;
    let _lock = server::lock(&config.data_dir)?;
    let services = bootstrap::boot(&config).await?.services;
    let running = services.engine.others().await?;
    ensure!(
        running == 0,
        "{running} servers run on this database, or were killed within the last minute; stop them first"
    );
    ensure!(
        config.secrets.is_kept() || config.secrets.is_rotating(),
        "ENCRYPTION_KEY is set: set ENCRYPTION_KEY to a new key and ENCRYPTION_KEY_PREVIOUS to this one, and run this again"
    );
    if !config.secrets.is_rotating() {
        config.secrets.begin_rotation()?;
    }
    crm_core::torture::point("after_key_made");
    let services = bootstrap::boot(&config).await?.services;
    let resealed = reseal(&services).await?;
    crm_core::torture::point("after_reseal");
    config.secrets.end_rotation()?;
    let words = if config.secrets.is_kept() {
        format!(
            "{resealed} secrets are sealed with a new key, which is in encryption.key. Back it up."
        )
    } else {
        format!(
            "{resealed} secrets are sealed with ENCRYPTION_KEY. ENCRYPTION_KEY_PREVIOUS is not needed any more."
        )
    };
    report(json, &Done { resealed }, &words)
}

/// All of them, or none.
async fn reseal(services: &Services) -> anyhow::Result<u64> {
    let tx = services.ctx.db.begin().await?;
    let mut resealed = 0;
    for store in &services.sealed {
        resealed += store.reseal(&tx).await.context("nothing was changed")?;
    }
    let event = AuditEvent::about("secrets.rotated", "system").with("secrets", resealed);
    services.ctx.audit.record(&tx, None, &ACTOR, event).await?;
    tx.commit().await?;
    Ok(resealed)
}
