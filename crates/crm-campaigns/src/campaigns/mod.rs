//! Campaigns: from draft through approval to the last message.

mod audience;
pub(crate) mod content;
mod current;
mod decide;
pub(crate) mod deps;
mod edit;
pub(crate) mod ledger;
pub(crate) mod policy;
mod preflight;
pub(crate) mod schedule;
mod sea;
pub(crate) mod start;
pub(crate) mod status;
mod steps;
mod store;
mod submit;
mod test_message;
mod unknown;
mod unsubscribe;

pub use deps::Deps;
pub use sea::SeaCampaigns;

use std::sync::Arc;

use async_trait::async_trait;
use crm_contacts::Segment;
use crm_contacts::{ContactsError, SegmentError};
use crm_core::{
    ApprovalId, CampaignId, ContactId, EmailAddress, ListId, Page, PageRequest, ProviderId,
    RecipientId, Scope, StoreError, TemplateId, Timestamp, UserId,
};
use crm_providers::ProvidersError;
use serde::{Deserialize, Serialize};

use crate::templates::{Channel, Rendered, TemplatesError};

/// Where a campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Being written.
    Draft,
    /// Waits for somebody allowed to approve it.
    PendingApproval,
    /// May be sent.
    Approved,
    /// Will be sent at its time.
    Scheduled,
    /// Is being sent.
    Sending,
    /// Every recipient has a final state.
    Sent,
    /// Was not approved.
    Rejected,
    /// Stopped for now.
    Paused,
    /// Stopped for good.
    Cancelled,
    /// Could not be sent.
    Failed,
}

/// Where one recipient stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipientState {
    /// Waits.
    Queued,
    /// In flight.
    Sending,
    /// Taken by the provider.
    Sent,
    /// Waits to be tried again.
    RetryWait,
    /// Refused for good.
    Failed,
    /// Was in flight when the program stopped, and nobody can tell.
    Unknown,
    /// Left out, with a reason.
    Skipped,
}

/// Recipients by state. Always what the ledger says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Waiting.
    pub queued: u64,
    /// In flight.
    pub sending: u64,
    /// Taken by the provider.
    pub sent: u64,
    /// Waiting to be tried again.
    pub retry_wait: u64,
    /// Refused for good.
    pub failed: u64,
    /// In flight when the program stopped.
    pub unknown: u64,
    /// Left out.
    pub skipped: u64,
}

/// When and how fast a campaign is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_at: Option<Timestamp>,
    /// IANA zone the window is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Most messages a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_per_minute: Option<u32>,
    /// Days and hours in which messages leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
}

/// Days and hours in which messages leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// ISO weekdays, 1 is Monday.
    pub days: Vec<u8>,
    /// `09:00`
    pub from: String,
    /// `17:00`
    pub to: String,
}

/// A request for approval and what became of it.
#[derive(Debug, Clone)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// `pending`, `approved`, `rejected`
    pub status: String,
    /// Hash of exactly what was submitted.
    pub content_hash: String,
    /// Who asked.
    pub requested_by: Option<UserId>,
    /// Who decided.
    pub reviewer_id: Option<UserId>,
    /// What they said.
    pub notes: Option<String>,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When it was decided.
    pub reviewed_at: Option<Timestamp>,
}

/// A campaign.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// Its channel.
    pub channel: Channel,
    /// The template it is made from.
    pub template_id: Option<TemplateId>,
    /// Who gets it.
    pub segment: Segment,
    /// When and how fast.
    pub schedule: Schedule,
    /// The provider it goes through; `None` is the workspace's default at the time of submitting.
    pub provider_id: Option<ProviderId>,
    /// Where it stands.
    pub status: Status,
    /// Why it is paused or failed.
    pub pause_reason: Option<String>,
    /// Hash of what was submitted for approval.
    pub content_hash: Option<String>,
    /// How many people it was approved for.
    pub audience_count: Option<u64>,
    /// Recipients by state; all zero before it is started.
    pub counts: Counts,
    /// The latest request for approval.
    pub approval: Option<Approval>,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// Counts changes; the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When sending began.
    pub started_at: Option<Timestamp>,
    /// When the last recipient was done.
    pub finished_at: Option<Timestamp>,
}

/// What a campaign is made or changed with.
#[derive(Debug, Clone)]
pub struct NewCampaign {
    /// Its name.
    pub name: String,
    /// Its channel.
    pub channel: Channel,
    /// The template it is made from.
    pub template_id: Option<TemplateId>,
    /// Who gets it.
    pub segment: Segment,
    /// When and how fast.
    pub schedule: Schedule,
    /// The provider; `None` is the default.
    pub provider_id: Option<ProviderId>,
}

/// Why somebody of the audience is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// Unsubscribed, bounced, complained or blocked by hand.
    Suppressed,
    /// No e-mail address.
    NoAddress,
    /// Somebody else of the audience has the same address.
    DuplicateAddress,
    /// A placeholder has no value and no default for them.
    MissingVariable,
    /// The campaign was cancelled before their turn.
    Cancelled,
}

/// Somebody left out before sending.
#[derive(Debug, Clone)]
pub struct LeftOut {
    /// Why.
    pub reason: SkipReason,
    /// How many.
    pub count: u64,
    /// The first few: id and name.
    pub examples: Vec<(ContactId, String)>,
}

/// One message as somebody would get it.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Who.
    pub contact_id: ContactId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub address: String,
    /// The message.
    pub rendered: Rendered,
}

/// What sending a campaign now would do.
#[derive(Debug, Clone)]
pub struct Preflight {
    /// People the segment finds.
    pub matched: u64,
    /// People who would get the message: `matched` less everybody left out.
    pub recipients: u64,
    /// Who is left out, by reason.
    pub left_out: Vec<LeftOut>,
    /// Up to three messages: the first, the last, and the oddest (most empty placeholders, longest name).
    pub samples: Vec<Sample>,
    /// How long it takes under the limits, in seconds; `None` without limits.
    pub seconds: Option<u64>,
    /// What keeps it from being sent, in words; empty is good.
    pub blockers: Vec<String>,
    /// What should be looked at, in words.
    pub warnings: Vec<String>,
    /// Hash of what would be approved.
    pub content_hash: String,
    /// Name of the provider it would go through.
    pub provider_name: Option<String>,
    /// Whether that is the practice outbox.
    pub is_practice: bool,
}

/// One row of the ledger.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// Its id.
    pub id: RecipientId,
    /// The contact; `None` once it is deleted.
    pub contact_id: Option<ContactId>,
    /// The address; `None` for those left out without one.
    pub address: Option<String>,
    /// Where it stands.
    pub state: RecipientState,
    /// Why it was left out.
    pub reason: Option<SkipReason>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried again.
    pub next_attempt_at: Option<Timestamp>,
    /// `Message-ID`.
    pub message_id: String,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it was taken.
    pub sent_at: Option<Timestamp>,
}

/// What to do with a message of which nobody can tell whether it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownDecision {
    /// Send it again, at the risk of a double.
    SendAgain,
    /// Take it as sent.
    MarkSent,
}

/// How a workspace wants its campaigns handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendPolicy {
    /// Whether an author may approve their own campaign; `None`: yes while the workspace has one member.
    pub approve_own: Option<bool>,
    /// Whether messages in flight at a crash are sent again without asking.
    pub resend_unknown: bool,
    /// By how much, in percent, the audience may drift between approval and sending.
    pub max_drift_percent: u32,
}

impl Default for SendPolicy {
    fn default() -> Self {
        Self { approve_own: None, resend_unknown: false, max_drift_percent: 10 }
    }
}

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
    /// Text campaigns need a text provider.
    #[error("text messages cannot be sent by the providers of this workspace")]
    UnsupportedChannel,
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
    /// The address to test with has no valid form.
    #[error("enter an e-mail address like name@example.com")]
    InvalidRecipient,
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
    /// One page of the ledger; `state` keeps one.
    async fn recipients(
        &self,
        scope: &Scope,
        id: CampaignId,
        state: Option<RecipientState>,
        page: PageRequest,
    ) -> Result<Option<Page<Recipient>>>;
    /// How the workspace wants campaigns handled.
    async fn policy(&self, scope: &Scope) -> Result<SendPolicy>;
    /// Changes that.
    async fn set_policy(&self, scope: &Scope, policy: SendPolicy) -> Result<()>;
    /// Whom an unsubscribe link of one ledger row is for: the address and its campaign.
    async fn unsubscribe_target(
        &self,
        scope: &Scope,
        recipient: RecipientId,
    ) -> Result<Option<(EmailAddress, CampaignId)>>;
    /// Notes that an address of this workspace wants no more messages; harmless to repeat.
    async fn unsubscribe(
        &self,
        scope: &Scope,
        address: &EmailAddress,
        campaign: Option<CampaignId>,
    ) -> Result<()>;
}

/// Makes and reads the links that let a recipient unsubscribe without signing in.
pub trait UnsubscribeLinks: Send + Sync {
    /// The link for one recipient of the ledger, where the installation has a public address.
    fn url(&self, scope: &Scope, recipient: RecipientId) -> Option<String>;
}

/// What the campaigns of a list's page are filtered by (for "everyone in this list" forms).
pub fn segment_of_lists(lists: &[ListId]) -> Segment {
    use crm_contacts::segments::SegmentNode;
    match lists {
        [] => Segment::everybody(),
        [one] => Segment::list(*one),
        many => Segment(SegmentNode::Any {
            any: many.iter().map(|id| SegmentNode::List { list: *id }).collect(),
        }),
    }
}

/// Shared handle to campaigns.
pub type SharedCampaigns = Arc<dyn Campaigns>;
