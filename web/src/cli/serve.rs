//! `pi-crm serve`

use tokio::signal::unix::{SignalKind, signal};

use super::session;
use crate::server;

pub(super) async fn run() -> anyhow::Result<()> {
    let config = session::config()?;
    let shown = config.public_url.clone();
    // Listened to before anything starts, so that a signal during start-up is not lost.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let server = server::start(config).await?;
    println!("pi-crm is at http://{}", server.addr);
    if let Some(url) = shown {
        println!("People reach it at {url}");
    }
    if let Some(code) = &server.setup_code {
        println!("Nobody can sign in yet. Open http://{}/setup and enter this", server.addr);
        println!("Setup code: {code}");
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: messages in flight get their outcome first");
    server.stop().await?;
    tracing::info!("stopped");
    Ok(())
}
