//! An engine in a runtime of its own: the end of that is as near to a kill as one gets without a process.

use std::sync::Arc;
use std::time::Duration;

use crm_campaigns::Engine;
use crm_campaigns::engine::LedgerEngine;
use crm_core::clock::FakeClock;
use tokio::runtime::Runtime;

use super::rig::Services;

/// The engine of one run of the server.
pub(super) struct Running {
    pub(super) runtime: Runtime,
    pub(super) engine: Arc<LedgerEngine>,
}

impl Running {
    pub(super) async fn start(url: &str, clock: &Arc<FakeClock>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let (url, clock) = (url.to_owned(), Arc::clone(clock));
        let engine = runtime
            .spawn(async move { Services::at(&url, &clock).await.engine().await })
            .await
            .unwrap();
        Self { runtime, engine }
    }

    /// The end, in the middle of everything.
    pub(super) async fn kill(self) {
        let Self { runtime, engine } = self;
        tokio::task::spawn_blocking(move || {
            runtime.shutdown_timeout(Duration::from_secs(20));
            drop(engine);
        })
        .await
        .unwrap();
    }

    pub(super) async fn stop(self) {
        let engine = Arc::clone(&self.engine);
        self.runtime.spawn(async move { engine.stop().await }).await.unwrap();
        self.kill().await;
    }
}
