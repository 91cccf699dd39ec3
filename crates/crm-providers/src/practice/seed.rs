//! The provider a new workspace starts with.

use async_trait::async_trait;
use crm_core::accounts::WorkspaceSeed;
use crm_core::{Context, Scope, StoreError, Tx};

use crate::providers::{ProviderConfig, insert};

/// Gives every new workspace the practice provider as the default of each channel.
#[derive(Clone)]
pub struct PracticeSeed {
    /// What services are built on.
    pub ctx: Context,
}

#[async_trait]
impl WorkspaceSeed for PracticeSeed {
    async fn seed(&self, tx: &Tx, scope: &Scope) -> Result<(), StoreError> {
        insert(&self.ctx, tx, scope, &ProviderConfig::Practice).await?;
        insert(&self.ctx, tx, scope, &ProviderConfig::PracticeText).await
    }
}
