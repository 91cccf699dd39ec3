//! Writing down what people said about being written to, and doing as they said: whoever withdraws is written to no more,
//! whoever consents anew is written to again.

mod record;

use std::sync::Arc;

use async_trait::async_trait;
use crm_contacts::consents::{Consent, NewConsent};
use crm_core::{ContactId, Scope, StoreError};

use crate::campaigns::Deps;

pub(crate) use record::{again, consent_channel, withdraw};

/// Why a consent was not written down.
#[derive(Debug, thiserror::Error)]
pub enum ConsentsError {
    /// Nothing says how it was given, or at too much length.
    #[error("say how they said it, in up to 200 characters, such as: web form")]
    InvalidSource,
    /// The words are too many.
    #[error("enter the words they agreed to in up to 2,000 characters")]
    InvalidWording,
    /// It lies in the future.
    #[error("enter a time that has passed")]
    InvalidTime,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of an operation on consents.
pub type Result<T> = std::result::Result<T, ConsentsError>;

/// The consents of one workspace's contacts.
#[async_trait]
pub trait Consents: Send + Sync {
    /// What a contact said, last first; `None` where there is no such contact.
    async fn of(&self, scope: &Scope, contact: ContactId) -> Result<Option<Vec<Consent>>>;
    /// Writes down what a contact said; `None` where there is no such contact. A withdrawal keeps their address from being
    /// written to; a consent lets one be written to again whose owner had unsubscribed.
    async fn record(
        &self,
        scope: &Scope,
        contact: ContactId,
        new: NewConsent,
    ) -> Result<Option<Consent>>;
}

/// [`Consents`] on the database.
#[derive(Clone)]
pub struct SeaConsents {
    deps: Deps,
}

impl SeaConsents {
    /// On these services.
    pub const fn new(deps: Deps) -> Self {
        Self { deps }
    }
}

#[async_trait]
impl Consents for SeaConsents {
    async fn of(&self, scope: &Scope, contact: ContactId) -> Result<Option<Vec<Consent>>> {
        if !record::is_there(&self.deps, scope, contact).await? {
            return Ok(None);
        }
        Ok(Some(crm_contacts::consents::of(&self.deps.ctx, scope, contact).await?))
    }

    async fn record(
        &self,
        scope: &Scope,
        contact: ContactId,
        new: NewConsent,
    ) -> Result<Option<Consent>> {
        record::run(&self.deps, scope, contact, new).await
    }
}

/// Shared handle to consents.
pub type SharedConsents = Arc<dyn Consents>;
