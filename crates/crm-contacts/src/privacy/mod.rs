//! What the law gives people: everything that is kept about them as a file, and being forgotten.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use crm_core::{ContactId, Context, Scope, StoreError, Timestamp};
use serde::Serialize;

use crate::contacts::CustomValue;
use crate::ledger::{CampaignLedger, CampaignTrace, SuppressionTrace};
use crate::timeline::LogContent;

mod erase;
mod file;

/// Everything that is kept about one person.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PersonFile {
    /// When this was written.
    pub exported_at: Timestamp,
    /// The contact's id.
    pub id: ContactId,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E-mail address.
    pub primary_email: Option<String>,
    /// Phone number, E.164.
    pub primary_phone: Option<String>,
    /// Company.
    pub company: String,
    /// Expected value in the smallest unit of the currency.
    pub value_minor: Option<i64>,
    /// When they were added.
    pub created_on: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
    /// Custom fields by name.
    pub custom: BTreeMap<String, CustomValue>,
    /// Stage and tags.
    pub lists: Vec<PersonList>,
    /// The timeline, oldest first, with the texts of messages.
    pub timeline: Vec<PersonEntry>,
    /// Follow-ups.
    pub tasks: Vec<PersonTask>,
    /// What they said about being written to, oldest first.
    pub consents: Vec<PersonConsent>,
    /// Campaigns they were in.
    pub campaigns: Vec<CampaignTrace>,
    /// Addresses of theirs that are not written to.
    pub suppressions: Vec<SuppressionTrace>,
    /// Contacts that were merged into this one.
    pub merged: Vec<PersonMerge>,
}

/// A list they are in.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PersonList {
    /// Its name.
    pub name: String,
    /// Whether it is a stage.
    pub is_primary: bool,
    /// Since when.
    pub since: Timestamp,
}

/// An entry of their timeline.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PersonEntry {
    /// When it happened.
    pub timestamp: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub content: LogContent,
}

/// A follow-up.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PersonTask {
    /// `call`, `email` or `todo`
    pub kind: String,
    /// What to do.
    pub title: String,
    /// When it is due.
    pub due_at: Option<Timestamp>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// When it was written down.
    pub created_at: Timestamp,
}

/// What they said about being written to.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PersonConsent {
    /// `email` or `text`
    pub channel: String,
    /// `granted` or `withdrawn`
    pub state: String,
    /// When they said it.
    pub at: Timestamp,
    /// How.
    pub source: String,
    /// The words they agreed to.
    pub wording: String,
    /// When it was written down.
    pub recorded_at: Timestamp,
}

/// A contact that was merged into this one.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PersonMerge {
    /// What it was called.
    pub name: String,
    /// Its e-mail address.
    pub primary_email: Option<String>,
    /// Its phone number.
    pub primary_phone: Option<String>,
    /// When.
    pub merged_at: Timestamp,
}

/// People's rights about what is kept.
#[async_trait]
pub trait Privacy: Send + Sync {
    /// Everything about one person; `None` where they are not in this workspace. That it left is in the audit log.
    async fn file(&self, scope: &Scope, id: ContactId) -> Result<Option<PersonFile>, StoreError>;
    /// Forgets a person, also one in the trash; `false` where there is none. Lines in the reports of campaigns stay
    /// without a name, and a fingerprint keeps their addresses from being written to.
    async fn erase(&self, scope: &Scope, id: ContactId) -> Result<bool, StoreError>;
}

/// [`Privacy`] on the database.
#[derive(Clone)]
pub struct SeaPrivacy {
    ctx: Context,
    ledger: Arc<dyn CampaignLedger>,
}

impl SeaPrivacy {
    /// On this context, with what campaigns keep about contacts.
    pub const fn new(ctx: Context, ledger: Arc<dyn CampaignLedger>) -> Self {
        Self { ctx, ledger }
    }
}

#[async_trait]
impl Privacy for SeaPrivacy {
    async fn file(&self, scope: &Scope, id: ContactId) -> Result<Option<PersonFile>, StoreError> {
        Box::pin(file::run(self, scope, id)).await
    }

    async fn erase(&self, scope: &Scope, id: ContactId) -> Result<bool, StoreError> {
        Box::pin(erase::run(self, scope, id)).await
    }
}
