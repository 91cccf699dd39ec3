//! The job `run-import`: reads one import to its end.

use std::sync::{Arc, Mutex, PoisonError};

use crm_contacts::Imports;
use crm_contacts::import::RunImport;
use tokio::task::JoinSet;

/// The imports this process is reading.
///
/// They run as tasks of their own, not inside the queue's worker: a worker that meets a database error is thrown away
/// with all it holds and started anew, and a half-read import must not go with it.
#[derive(Default)]
pub(super) struct Readers(Mutex<JoinSet<()>>);

impl Readers {
    /// Cuts off what is being read. Every batch is one transaction, so the next start goes on after the last one.
    pub(super) async fn stop(&self) {
        let mut tasks = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
    }

    fn spawn(&self, reading: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Ended ones are only forgotten when they are asked for.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(reading);
    }
}

/// Returns when the import has been read, or at once where that is happening already.
pub(super) async fn handle(imports: Arc<dyn Imports>, readers: Arc<Readers>, job: RunImport) {
    let (done, finished) = tokio::sync::oneshot::channel::<()>();
    readers.spawn(async move {
        // Goes when this task ends, also where it panics.
        let _done = done;
        if let Err(error) = imports.run(job.workspace_id, job.import_id).await {
            tracing::error!(
                import = %job.import_id,
                error = &error as &dyn std::error::Error,
                "the import could not be read to its end"
            );
        }
    });
    // An error here says that the sender is gone, which is what this waits for.
    let _ = finished.await;
}
