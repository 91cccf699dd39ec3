//! `pi-crm backup create|list|verify|restore`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use clap::Subcommand;
use crm_backup::{Backup, Restoring};
use crm_core::{Actor, AuditEvent, BackupId, Timestamp};
use serde::Serialize;

use super::{report, session};
use crate::config::Config;
use crate::{bootstrap, server};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a backup and check it; beside a running server, too.
    Create,
    /// List the backups there are, the newest first.
    List,
    /// Open a backup and check all of it. Nothing is changed.
    Verify {
        /// The file.
        path: PathBuf,
    },
    /// Put a backup in the place of the database. The server has to be stopped.
    Restore {
        /// The file.
        path: PathBuf,
        /// That the database of now may be replaced. A copy of it is kept.
        #[arg(long)]
        yes: bool,
    },
}

const ACTOR: Actor = Actor::system("command line");

pub(super) async fn run(command: Command, json: bool) -> anyhow::Result<()> {
    match command {
        Command::Create => create(json).await,
        Command::List => list(json).await,
        Command::Verify { path } => verify(path, json).await,
        Command::Restore { path, yes } => restore(path, yes, json).await,
    }
}

async fn create(json: bool) -> anyhow::Result<()> {
    let session = session::open().await?;
    let made = session.booted.services.backups.create(&ACTOR).await?;
    let words = format!("{} is made and checked: {} bytes.", made.path, made.bytes);
    report(json, &made, &words)
}

async fn list(json: bool) -> anyhow::Result<()> {
    let session = session::open().await?;
    let backups = session.booted.services.backups.list().await?;
    let lines: Vec<String> = backups.iter().map(line).collect();
    let words = if lines.is_empty() { "There is no backup.".to_owned() } else { lines.join("\n") };
    report(json, &backups, &words)
}

fn line(backup: &Backup) -> String {
    let Backup { created_at, bytes, path, .. } = backup;
    let state = if backup.verified { "verified" } else { "not verified" };
    format!("{created_at}  {bytes:>12} bytes  {state:<12}  {path}")
}

#[derive(Serialize)]
struct Looked {
    path: String,
    verified: bool,
    id: Option<BackupId>,
    created_at: Option<Timestamp>,
}

async fn verify(path: PathBuf, json: bool) -> anyhow::Result<()> {
    let config = session::config()?;
    let header = crm_backup::verify(path.clone(), &config.data_dir).await?;
    let at = header.as_ref().map(|header| header.created_at);
    let id = header.as_ref().map(|header| header.id);
    let path = path.display().to_string();
    let words = match at {
        Some(at) => format!("{path} is sound. It was made at {at}."),
        None => format!("{path} is a sound database. It does not say when it was made."),
    };
    report(json, &Looked { path, verified: true, id, created_at: at }, &words)
}

#[derive(Serialize)]
struct Restored {
    path: String,
    created_at: Option<Timestamp>,
    /// The database of before.
    safety_copy: Option<String>,
}

async fn restore(path: PathBuf, yes: bool, json: bool) -> anyhow::Result<()> {
    let config = session::config()?;
    let database = bootstrap::database_file(&config)
        .context("the database is on a PostgreSQL server: restore it with pg_restore")?;
    ensure!(
        yes,
        "this puts the backup in the place of {}; repeat it with --yes",
        database.display()
    );
    let _lock = server::lock(&config.data_dir)?;
    let restoring = Restoring::begin(path.clone(), &database, &config.data_dir).await?;
    let created_at = restoring.header.as_ref().map(|header| header.created_at);
    let now = make_ready(&config, restoring.ready(), created_at).await?;
    let switched = restoring.switch(now).await?;
    let safety_copy = switched.safety_copy.map(|copy| copy.display().to_string());
    let path = path.display().to_string();
    let kept = safety_copy
        .as_ref()
        .map_or_else(String::new, |copy| format!(" The database of before is kept as {copy}."));
    let words = format!(
        "{path} is restored.{kept} Campaigns that were being sent or scheduled wait until somebody goes on with them."
    );
    report(json, &Restored { path, created_at, safety_copy }, &words)
}

/// Brings the database of a backup up to date, and sees to it that nothing is sent from it unasked. It is not in its place
/// yet: where this fails, nothing has happened.
async fn make_ready(
    config: &Config,
    database: &Path,
    created_at: Option<Timestamp>,
) -> anyhow::Result<Timestamp> {
    let path = database.to_str().context("the path of the database is not valid UTF-8")?;
    let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    let there = Config { database_url: format!("sqlite://{path}"), ..config.clone() };
    let connections = bootstrap::open(&there).await?;
    let pools = [&connections.read, &connections.write]
        .map(|connection| connection.get_sqlite_connection_pool().clone());
    let made = change(&there, connections, created_at).await;
    for pool in pools {
        pool.close().await;
    }
    made
}

async fn change(
    config: &Config,
    connections: crm_core::db::Connections,
    created_at: Option<Timestamp>,
) -> anyhow::Result<Timestamp> {
    if let Err(error) = bootstrap::migrate(&connections).await {
        bail!("this version of pi-crm cannot use the backup, a newer one may: {error:#}");
    }
    let ctx = bootstrap::context(config, connections);
    let tx = ctx.db.begin().await?;
    crm_campaigns::engine::note_restored(&ctx, &tx).await?;
    let event = AuditEvent::about("backup.restored", "backup").with("created_at", created_at);
    ctx.audit.record(&tx, None, &ACTOR, event).await?;
    tx.commit().await?;
    Ok(ctx.now())
}
