//! [`Trash`] on the database.

use std::sync::Arc;

use async_trait::async_trait;
use crm_core::{ContactId, Context, Page, PageRequest, Scope};

use super::{Deleted, Result, Trash, empty, list, restore};
use crate::contacts::Contact;
use crate::ledger::CampaignLedger;

/// [`Trash`] on the database.
#[derive(Clone)]
pub struct SeaTrash {
    pub(super) ctx: Context,
    pub(super) ledger: Arc<dyn CampaignLedger>,
}

impl SeaTrash {
    /// The trash on this context, with what campaigns keep about contacts.
    pub const fn new(ctx: Context, ledger: Arc<dyn CampaignLedger>) -> Self {
        Self { ctx, ledger }
    }
}

#[async_trait]
impl Trash for SeaTrash {
    async fn list(&self, scope: &Scope, page: PageRequest) -> Result<Page<Deleted>> {
        list::run(self, scope, page).await
    }

    async fn restore(&self, scope: &Scope, id: ContactId) -> Result<Contact> {
        Box::pin(restore::run(self, scope, id)).await
    }

    async fn purge(&self, scope: &Scope, id: ContactId) -> Result<bool> {
        empty::purge(self, scope, id).await
    }

    async fn empty_due(&self) -> Result<u64> {
        empty::due(self).await
    }
}
