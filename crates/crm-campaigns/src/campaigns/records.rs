//! What campaigns, their approvals and their ledger look like to the rest of the program.

use crm_contacts::Segment;
use crm_core::{
    ApprovalId, CampaignId, ContactId, ProviderId, RecipientId, TemplateId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use super::{SubjectTest, Variant};
use crate::templates::{Channel, Rendered};

/// Where a campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CampaignStatus)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RecipientCounts)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CampaignSchedule)]
pub struct Schedule {
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_at: Option<Timestamp>,
    /// IANA zone the window is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Most messages a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub rate_per_minute: Option<u32>,
    /// Days and hours in which messages leave.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crm_core::json::optional_object"
    )]
    pub window: Option<Window>,
}

/// Days and hours in which messages leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SendingWindow)]
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
    /// The version of the template that was submitted and will be sent; `None` in a draft.
    pub template_version: Option<i64>,
    /// Who gets it.
    pub segment: Segment,
    /// When and how fast.
    pub schedule: Schedule,
    /// Two subjects, tried on a part of the audience.
    pub subject_test: Option<SubjectTest>,
    /// The better subject, once it is decided.
    pub subject_winner: Option<Variant>,
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

impl Campaign {
    /// Whether this person made the campaign or asked for its approval.
    pub fn is_by(&self, user: Option<UserId>) -> bool {
        let requested_by = self.approval.as_ref().and_then(|asked| asked.requested_by);
        super::decide::is_author(user, self.created_by, requested_by)
    }
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
    /// Two subjects, tried on a part of the audience.
    pub subject_test: Option<SubjectTest>,
    /// The provider; `None` is the default.
    pub provider_id: Option<ProviderId>,
}

/// Why somebody of the audience is left out.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// Unsubscribed, bounced, complained or blocked by hand.
    Suppressed,
    /// No e-mail address.
    NoAddress,
    /// Somebody else of the audience has the same address.
    DuplicateAddress,
    /// They withdrew their consent; or have not given it, where it is asked for.
    NoConsent,
    /// A placeholder has no value and no default for them.
    MissingVariable,
    /// The campaign was cancelled before their turn.
    Cancelled,
    /// They are one person with somebody else of the audience, as was found out meanwhile.
    Merged,
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
    /// The other subject, where two are tried.
    pub subject_b: Option<String>,
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
    /// Text messages all of them are, as providers count and charge: a long one is several. `None` for e-mail.
    pub text_parts: Option<u64>,
    /// What they cost, where the price of one is known: `7.90`, in whatever the account is charged in.
    pub text_cost: Option<String>,
    /// How long it takes under the limits, in seconds; `None` without limits.
    pub seconds: Option<u64>,
    /// What keeps it from being sent, in words; empty is good.
    pub blockers: Vec<String>,
    /// What should be looked at, in words.
    pub warnings: Vec<String>,
    /// Hash of what would be approved.
    pub content_hash: String,
    /// Whether it is mail to many without a postal address.
    pub lacks_address: bool,
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
    /// What came of it.
    pub came_of_it: CameOfIt,
}

/// What is known of a message after it was taken, and since when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CameOfIt {
    /// It was opened.
    pub opened_at: Option<Timestamp>,
    /// A link in it was followed.
    pub clicked_at: Option<Timestamp>,
    /// A machine opened it.
    pub machine_opened_at: Option<Timestamp>,
    /// A machine followed a link in it.
    pub machine_clicked_at: Option<Timestamp>,
    /// It was answered.
    pub replied_at: Option<Timestamp>,
    /// It came back.
    pub bounced_at: Option<Timestamp>,
    /// Its reader wants no more.
    pub unsubscribed_at: Option<Timestamp>,
}

/// How much waits for a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attention {
    /// Campaigns to be approved.
    pub approvals: u64,
    /// Campaigns and messages of which something was in flight when the program stopped.
    pub in_doubt: u64,
    /// Campaigns and messages the program stopped.
    pub stopped: u64,
}

/// One row of the ledger as the page of its contact tells it.
#[derive(Debug, Clone)]
pub struct ContactCampaign {
    /// The row.
    pub recipient_id: RecipientId,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Its name.
    pub name: String,
    /// Where this contact stands in it.
    pub state: RecipientState,
    /// Why the contact was left out.
    pub reason: Option<SkipReason>,
    /// When the message was taken.
    pub sent_at: Option<Timestamp>,
}

/// What to do with a message of which nobody can tell whether it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownDecision {
    /// Send it again, at the risk of a double.
    SendAgain,
    /// Take it as sent.
    MarkSent,
}
