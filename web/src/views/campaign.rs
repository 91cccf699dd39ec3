//! `/campaigns/{id}`: one campaign in whatever state it is in, from draft to report.

use serde::Serialize;

use super::View;
use super::campaign_report::CampaignReport;
use super::campaign_subjects::Subjects;
use super::campaigns::RecipientRow;
use super::common::{Fact, FormErrors, Link};
use super::shell::Shell;

/// One campaign. Forms on it, all `POST /campaigns/{id}/…`: `submit`, `approve` (`notes`), `reject` (`notes`), `send`,
/// `pause`, `resume`, `cancel`, `duplicate`, `follow-up`, `delete`, and per ledger row in doubt `recipients/{row}/resend` and
/// `recipients/{row}/mark-sent`. The part that changes while it is sent is the component `campaigns.live`, which
/// takes [`CampaignLive`].
#[derive(Debug, Clone, Default, Serialize)]
pub struct CampaignPage {
    /// The frame; asks again by itself while the campaign is sent.
    pub shell: Shell,
    /// The campaign.
    pub campaign: CampaignHead,
    /// What this person may do now.
    pub can: CampaignActions,
    /// Why a decision is not offered, in words.
    pub why_not: Option<String>,
    /// What was counted and rendered before approval. Present in draft, pending and approved.
    pub preflight: Option<Preflight>,
    /// The latest request for approval and its answer.
    pub approval: Option<Approval>,
    /// Fingerprint of the content, once there is one.
    pub seal: Option<Seal>,
    /// Figures, once the sending has begun.
    pub live: Option<CampaignLive>,
    /// What came of it, once something has left.
    pub report: Option<CampaignReport>,
    /// What came of two subjects, where two were sent.
    pub subjects: Option<Subjects>,
    /// The newest failures.
    pub failed: Vec<RecipientRow>,
    /// Note as typed, when the decision was refused.
    pub notes: String,
    /// What is wrong with a form of the page.
    pub errors: FormErrors,
}

/// What every page of a campaign shows on top.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CampaignHead {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// `draft`, `pending_approval`, `approved`, `scheduled`, `sending`, `paused`, `sent`, `rejected`, `cancelled` or
    /// `failed`.
    pub status: String,
    /// The template, where it still exists.
    pub template: Option<Link>,
    /// The audience rule in words.
    pub audience: String,
    /// Name of the provider.
    pub provider_name: String,
    /// Whether that is the practice provider.
    pub is_practice: bool,
    /// Sender as recipients see it.
    pub from: String,
    /// "by email", "by text message".
    pub by: String,
    /// Who made it.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: String,
    /// When it starts, in words: "when you press Send", "Mon 23 Nov, 09:00 Europe/Vienna".
    pub starts: String,
}

/// What is offered. Each flag is one button.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each flag is one button of the page")]
pub struct CampaignActions {
    /// Change it.
    pub edit: bool,
    /// Ask for approval.
    pub submit: bool,
    /// Approve or reject.
    pub decide: bool,
    /// Start sending.
    pub send: bool,
    /// Pause.
    pub pause: bool,
    /// Resume.
    pub resume: bool,
    /// Cancel what was not sent.
    pub cancel: bool,
    /// Make another one of it.
    pub duplicate: bool,
    /// Make one for those who got it and did not answer.
    pub follow_up: bool,
    /// Delete it.
    pub delete: bool,
    /// Decide about messages in doubt.
    pub settle: bool,
}

/// What was counted and rendered before approval.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Preflight {
    /// When, RFC 3339 UTC.
    pub counted_at: String,
    /// How many match the audience rule.
    pub matched: u64,
    /// Those left out, by reason.
    pub left_out: Vec<LeftOut>,
    /// Reasons for which somebody may be left out and nobody is.
    pub also_checked: Vec<String>,
    /// How many will get it: `matched` less all of `left_out`.
    pub total: u64,
    /// How many are left out in all.
    pub left_out_total: u64,
    /// The first of those left out.
    pub left_out_rows: Vec<LeftOutRow>,
    /// Rendered copies.
    pub samples: Vec<Sample>,
    /// How long it will take, in seconds, where a limit makes that known.
    pub seconds: Option<u64>,
    /// The limit in words: "4 a minute"; empty where there is none.
    pub rate: String,
    /// Things looked at, good or not.
    pub checks: Vec<Check>,
    /// Facts beside the decision: window, provider, …
    pub facts: Vec<Fact>,
    /// Whether it is mail to many without a postal address: shown in red also where it may be sent like that.
    pub lacks_address: bool,
    /// What keeps it from being submitted at all, in words.
    pub blockers: Vec<String>,
}

/// People left out for one reason.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LeftOut {
    /// How many.
    pub count: u64,
    /// The reason, completing "31 …": "unsubscribed from email".
    pub label: String,
}

/// One person left out.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LeftOutRow {
    /// Id of the contact.
    pub contact_id: String,
    /// What to call the person.
    pub name: String,
    /// Address; may be empty.
    pub address: String,
    /// The reason, in words.
    pub reason: String,
}

/// A rendered copy, shown in a sandboxed frame from its own address.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Sample {
    /// "Typical", "Longest name", "Oddest".
    pub label: String,
    /// Why this one.
    pub hint: String,
    /// Rendered subject.
    pub subject: String,
    /// The other subject, where two are tried.
    pub subject_b: Option<String>,
    /// Address it would go to.
    pub to: String,
    /// Where the rendered HTML is.
    pub html_url: String,
    /// The text part.
    pub text: String,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Check {
    /// `ok`, `warn` or `bad`.
    pub tone: String,
    /// What was found.
    pub text: String,
}

impl Check {
    /// A finding.
    pub fn new(tone: impl Into<String>, text: impl Into<String>) -> Self {
        Self { tone: tone.into(), text: text.into() }
    }
}

/// A request for approval and, perhaps, its answer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Approval {
    /// `pending`, `approved` or `rejected`.
    pub status: String,
    /// Who asked.
    pub requested_by: String,
    /// When.
    pub requested_at: String,
    /// Who decided.
    pub reviewer: Option<String>,
    /// When.
    pub reviewed_at: Option<String>,
    /// What they wrote.
    pub notes: Option<String>,
}

/// The content hash as a strip of bars and in groups of four.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Seal {
    /// The first sixteen digits, in groups.
    pub text: String,
    /// All digits.
    pub full: String,
    /// The bars.
    pub bars: Vec<SealBar>,
}

/// One bar of the seal, in a box of 64 by 32.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct SealBar {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: f64,
    /// Height.
    pub height: f64,
}

impl Seal {
    /// From a hash in hexadecimal; a change of one letter of the content changes most bars.
    pub fn from_hash(hash: &str) -> Self {
        let digits: Vec<char> = hash.chars().filter(char::is_ascii_hexdigit).collect();
        let text = digits
            .chunks(4)
            .take(4)
            .map(|group| group.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join(" ");
        let bars = digits
            .chunks(2)
            .take(32)
            .zip(0_u32..)
            .map(|(pair, place)| {
                let value = pair.iter().fold(0, |sum, d| sum * 16 + d.to_digit(16).unwrap_or(0));
                let height = 5.0 + f64::from(value) / 255.0 * 26.0;
                SealBar { x: place * 2, y: tenth(16.0 - height / 2.0), height: tenth(height) }
            })
            .collect();
        Self { text, full: digits.into_iter().collect(), bars }
    }
}

/// Figures of a campaign being sent, and those in doubt: argument of the component `campaigns.live`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CampaignLive {
    /// Id of the campaign.
    pub id: String,
    /// Its status, as stored.
    pub status: String,
    /// The figures.
    pub progress: Progress,
    /// Facts beside the figure: rate, time left, approved by.
    pub facts: Vec<Fact>,
    /// Why it stands still, in words.
    pub pause_reason: Option<String>,
    /// Rows in doubt, at most twenty.
    pub unknown: Vec<RecipientRow>,
    /// Whether others wait for the better of two subjects.
    pub waits_for_subject: bool,
    /// Whether this person may decide about them.
    pub may_settle: bool,
    /// Goes into the hidden field of the forms.
    pub csrf_token: String,
    /// The moment of this answer, RFC 3339 UTC.
    pub now: String,
    /// IANA zone of the workspace.
    pub time_zone: String,
}

impl CampaignLive {
    /// Whether the page should keep asking.
    pub fn is_moving(&self) -> bool {
        matches!(self.status.as_str(), "sending" | "scheduled")
    }
}

/// How many rows of the ledger are in which state.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Progress {
    /// Everybody the campaign is for; those left out are not in it.
    pub total: u64,
    /// Handed over.
    pub sent: u64,
    /// Failed for good.
    pub failed: u64,
    /// In doubt.
    pub unknown: u64,
    /// Waiting to be tried again.
    pub retry_wait: u64,
    /// Waiting to be sent, those being sent included.
    pub queued: u64,
    /// Left out.
    pub skipped: u64,
    /// Shares for the bar.
    pub bars: Vec<ProgressBar>,
}

/// One part of the bar, in percent of its width.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProgressBar {
    /// `accent`, `bad` or `warn`.
    pub tone: String,
    /// Left edge.
    pub x: f64,
    /// Width.
    pub width: f64,
}

impl Progress {
    /// From the counts by state; `sending` counts as queued. `skipped` is apart from the total.
    pub fn new(
        sent: u64,
        failed: u64,
        unknown: u64,
        retry_wait: u64,
        queued: u64,
        skipped: u64,
    ) -> Self {
        let total = sent + failed + unknown + retry_wait + queued;
        let mut x = 0.0;
        let mut bars = Vec::new();
        for (tone, count) in [("accent", sent), ("bad", failed), ("warn", unknown)] {
            let width = percent(count, total);
            if width > 0.0 {
                bars.push(ProgressBar { tone: tone.to_owned(), x: tenth(x), width });
            }
            x += width;
        }
        Self { total, sent, failed, unknown, retry_wait, queued, skipped, bars }
    }
}

/// `part` of `whole` in percent with one decimal; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "a share for a bar needs no more than a few digits")]
pub fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { tenth(part as f64 * 100.0 / whole as f64) }
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

impl View for CampaignPage {
    const TEMPLATE: &'static str = "pages/campaigns/show.html";

    fn samples() -> Vec<Self> {
        super::samples::campaigns::show()
    }
}
