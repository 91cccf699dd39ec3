//! What campaigns keep about contacts, as far as contacts must know of it: a port that `crm-campaigns` implements.

use std::collections::HashSet;

use async_trait::async_trait;
use crm_core::{ContactId, RecipientId, Scope, StoreError, SuppressionId, Timestamp, Tx};
use serde::{Deserialize, Serialize};

/// A contact that becomes part of another one.
#[derive(Debug, Clone)]
pub struct Joining {
    /// The contact that goes.
    pub source: ContactId,
    /// The contact that stays.
    pub target: ContactId,
    /// Both addresses and numbers as they were.
    pub before: Vec<Reachable>,
    /// What the one that stays has from now on.
    pub after: Reachable,
}

/// How a contact is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reachable {
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number, E.164.
    pub phone: Option<String>,
}

/// What changed hands when two contacts became one: enough to give it back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// Rows of campaigns that belong to the contact that stayed.
    pub moved: Vec<RecipientId>,
    /// Rows of campaigns the contact that stayed is in itself: one person must not get a message twice.
    pub set_aside: Vec<SetAside>,
    /// Suppressions made because the other address or number was suppressed.
    pub suppressed: Vec<SuppressionId>,
}

/// A row of a campaign that became nobody's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// The row.
    pub id: RecipientId,
    /// The state it was in, where it was kept from being sent.
    pub was: Option<String>,
    /// When it had last changed.
    pub updated_at: Timestamp,
}

/// A campaign somebody was in, for a file of everything about them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PersonCampaign)]
pub struct CampaignTrace {
    /// The campaign's name.
    pub campaign: String,
    /// `email` or `text`
    pub channel: String,
    /// Where the message went.
    pub address: Option<String>,
    /// Where it stands.
    pub state: String,
    /// Why it was not sent.
    pub reason: Option<String>,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// When it was first opened.
    pub opened_at: Option<Timestamp>,
    /// When a link was first followed.
    pub clicked_at: Option<Timestamp>,
    /// When it came back.
    pub bounced_at: Option<Timestamp>,
    /// When they unsubscribed by it.
    pub unsubscribed_at: Option<Timestamp>,
    /// When they answered it.
    pub replied_at: Option<Timestamp>,
    /// When a machine first loaded the picture of it.
    pub machine_opened_at: Option<Timestamp>,
    /// When a machine first followed a link in it.
    pub machine_clicked_at: Option<Timestamp>,
}

/// An address of theirs that is not written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PersonSuppression)]
pub struct SuppressionTrace {
    /// `email` or `text`
    pub channel: String,
    /// The address.
    pub address: String,
    /// `unsubscribed`, `bounced`, `complained` or `manual`
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

/// What campaigns know about one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traces {
    /// Campaigns they were in, oldest first.
    pub campaigns: Vec<CampaignTrace>,
    /// Addresses that are not written to.
    pub suppressions: Vec<SuppressionTrace>,
}

/// What campaigns do when contacts come and go. Everything happens inside the caller's transaction.
#[async_trait]
pub trait CampaignLedger: Send + Sync {
    /// The rows of campaigns a contact is in.
    async fn of_contact(
        &self,
        tx: &Tx,
        scope: &Scope,
        contact: ContactId,
    ) -> Result<Vec<RecipientId>, StoreError>;
    /// Gives rows that are nobody's to a contact that came back.
    async fn attach(
        &self,
        tx: &Tx,
        scope: &Scope,
        contact: ContactId,
        rows: &[RecipientId],
    ) -> Result<(), StoreError>;
    /// Which of these rows there are still.
    async fn existing(
        &self,
        tx: &Tx,
        scope: &Scope,
        rows: &[RecipientId],
    ) -> Result<HashSet<RecipientId>, StoreError>;
    /// Hands the rows of one contact to another. Whoever unsubscribed under one address stays unsubscribed under the other.
    async fn hand_over(
        &self,
        tx: &Tx,
        scope: &Scope,
        joining: &Joining,
    ) -> Result<Handover, StoreError>;
    /// Gives back what was handed over, as far as nothing else became of it.
    async fn take_back(
        &self,
        tx: &Tx,
        scope: &Scope,
        source: ContactId,
        target: ContactId,
        handover: &Handover,
    ) -> Result<(), StoreError>;
    /// Everything campaigns know about a contact.
    async fn traces(
        &self,
        tx: &Tx,
        scope: &Scope,
        contact: ContactId,
        reach: &Reachable,
    ) -> Result<Traces, StoreError>;
    /// Forgets a contact and these addresses; what is left of an address is a fingerprint that keeps it from being
    /// written to.
    async fn erase(
        &self,
        tx: &Tx,
        scope: &Scope,
        contact: ContactId,
        reach: &[Reachable],
    ) -> Result<(), StoreError>;
    /// Removes what was written to one person alone, by its rows; lines in the reports of campaigns stay.
    async fn discard(&self, tx: &Tx, scope: &Scope, rows: &[RecipientId])
    -> Result<(), StoreError>;
}

/// A program without campaigns.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCampaigns;

#[async_trait]
impl CampaignLedger for NoCampaigns {
    async fn of_contact(
        &self,
        _tx: &Tx,
        _scope: &Scope,
        _contact: ContactId,
    ) -> Result<Vec<RecipientId>, StoreError> {
        Ok(Vec::new())
    }

    async fn attach(
        &self,
        _tx: &Tx,
        _scope: &Scope,
        _contact: ContactId,
        _rows: &[RecipientId],
    ) -> Result<(), StoreError> {
        Ok(())
    }

    async fn existing(
        &self,
        _tx: &Tx,
        _scope: &Scope,
        _rows: &[RecipientId],
    ) -> Result<HashSet<RecipientId>, StoreError> {
        Ok(HashSet::new())
    }

    async fn hand_over(
        &self,
        _tx: &Tx,
        _scope: &Scope,
        _joining: &Joining,
    ) -> Result<Handover, StoreError> {
        Ok(Handover::default())
    }

    async fn take_back(
        &self,
        _tx: &Tx,
        _scope: &Scope,
        _source: ContactId,
        _target: ContactId,
        _handover: &Handover,
    ) -> Result<(), StoreError> {
        Ok(())
    }

    async fn traces(
        &self,
        _tx: &Tx,
        _scope: &Scope,
        _contact: ContactId,
        _reach: &Reachable,
    ) -> Result<Traces, StoreError> {
        Ok(Traces::default())
    }

    async fn erase(
        &self,
        _tx: &Tx,
        _scope: &Scope,
        _contact: ContactId,
        _reach: &[Reachable],
    ) -> Result<(), StoreError> {
        Ok(())
    }

    async fn discard(
        &self,
        _tx: &Tx,
        _scope: &Scope,
        _rows: &[RecipientId],
    ) -> Result<(), StoreError> {
        Ok(())
    }
}
