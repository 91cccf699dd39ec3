//! Asks providers what they cannot tell by themselves. A loop of its own without a sign of life, as that of incoming mail: a
//! provider may take its time.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{WorkerDeps, sleep_unless};

/// How often providers are looked for whose time has come.
const EVERY: Duration = Duration::from_secs(15);

/// Asks until `stop`. A look that is cut off begins anew where it began: what was noted is not noted twice.
pub(super) async fn run(deps: Arc<WorkerDeps>, stop: CancellationToken) {
    while sleep_unless(&stop, EVERY).await {
        let looked = tokio::select! {
            () = stop.cancelled() => return,
            looked = deps.inbound.poll_due() => looked,
        };
        if let Err(error) = looked {
            tracing::error!(error = &error as &dyn std::error::Error, "providers were not asked");
        }
    }
}
