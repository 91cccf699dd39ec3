//! Reads mailboxes whose time has come. A loop of its own without a sign of life: a mail server may take its time, and one
//! that hangs must not make this process look ill.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{WorkerDeps, sleep_unless};

/// How often mailboxes are looked for whose time has come.
const EVERY: Duration = Duration::from_secs(10);

/// Reads until `stop`. A look that is cut off is gone on with: how far it came is noted with each message.
pub(super) async fn run(deps: Arc<WorkerDeps>, stop: CancellationToken) {
    while sleep_unless(&stop, EVERY).await {
        let looked = tokio::select! {
            () = stop.cancelled() => return,
            looked = deps.incoming.read_due() => looked,
        };
        if let Err(error) = looked {
            tracing::error!(error = &error as &dyn std::error::Error, "no mail could be read");
        }
    }
}
