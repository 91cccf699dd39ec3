//! Campaigns somebody is looking at: each is read once for all who look, and no more when nobody does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crm_campaigns::{Campaign, Campaigns};
use crm_core::{CampaignId, Scope};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Between two looks.
const EVERY: Duration = Duration::from_millis(500);

/// The campaigns under way that pages are open on.
#[derive(Clone, Default)]
pub struct Watched(Arc<Inner>);

#[derive(Default)]
struct Inner {
    by_id: Mutex<HashMap<CampaignId, watch::Sender<Campaign>>>,
    closing: CancellationToken,
}

impl Watched {
    fn lock(&self) -> MutexGuard<'_, HashMap<CampaignId, watch::Sender<Campaign>>> {
        // What is in it is whole at any moment.
        self.0.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends every stream, so that the server can stop.
    pub fn close(&self) {
        self.0.closing.cancel();
    }

    /// Waits until the server stops.
    pub(super) async fn closed(&self) {
        self.0.closing.cancelled().await;
    }

    /// The campaign from now on, as often as it changes. `campaign` is of the scope's workspace. The channel ends with
    /// the sending.
    pub(super) fn look(
        &self,
        campaigns: &Arc<dyn Campaigns>,
        scope: &Scope,
        campaign: &Campaign,
    ) -> watch::Receiver<Campaign> {
        let mut by_id = self.lock();
        if let Some(sender) = by_id.get(&campaign.id) {
            return sender.subscribe();
        }
        let (sender, receiver) = watch::channel(campaign.clone());
        by_id.insert(campaign.id, sender);
        tokio::spawn(self.clone().read(Arc::clone(campaigns), scope.clone(), campaign.id));
        receiver
    }

    async fn read(self, campaigns: Arc<dyn Campaigns>, scope: Scope, id: CampaignId) {
        loop {
            tokio::select! {
                () = self.closed() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
            let found = match campaigns.get(&scope, id).await {
                Ok(Some(found)) => found,
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "a campaign somebody looks at cannot be read");
                    continue;
                }
            };
            let is_over = !found.status.is_under_way();
            let mut by_id = self.lock();
            let Some(sender) = by_id.get(&id) else { return };
            sender.send_if_modified(|shown| {
                let is = |campaign: &Campaign| (campaign.status, campaign.counts);
                let changed = is(shown) != is(&found) || shown.pause_reason != found.pause_reason;
                *shown = found;
                changed
            });
            // Whoever comes after this asks anew: both are decided under the lock.
            if is_over || sender.receiver_count() == 0 {
                by_id.remove(&id);
                return;
            }
        }
        self.lock().remove(&id);
    }
}
