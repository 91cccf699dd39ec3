//! Campaigns: from draft through approval to the last message.

mod attention;
mod audience;
mod contact_ledger;
pub(crate) mod content;
mod current;
mod decide;
pub(crate) mod deps;
mod duplicate;
mod edit;
mod erasure;
mod export;
mod follow_up;
pub(crate) mod ledger;
mod local_links;
mod past;
pub(crate) mod policy;
mod preflight;
mod records;
mod report;
pub(crate) mod schedule;
mod sea;
pub(crate) mod start;
pub(crate) mod status;
mod steps;
mod store;
pub(crate) mod subject_test;
mod submit;
mod test_message;
pub(crate) mod unknown;
pub(crate) mod unsubscribe;

pub use contact_ledger::ContactLedger;
pub use deps::Deps;
pub use policy::SendPolicy;
pub use records::{
    Approval, Attention, CameOfIt, Campaign, ContactCampaign, Counts, LeftOut, NewCampaign,
    Preflight, Recipient, RecipientState, Sample, Schedule, SkipReason, Status, UnknownDecision,
    Window,
};
pub use report::{Moment, Outcomes, Report};
pub use sea::SeaCampaigns;
pub use subject_test::{SubjectTest, Variant, VariantResult, WinnerRule};

use std::sync::Arc;

use async_trait::async_trait;
use crm_contacts::{ContactsError, SegmentError};
use crm_core::{
    CampaignId, ContactId, Page, PageRequest, RecipientId, Scope, StoreError, Timestamp,
};
use crm_providers::ProvidersError;

use crate::Address;
use crate::suppressions::Suppression;
use crate::templates::{Channel, TemplatesError};
use crate::tracking::Hit;

/// Why a campaign could not be read or moved.
#[derive(Debug, thiserror::Error)]
pub enum CampaignsError {
    /// The name is empty or longer than 200 characters.
    #[error("enter a name of up to 200 characters")]
    InvalidName,
    /// The template is not in this workspace, or of another channel; or none was chosen.
    #[error("choose a template of this workspace for this channel")]
    InvalidTemplate,
    /// The provider is not in this workspace; or there is none.
    #[error("choose a provider of this workspace")]
    InvalidProvider,
    /// A part of the schedule is wrong; the text says which.
    #[error("{0}")]
    InvalidSchedule(String),
    /// The segment was refused.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// The content was refused.
    #[error(transparent)]
    Template(#[from] TemplatesError),
    /// Pre-flight found something that keeps it from being sent.
    #[error("{0}")]
    Blocked(String),
    /// Not from this status.
    #[error("a campaign that is {from} cannot be {verb}")]
    InvalidState {
        /// Where it stands, in words.
        from: &'static str,
        /// What was wanted, as a participle.
        verb: &'static str,
    },
    /// Content or audience changed since the approval, which is withdrawn.
    #[error("{0}")]
    ApprovalWithdrawn(String),
    /// The author may not approve their own campaign here.
    #[error("somebody other than the author must approve this campaign")]
    OwnApproval,
    /// A rejection needs notes.
    #[error("say what should be changed")]
    NotesRequired,
    /// A part of a subject test is wrong.
    #[error("{problem}")]
    InvalidSubjectTest {
        /// Which part.
        field: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A part of the policy is wrong.
    #[error("{problem}")]
    InvalidPolicy {
        /// Which part.
        field: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The address to test with has no valid form.
    #[error("{}", match .0 {
        Channel::Email => "enter an e-mail address like name@example.com",
        Channel::Text => "enter a phone number like +43 664 1234567",
    })]
    InvalidRecipient(Channel),
    /// Somebody changed the campaign in the meantime.
    #[error("the campaign was changed by somebody else in the meantime")]
    Stale,
    /// A provider failed.
    #[error(transparent)]
    Provider(#[from] ProvidersError),
    /// Contacts could not be read.
    #[error(transparent)]
    Contacts(#[from] ContactsError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of a campaigns operation. `None` inside is "not in this workspace".
pub type Result<T> = std::result::Result<T, CampaignsError>;

/// The campaigns of one workspace.
#[async_trait]
pub trait Campaigns: Send + Sync {
    /// One page of campaigns, newest first; `status` keeps one.
    async fn list(
        &self,
        scope: &Scope,
        status: Option<Status>,
        page: PageRequest,
    ) -> Result<Page<Campaign>>;
    /// One campaign.
    async fn get(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>>;
    /// Makes a draft.
    async fn create(&self, scope: &Scope, new: NewCampaign) -> Result<Campaign>;
    /// Makes a draft of the same audience and content, with the time it was to start left out. `name`, where absent, is
    /// the name of the other with "copy" behind it.
    async fn duplicate(
        &self,
        scope: &Scope,
        id: CampaignId,
        name: Option<String>,
    ) -> Result<Option<Campaign>>;
    /// Makes a draft of the same template for whoever got this one and has not answered, to be started by hand. Refused
    /// before anything was sent.
    async fn follow_up(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>>;
    /// Changes a campaign that has not been started; an approval is withdrawn by it.
    async fn update(
        &self,
        scope: &Scope,
        id: CampaignId,
        version: Option<i64>,
        change: NewCampaign,
    ) -> Result<Option<Campaign>>;
    /// Deletes a campaign that is not being sent; `false` where there is none.
    async fn delete(&self, scope: &Scope, id: CampaignId) -> Result<bool>;
    /// What sending it now would do.
    async fn preflight(&self, scope: &Scope, id: CampaignId) -> Result<Option<Preflight>>;
    /// Asks for approval of exactly what it is now.
    async fn submit(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>>;
    /// Approves what was submitted. `content_hash`, where given, must be what the reviewer saw.
    async fn approve(
        &self,
        scope: &Scope,
        id: CampaignId,
        notes: Option<String>,
        content_hash: Option<String>,
    ) -> Result<Option<Campaign>>;
    /// Sends it back with notes.
    async fn reject(
        &self,
        scope: &Scope,
        id: CampaignId,
        notes: String,
    ) -> Result<Option<Campaign>>;
    /// Takes a submitted, approved, scheduled or rejected campaign back to draft.
    async fn withdraw(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>>;
    /// Starts an approved campaign at the time its schedule names.
    async fn schedule(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>>;
    /// Starts an approved campaign now: resolves its audience into the ledger in one transaction.
    async fn send(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>>;
    /// Stops for now; at most the messages in flight still leave.
    async fn pause(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>>;
    /// Goes on.
    async fn resume(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>>;
    /// Stops for good; whoever has not got it is skipped.
    async fn cancel(&self, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>>;
    /// Sends one message of it to any address, rendered for the first recipient.
    async fn test(
        &self,
        scope: &Scope,
        id: CampaignId,
        to: &str,
    ) -> Result<Option<crm_providers::Outcome>>;
    /// Settles messages nobody can tell about: one, or all of a campaign. Returns how many.
    async fn decide_unknown(
        &self,
        scope: &Scope,
        id: CampaignId,
        recipient: Option<RecipientId>,
        decision: UnknownDecision,
    ) -> Result<Option<u64>>;
    /// How much waits for a person, messages to single contacts included.
    async fn attention(&self, scope: &Scope) -> Result<Attention>;
    /// The campaigns that wait for a person, those that wait longest first: to be approved, in doubt, or stopped by the
    /// program.
    async fn waiting(&self, scope: &Scope) -> Result<Vec<Campaign>>;
    /// One page of the ledger; `state` keeps one.
    async fn recipients(
        &self,
        scope: &Scope,
        id: CampaignId,
        state: Option<RecipientState>,
        page: PageRequest,
    ) -> Result<Option<Page<Recipient>>>;
    /// What became of a campaign so far.
    async fn report(&self, scope: &Scope, id: CampaignId) -> Result<Option<Report>>;
    /// Notes in the audit log that the ledger of a campaign leaves as a file. Comes before its first row does.
    async fn note_export(
        &self,
        scope: &Scope,
        id: CampaignId,
        state: Option<RecipientState>,
    ) -> Result<Option<()>>;
    /// The next rows of the ledger as CSV, with the header before the first, and the row they end with where there may be
    /// more. `state` keeps one.
    async fn export(
        &self,
        scope: &Scope,
        id: CampaignId,
        state: Option<RecipientState>,
        after: Option<RecipientId>,
    ) -> Result<(Vec<u8>, Option<RecipientId>)>;
    /// The newest campaigns that have this contact in their ledger, newest first, at most twenty.
    async fn of_contact(
        &self,
        scope: &Scope,
        contact_id: ContactId,
    ) -> Result<Vec<ContactCampaign>>;
    /// The campaigns these rows of the ledger belong to, in no particular order; strangers are left out.
    async fn of_recipients(
        &self,
        scope: &Scope,
        recipients: &[RecipientId],
    ) -> Result<Vec<ContactCampaign>>;
    /// Chooses one of two subjects for everybody who waits for the decision, now.
    async fn choose_subject(
        &self,
        scope: &Scope,
        id: CampaignId,
        winner: Variant,
    ) -> Result<Option<Campaign>>;
    /// How many messages of campaigns providers have taken since this moment.
    async fn sent_since(&self, scope: &Scope, since: Timestamp) -> Result<u64>;
    /// Why and since when nothing may be sent to an address; `None` where something may.
    async fn suppression(
        &self,
        scope: &Scope,
        channel: Channel,
        address: &str,
    ) -> Result<Option<Suppression>>;
    /// Whether authors may approve their own campaigns: as the workspace says, and else where there is nobody else.
    async fn authors_approve(&self, scope: &Scope) -> Result<bool>;
    /// How the workspace wants campaigns handled.
    async fn policy(&self, scope: &Scope) -> Result<SendPolicy>;
    /// Changes that.
    async fn set_policy(&self, scope: &Scope, policy: SendPolicy) -> Result<()>;
    /// Whom an unsubscribe link of one ledger row is for: the address and its campaign.
    async fn unsubscribe_target(
        &self,
        scope: &Scope,
        recipient: RecipientId,
    ) -> Result<Option<(Address, CampaignId)>>;
    /// Notes that the message of a ledger row was opened, by a person or by a machine; others are passed over.
    async fn note_open(&self, scope: &Scope, recipient: RecipientId, hit: Hit) -> Result<()>;
    /// Notes that a link in it was followed.
    async fn note_click(
        &self,
        scope: &Scope,
        recipient: RecipientId,
        url: &str,
        hit: Hit,
    ) -> Result<()>;
    /// Notes that an address of this workspace wants no more messages; harmless to repeat.
    async fn unsubscribe(
        &self,
        scope: &Scope,
        address: &Address,
        campaign: Option<CampaignId>,
    ) -> Result<()>;
}

/// Makes and reads the links that let a recipient unsubscribe without signing in.
pub trait UnsubscribeLinks: Send + Sync {
    /// The link for one recipient of the ledger, where the installation has a public address.
    fn url(&self, scope: &Scope, recipient: RecipientId) -> Option<String>;
}

/// Shared handle to campaigns.
pub type SharedCampaigns = Arc<dyn Campaigns>;
