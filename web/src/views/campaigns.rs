//! `/campaigns`: the list, the form, and the recipients of one campaign.

use serde::Serialize;

use super::View;
use super::campaign::CampaignHead;
use super::common::{Choice, FormErrors, Pager, Tab};
use super::shell::Shell;

/// `/campaigns?status`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CampaignsPage {
    /// The frame.
    pub shell: Shell,
    /// "All" and the states in use, as tabs.
    pub tabs: Vec<Tab>,
    /// The campaigns, last changed first.
    pub rows: Vec<CampaignRow>,
    /// Links to the other pages.
    pub pager: Pager,
    /// Whether the workspace has a template to write from.
    pub has_templates: bool,
    /// Whether this person may make campaigns.
    pub may_write: bool,
}

/// One campaign in the list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CampaignRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Status, as stored.
    pub status: String,
    /// Audience in words.
    pub audience: String,
    /// Template in words; empty where it was deleted.
    pub template_name: String,
    /// Recipients, once the audience was resolved or approved.
    pub total: Option<u64>,
    /// How many of them it was sent to.
    pub sent: u64,
    /// When it was last changed.
    pub updated_at: String,
}

impl View for CampaignsPage {
    const TEMPLATE: &'static str = "pages/campaigns/index.html";

    fn samples() -> Vec<Self> {
        super::samples::campaigns::index()
    }
}

/// `/campaigns/new` and `/campaigns/{id}/edit`. Fields: `name`, `template_id`, `audience` (`everyone`, `lists` or
/// `advanced`), `list_ids` and `segment_ids` (repeated; read for `lists`: any of them), `exclude_list_ids` and
/// `exclude_segment_ids` (repeated: none of them), `segment_json` (read for `advanced`),
/// `provider_id` (empty for the default), `send_at` (local time, empty for at once), `time_zone`, `rate_per_minute`,
/// `version`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CampaignFormPage {
    /// The frame.
    pub shell: Shell,
    /// Id of the campaign; absent for a new one.
    pub id: Option<String>,
    /// What was typed, or what is stored.
    pub form: CampaignForm,
    /// Templates to choose from, the chosen one marked.
    pub templates: Vec<Choice>,
    /// Lists to choose from, the chosen ones marked; the hint says how many people are in it.
    pub lists: Vec<Choice>,
    /// Saved segments to choose from, the chosen ones marked.
    pub segments: Vec<Choice>,
    /// The same lists, those to leave out marked.
    pub excluded_lists: Vec<Choice>,
    /// The same saved segments, those to leave out marked.
    pub excluded_segments: Vec<Choice>,
    /// How many the audience has as it is stored.
    pub counted: AudienceCount,
    /// A rule that is stored, in words; empty for lists and saved segments.
    pub says: String,
    /// How many contacts "everyone" is.
    pub everyone: u64,
    /// Providers to choose from, the chosen one marked; the default one has an empty value.
    pub providers: Vec<Choice>,
    /// Days of the week, those on which messages leave marked; none for all.
    pub days: Vec<Choice>,
    /// What is wrong.
    pub errors: FormErrors,
    /// Whether saving withdraws an approval.
    pub withdraws_approval: bool,
    /// Version that was read; 0 for a new campaign.
    pub version: i64,
}

/// How many an audience has: argument of the component `campaigns.audience_count`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AudienceCount {
    /// How many people.
    pub people: Option<u64>,
    /// Why that cannot be said.
    pub problem: String,
}

impl AudienceCount {
    /// It cannot be said, for this reason.
    pub fn refused(problem: &str) -> Self {
        Self { people: None, problem: problem.to_owned() }
    }
}

/// The fields of a campaign as typed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CampaignForm {
    /// Name.
    pub name: String,
    /// `everyone`, `lists` or `advanced`.
    pub audience: String,
    /// The audience rule as JSON.
    pub segment_json: String,
    /// Local date and time (`2026-11-23T09:00`), or empty.
    pub send_at: String,
    /// IANA zone of `send_at`.
    pub time_zone: String,
    /// At most this many a minute, or empty.
    pub rate_per_minute: String,
    /// From this time of the day on (`09:00`), or empty.
    pub window_from: String,
    /// Until this time of the day, or empty.
    pub window_to: String,
    /// Another subject to try.
    pub subject: SubjectForm,
}

/// The fields of a test of two subjects as typed: `subject_b` (empty for no test), `share_percent`, `wait_hours`,
/// `winner`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SubjectForm {
    /// The other subject.
    pub subject_b: String,
    /// Share of the audience in the test, in percent.
    pub share_percent: String,
    /// Hours until the decision.
    pub wait_hours: String,
    /// `opened`, `clicked` or `replied`.
    pub winner: String,
}

impl View for CampaignFormPage {
    const TEMPLATE: &'static str = "pages/campaigns/form.html";

    fn samples() -> Vec<Self> {
        super::samples::campaigns::form()
    }
}

/// `/campaigns/{id}/recipients?state&cursor`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RecipientsPage {
    /// The frame.
    pub shell: Shell,
    /// The campaign.
    pub campaign: CampaignHead,
    /// "All" and the states in use, as tabs.
    pub tabs: Vec<Tab>,
    /// The recipients.
    pub rows: Vec<RecipientRow>,
    /// Where all of them, or those of the state shown, are a file.
    pub export_url: String,
    /// Links to the other pages.
    pub pager: Pager,
}

/// One line of the ledger.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RecipientRow {
    /// Id of the ledger row.
    pub id: String,
    /// Id of the contact; absent once it was deleted.
    pub contact_id: Option<String>,
    /// What to call the person.
    pub name: String,
    /// Address; empty for those left out for having none.
    pub address: String,
    /// `queued`, `sending`, `sent`, `retry_wait`, `failed`, `unknown` or `skipped`.
    pub state: String,
    /// Why it was left out, failed or waits, in words.
    pub reason: Option<String>,
    /// Attempts so far.
    pub attempts: u64,
    /// When it was sent.
    pub sent_at: Option<String>,
    /// When it is tried next.
    pub next_attempt_at: Option<String>,
}

impl View for RecipientsPage {
    const TEMPLATE: &'static str = "pages/campaigns/recipients.html";

    fn samples() -> Vec<Self> {
        super::samples::campaigns::recipients()
    }
}
