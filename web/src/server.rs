//! Starting and stopping the server.

use std::fs::{File, OpenOptions, TryLockError};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::web;
use anyhow::Context as _;

use crate::bootstrap::{self, Booted};
use crate::config::Config;
use crate::middleware::limits::Limits;
use crate::pages::campaigns::Watched;
use crate::pages::setup::SetupGate;
use crate::state::{App, Services};
use crate::workers::{self, WorkerDeps, Workers};
use crate::{app, views};

/// Threads that serve requests. A Raspberry Pi has four cores, and each thread costs memory.
const MAX_HTTP_WORKERS: usize = 4;
/// How long requests that are being answered get at the end, in seconds.
const GRACE_SECONDS: u64 = 10;

/// A server that is up.
pub struct RunningServer {
    /// Where it listens.
    pub addr: SocketAddr,
    /// The code of the first-run page, while there is no user.
    pub setup_code: Option<String>,
    http: ServerHandle,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
    workers: Workers,
    services: Services,
    watched: Watched,
    // Held until the end: it keeps a second process off the data folder.
    _lock: File,
}

/// Takes the data folder for this process.
///
/// # Errors
/// Where another process has it.
pub fn lock(data_dir: &Path) -> anyhow::Result<File> {
    try_lock(data_dir)?.with_context(|| {
        format!(
            "another pi-crm is using the data folder {}; stop it first, or set DATA_DIR",
            data_dir.display()
        )
    })
}

/// The same; `None` where another process has it.
///
/// # Errors
/// Where the lock cannot be asked for.
pub fn try_lock(data_dir: &Path) -> anyhow::Result<Option<File>> {
    let path = data_dir.join("pi-crm.lock");
    let file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .with_context(|| format!("{} cannot be opened", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(err)) => {
            Err(err).with_context(|| format!("{} cannot be locked", path.display()))
        }
    }
}

/// Opens the database, begins to serve, recovers what an earlier process left, and starts the background work.
///
/// # Errors
/// Where any of that fails, in words.
pub async fn start(config: Config) -> anyhow::Result<RunningServer> {
    let lock = lock(&config.data_dir)?;
    let listener = TcpListener::bind((config.host.as_str(), config.port))
        .with_context(|| format!("HOST, PORT: cannot listen on {}:{}", config.host, config.port))?;
    let addr = listener.local_addr()?;
    let Booted { services, queue, boot_id } = bootstrap::boot(&config).await?;
    let setup = SetupGate::new(services.accounts.is_set_up().await?);
    let setup_code = setup.code().map(str::to_owned);

    workers::prepare(&queue).await.context("the job queue cannot be prepared")?;
    let workers = workers::start(WorkerDeps {
        ctx: services.ctx.clone(),
        engine: Arc::clone(&services.engine),
        imports: Arc::clone(&services.imports),
        bulk: Arc::clone(&services.bulk),
        backups: Arc::clone(&services.backups),
        insights: Arc::clone(&services.insights),
        trash: Arc::clone(&services.trash),
        incoming: Arc::clone(&services.incoming),
        inbound: Arc::clone(&services.inbound),
        queue,
        boot_id,
    });
    let watched = Watched::default();
    let state = web::Data::new(App {
        watched: watched.clone(),
        services: services.clone(),
        views: views::Engine::new().context("the templates are damaged")?,
        setup,
        limits: Limits::new(&config),
        poke: workers.poker(),
        config,
    });
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(MAX_HTTP_WORKERS);
    let server = actix_web::HttpServer::new(move || app::build(web::Data::clone(&state)))
        .workers(threads)
        .shutdown_timeout(GRACE_SECONDS)
        // Signals are ours: the background work stops with the server, in order.
        .disable_signals()
        .listen(listener)?
        .run();
    let http = server.handle();
    let task = tokio::spawn(server);
    Ok(RunningServer { addr, setup_code, http, task, workers, services, watched, _lock: lock })
}

impl RunningServer {
    /// Stops in order: no new requests, no new messages, what is in flight gets its outcome, mail servers are told goodbye.
    ///
    /// # Errors
    /// Where the server ended with an error of its own.
    pub async fn stop(self) -> anyhow::Result<()> {
        // Streams last as long as somebody looks; what ends by itself is waited for.
        self.watched.close();
        // Messages in flight have their own limit; requests finish meanwhile.
        tokio::join!(self.http.stop(true), self.services.engine.stop());
        self.workers.stop().await;
        self.services.providers.close().await;
        self.task.await??;
        Ok(())
    }
}
