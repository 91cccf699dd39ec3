//! [`Drafts`] on the database.

use std::sync::Arc;

use async_trait::async_trait;
use crm_contacts::{Contacts, Timeline};
use crm_core::sealed::{ResealError, SealedStore};
use crm_core::{Context, OutboundPolicy, Scope, Tx, Vault};
use secrecy::SecretString;

use super::{
    AiSettings, Brief, Drafting, Drafts, NewAiSettings, Result, Sent, Usable, Usage, ask, prepare,
    settings, usage,
};
use crate::openai::{Address, Limits, openai};

/// What the operator has set for all workspaces.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `OPENAI_API_KEY`
    pub key: Option<SecretString>,
    /// `OPENAI_BASE_URL`
    pub address: Option<Address>,
    /// `OPENAI_MODEL`
    pub model: Option<String>,
}

/// [`Drafts`] on the database, with models behind OpenAI-compatible servers.
#[derive(Clone)]
pub struct SeaDrafts {
    pub(super) ctx: Context,
    pub(super) contacts: Arc<dyn Contacts>,
    pub(super) timeline: Arc<dyn Timeline>,
    pub(super) vault: Vault,
    pub(super) outbound: OutboundPolicy,
    pub(super) environment: Environment,
    pub(super) limits: Limits,
}

impl SeaDrafts {
    /// Drafts about `contacts`. `outbound` says where a workspace's own server may be.
    pub fn new(
        ctx: Context,
        contacts: Arc<dyn Contacts>,
        timeline: Arc<dyn Timeline>,
        vault: Vault,
        outbound: OutboundPolicy,
        environment: Environment,
    ) -> Self {
        let limits = Limits::default();
        Self { ctx, contacts, timeline, vault, outbound, environment, limits }
    }

    /// What it is built on.
    pub(crate) const fn context(&self) -> &Context {
        &self.ctx
    }

    /// The contact book.
    pub(crate) fn contacts(&self) -> &dyn Contacts {
        self.contacts.as_ref()
    }

    /// The communication log.
    pub(crate) fn timeline(&self) -> &dyn Timeline {
        self.timeline.as_ref()
    }

    /// The same with other limits of time.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

#[async_trait]
impl SealedStore for SeaDrafts {
    async fn reseal(&self, tx: &Tx) -> std::result::Result<u64, ResealError> {
        settings::reseal(self, tx).await
    }
}

#[async_trait]
impl Drafts for SeaDrafts {
    async fn settings(&self, scope: &Scope) -> Result<AiSettings> {
        settings::get(self, scope).await
    }

    fn default_address(&self) -> String {
        let given = self.environment.address.clone().unwrap_or_else(openai);
        given.as_str().to_owned()
    }

    async fn change_settings(
        &self,
        scope: &Scope,
        seen: Option<i64>,
        change: NewAiSettings,
    ) -> Result<AiSettings> {
        settings::change(self, scope, seen, change).await
    }

    async fn usage(&self, scope: &Scope) -> Result<Usage> {
        usage::of_month(self, scope).await
    }

    async fn facts(&self, scope: &Scope) -> Result<Vec<Usable>> {
        prepare::facts(self, scope).await
    }

    async fn look(&self, scope: &Scope, brief: Brief) -> Result<Sent> {
        prepare::look(self, scope, brief).await
    }

    async fn start(&self, scope: &Scope, brief: Brief) -> Result<Drafting> {
        ask::start(self, scope, brief).await
    }
}
