//! What a command that works on the database needs: settings, the lock on the data folder, the services.

use std::fs::File;
use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::bootstrap::{self, Booted};
use crate::config::{Config, LogFormat};
use crate::server;

/// An opened database for one command. The data folder is this process's until it ends.
pub(super) struct Session {
    pub(super) booted: Booted,
    _lock: File,
}

/// Reads the settings and begins to log.
pub(super) fn config() -> anyhow::Result<Config> {
    // mail-send and reqwest take the process-wide provider; the only error is that it is set already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = Config::load()?;
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,sea_orm=warn,actix_server=warn"));
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

/// Opens and migrates the database for a command.
pub(super) async fn open() -> anyhow::Result<Session> {
    let config = config()?;
    let lock = server::lock(&config.data_dir)?;
    Ok(Session { booted: bootstrap::boot(&config).await?, _lock: lock })
}
