//! Which campaigns this process is sending: one coordinator each, never two.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crm_core::CampaignId;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How others reach a coordinator.
#[derive(Default)]
pub(super) struct Handle {
    poked: AtomicBool,
    notify: Notify,
}

impl Handle {
    fn poke(&self) {
        self.poked.store(true, Ordering::SeqCst);
        self.notify.notify_one();
    }

    /// Takes the poke, if there was one: whatever it was about will be seen by the look that follows.
    pub(super) fn take_poke(&self) -> bool {
        self.poked.swap(false, Ordering::SeqCst)
    }

    /// Returns once there was a poke.
    pub(super) async fn poked(&self) {
        self.notify.notified().await;
    }
}

struct Entry {
    handle: Arc<Handle>,
    task: JoinHandle<()>,
}

/// The coordinators of this process.
#[derive(Default)]
pub(super) struct Active(Mutex<HashMap<CampaignId, Entry>>);

impl Active {
    /// Pokes the campaign's coordinator, or starts one.
    pub(super) fn look_at(
        &self,
        id: CampaignId,
        start: impl FnOnce(Arc<Handle>) -> JoinHandle<()>,
    ) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match entries.get(&id) {
            Some(entry) if !entry.task.is_finished() => entry.handle.poke(),
            // There is none, or it died and left its place taken.
            _ => {
                let handle = Arc::new(Handle::default());
                let task = start(Arc::clone(&handle));
                entries.insert(id, Entry { handle, task });
            }
        }
    }

    /// Lets a coordinator that has nothing to do go; `false` where it was poked in the meantime and must look again.
    pub(super) fn leave(&self, id: CampaignId, handle: &Arc<Handle>) -> bool {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if handle.take_poke() {
            return false;
        }
        if entries.get(&id).is_some_and(|entry| Arc::ptr_eq(&entry.handle, handle)) {
            entries.remove(&id);
        }
        true
    }

    /// Takes out all coordinators, to wait for their end.
    pub(super) fn drain(&self) -> Vec<JoinHandle<()>> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.drain().map(|(_, entry)| entry.task).collect()
    }
}
