//! [`Campaigns`] on the database.

use async_trait::async_trait;
use crm_core::{CampaignId, ContactId, Page, PageRequest, RecipientId, Scope, Timestamp};

use super::deps::Deps;
use super::{
    Attention, Campaign, Campaigns, ContactCampaign, NewCampaign, Preflight, Recipient,
    RecipientState, Report, Result, SendPolicy, Status, UnknownDecision, Variant, attention,
    decide, duplicate, edit, export, follow_up, ledger, past, policy, preflight, report, start,
    steps, store, subject_test, submit, test_message, unknown, unsubscribe,
};
use crate::Address;
use crate::suppressions::{self, Suppression};
use crate::templates::Channel;
use crate::tracking::{self, Hit};

/// [`Campaigns`] on the database.
#[derive(Clone)]
pub struct SeaCampaigns {
    deps: Deps,
}

impl SeaCampaigns {
    /// Campaigns that work with these services.
    pub const fn new(deps: Deps) -> Self {
        Self { deps }
    }
}

#[async_trait]
impl Campaigns for SeaCampaigns {
    async fn list(
        &self,
        scope: &Scope,
        status: Option<Status>,
        page: PageRequest,
    ) -> Result<Page<Campaign>> {
        store::list(&self.deps, scope, status, page).await
    }

    async fn get(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
        store::get(&self.deps, scope, id).await
    }

    async fn create(&self, scope: &Scope, new: NewCampaign) -> Result<Campaign> {
        edit::create(&self.deps, scope, new).await
    }

    async fn duplicate(
        &self,
        scope: &Scope,
        id: CampaignId,
        name: Option<String>,
    ) -> Result<Option<Campaign>> {
        duplicate::run(&self.deps, scope, id, name).await
    }

    async fn follow_up(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
        follow_up::run(&self.deps, scope, id).await
    }

    async fn update(
        &self,
        scope: &Scope,
        id: CampaignId,
        version: Option<i64>,
        change: NewCampaign,
    ) -> Result<Option<Campaign>> {
        edit::update(&self.deps, scope, id, version, change).await
    }

    async fn delete(&self, scope: &Scope, id: CampaignId) -> Result<bool> {
        edit::delete(&self.deps, scope, id).await
    }

    async fn preflight(&self, scope: &Scope, id: CampaignId) -> Result<Option<Preflight>> {
        preflight::run(&self.deps, scope, id).await
    }

    async fn submit(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
        submit::run(&self.deps, scope, id).await
    }

    async fn approve(
        &self,
        scope: &Scope,
        id: CampaignId,
        notes: Option<String>,
        content_hash: Option<String>,
    ) -> Result<Option<Campaign>> {
        decide::approve(&self.deps, scope, id, notes, content_hash).await
    }

    async fn reject(
        &self,
        scope: &Scope,
        id: CampaignId,
        notes: String,
    ) -> Result<Option<Campaign>> {
        decide::reject(&self.deps, scope, id, &notes).await
    }

    async fn withdraw(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
        edit::withdraw(&self.deps, scope, id, None).await
    }

    async fn schedule(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
        start::schedule(&self.deps, scope, id).await
    }

    async fn send(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
        start::send(&self.deps, scope, id).await
    }

    async fn pause(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
        steps::pause(&self.deps, scope, id).await
    }

    async fn resume(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
        steps::resume(&self.deps, scope, id).await
    }

    async fn cancel(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
        steps::cancel(&self.deps, scope, id).await
    }

    async fn test(
        &self,
        scope: &Scope,
        id: CampaignId,
        to: &str,
    ) -> Result<Option<crm_providers::Outcome>> {
        test_message::run(&self.deps, scope, id, to).await
    }

    async fn decide_unknown(
        &self,
        scope: &Scope,
        id: CampaignId,
        recipient: Option<RecipientId>,
        decision: UnknownDecision,
    ) -> Result<Option<u64>> {
        unknown::run(&self.deps, scope, id, recipient, decision).await
    }

    async fn attention(&self, scope: &Scope) -> Result<Attention> {
        Ok(attention::count(&self.deps, scope).await?)
    }

    async fn waiting(&self, scope: &Scope) -> Result<Vec<Campaign>> {
        Ok(attention::list(&self.deps, scope).await?)
    }

    async fn recipients(
        &self,
        scope: &Scope,
        id: CampaignId,
        state: Option<RecipientState>,
        page: PageRequest,
    ) -> Result<Option<Page<Recipient>>> {
        if store::row(&self.deps, scope, id).await?.is_none() {
            return Ok(None);
        }
        Ok(Some(ledger::page(&self.deps.ctx.db, scope, id, state, &page).await?))
    }

    async fn report(&self, scope: &Scope, id: CampaignId) -> Result<Option<Report>> {
        report::run(&self.deps, scope, id).await
    }

    async fn note_export(
        &self,
        scope: &Scope,
        id: CampaignId,
        state: Option<RecipientState>,
    ) -> Result<Option<()>> {
        export::note(&self.deps, scope, id, state).await
    }

    async fn export(
        &self,
        scope: &Scope,
        id: CampaignId,
        state: Option<RecipientState>,
        after: Option<RecipientId>,
    ) -> Result<(Vec<u8>, Option<RecipientId>)> {
        export::stretch(&self.deps, scope, id, state, after).await
    }

    async fn of_contact(
        &self,
        scope: &Scope,
        contact_id: ContactId,
    ) -> Result<Vec<ContactCampaign>> {
        Ok(past::of_contact(&self.deps.ctx.db, scope, contact_id).await?)
    }

    async fn of_recipients(
        &self,
        scope: &Scope,
        recipients: &[RecipientId],
    ) -> Result<Vec<ContactCampaign>> {
        Ok(past::of_recipients(&self.deps.ctx.db, scope, recipients).await?)
    }

    async fn choose_subject(
        &self,
        scope: &Scope,
        id: CampaignId,
        winner: Variant,
    ) -> Result<Option<Campaign>> {
        if subject_test::choose(&self.deps, scope, id, winner).await?.is_none() {
            return Ok(None);
        }
        store::get(&self.deps, scope, id).await
    }

    async fn sent_since(&self, scope: &Scope, since: Timestamp) -> Result<u64> {
        Ok(past::sent_since(&self.deps.ctx.db, scope, since).await?)
    }

    async fn suppression(
        &self,
        scope: &Scope,
        channel: Channel,
        address: &str,
    ) -> Result<Option<Suppression>> {
        Ok(suppressions::of(&self.deps.ctx, scope, channel, address).await?)
    }

    async fn authors_approve(&self, scope: &Scope) -> Result<bool> {
        decide::authors_approve(&self.deps, scope).await
    }

    async fn policy(&self, scope: &Scope) -> Result<SendPolicy> {
        Ok(policy::get(&self.deps.ctx, scope).await?)
    }

    async fn set_policy(&self, scope: &Scope, policy: SendPolicy) -> Result<()> {
        policy::set(&self.deps, scope, policy).await
    }

    async fn unsubscribe_target(
        &self,
        scope: &Scope,
        recipient: RecipientId,
    ) -> Result<Option<(Address, CampaignId)>> {
        unsubscribe::target(&self.deps, scope, recipient).await
    }

    async fn note_open(&self, scope: &Scope, recipient: RecipientId, hit: Hit) -> Result<()> {
        Ok(tracking::open(&self.deps, scope, recipient, &hit).await?)
    }

    async fn note_click(
        &self,
        scope: &Scope,
        recipient: RecipientId,
        url: &str,
        hit: Hit,
    ) -> Result<()> {
        Ok(tracking::click(&self.deps, scope, recipient, url, &hit).await?)
    }

    async fn unsubscribe(
        &self,
        scope: &Scope,
        address: &Address,
        campaign: Option<CampaignId>,
    ) -> Result<()> {
        unsubscribe::run(&self.deps, scope, address, campaign).await
    }
}
