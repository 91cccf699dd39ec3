//! How many messages one provider may have in flight in this process, whatever campaigns they belong to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crm_core::ProviderId;
use tokio::sync::Semaphore;

/// The slots of each provider in use.
#[derive(Default)]
pub(super) struct Slots(Mutex<HashMap<ProviderId, (usize, Arc<Semaphore>)>>);

impl Slots {
    /// The slots of a provider that takes `concurrency` messages at once. A changed number gives new slots; messages in
    /// flight keep theirs.
    pub(super) fn of(&self, provider_id: ProviderId, concurrency: usize) -> Arc<Semaphore> {
        let concurrency = concurrency.max(1);
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || (concurrency, Arc::new(Semaphore::new(concurrency)));
        let entry = slots.entry(provider_id).or_insert_with(fresh);
        if entry.0 != concurrency {
            *entry = fresh();
        }
        Arc::clone(&entry.1)
    }
}
