//! What a command that works on the database needs: settings, the services, and to know whether a server is at work on
//! the same data.

use std::fs::File;
use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use crate::bootstrap::{self, Booted};
use crate::config::{Config, LogFormat};
use crate::server;

/// An opened database for one command.
pub(super) struct Session {
    pub(super) booted: Booted,
    /// The data folder is this process's until the command ends, unless a server has it.
    lock: Option<File>,
}

impl Session {
    /// Whether a server runs on the same data folder: what it does in the background must be left to it.
    pub(super) const fn beside_server(&self) -> bool {
        self.lock.is_none()
    }
}

/// Reads the settings and begins to log.
pub(super) fn config() -> anyhow::Result<Config> {
    // mail-send and reqwest take the process-wide provider; the only error is that it is set already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = Config::load()?;
    let filter = log_filter()?;
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Setting it twice happens only in tests.
    let _ = match config.log_format {
        LogFormat::Text => logs.with_target(false).try_init(),
        LogFormat::Json => logs.json().try_init(),
    };
    Ok(config)
}

fn log_filter() -> anyhow::Result<EnvFilter> {
    let filter = match std::env::var(EnvFilter::DEFAULT_ENV) {
        Ok(filter) if !filter.is_empty() => EnvFilter::try_new(filter).context("RUST_LOG")?,
        _ => EnvFilter::new("info,sqlx=warn,sea_orm=warn,actix_server=warn,actix_session=error"),
    };
    // At its finest it writes down what it says to a mail server, and that is the password too.
    Ok(filter.add_directive("async_imap=info".parse()?))
}

/// Opens the database for a command, beside a running server too. Where none runs, it is migrated; a running server has
/// done that, unless it is of another version.
pub(super) async fn open() -> anyhow::Result<Session> {
    let config = config()?;
    let Some(lock) = server::try_lock(&config.data_dir)? else {
        let booted = bootstrap::boot_beside_server(&config).await?;
        return Ok(Session { booted, lock: None });
    };
    Ok(Session { booted: bootstrap::boot(&config).await?, lock: Some(lock) })
}

/// Opens and migrates the database for a command that must be alone with it.
pub(super) async fn open_alone() -> anyhow::Result<Session> {
    let config = config()?;
    let lock = server::lock(&config.data_dir)?;
    Ok(Session { booted: bootstrap::boot(&config).await?, lock: Some(lock) })
}
