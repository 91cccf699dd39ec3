//! `/contacts/{id}`: who it is, what was said, where it stands.

use serde::Serialize;

use super::View;
use super::common::{Choice, Fact, FormErrors, Link, Stage, Tab, Tag};
use super::conflict::Conflict;
use super::shell::Shell;
use super::timeline::TimelineDay;

/// One contact. Forms on it: `POST /contacts/{id}/stage` (`list_id`, empty for none), `/lists` (`list_id`),
/// `/lists/{list_id}/remove`, `/notes` (`text`), `/calls` (`minutes`, `notes`, `when`), `/messages` (`subject`, `body`,
/// `despite_unsubscribed`), `/delete`; `POST /messages/{id}/undo`, `POST /messages/{id}/decide` (`decision`).
#[derive(Debug, Clone, Default, Serialize)]
pub struct ContactPage {
    /// Whether the person may erase contacts for good.
    pub may_erase: bool,
    /// Contacts that were merged into this one and can be their own again.
    pub merges: Vec<MergedHere>,
    /// The frame.
    pub shell: Shell,
    /// The contact.
    pub contact: ContactDetail,
    /// All stages of the pipeline in order.
    pub stages: Vec<StageStep>,
    /// Secondary lists the contact is not in.
    pub addable_tags: Vec<Choice>,
    /// The timeline, newest day first.
    pub timeline: Vec<TimelineDay>,
    /// Filters of the timeline by kind.
    pub kinds: Vec<Tab>,
    /// Older entries; absent on the last page.
    pub older_url: Option<String>,
    /// The newest entries; absent on the first page.
    pub newest_url: Option<String>,
    /// What is being written.
    pub composer: Composer,
    /// What is wrong with the note or another form of the page.
    pub errors: FormErrors,
    /// Campaigns that reached, or will reach, this contact.
    pub campaigns: Vec<ContactCampaign>,
    /// What is open about them, the most urgent first.
    pub tasks: Vec<super::tasks::TaskRow>,
    /// The form for a new task.
    pub task_form: super::tasks::TaskForm,
    /// Messages to this contact that have not left, or did not get through.
    pub messages: Vec<MessageRow>,
    /// What they said about being written to.
    pub consents: ConsentCard,
    /// What has happened, in a few sentences, where somebody asked for that.
    pub summary: Option<SummaryCard>,
    /// Where to ask for it, where this person may: `POST /contacts/{id}/summary`, and the place on its page.
    pub summary_url: Option<String>,
    /// Whether this person may change the contact.
    pub may_write: bool,
    /// Whether this person may write messages.
    pub may_send: bool,
}

/// A timeline in a few sentences.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SummaryCard {
    /// What the figures say.
    pub by_rule: Vec<String>,
    /// What the entries are about, by a model.
    pub by_model: Vec<String>,
    /// Which model.
    pub model: Option<String>,
    /// How many entries were read.
    pub entries: usize,
    /// Whether there are older ones.
    pub has_older: bool,
    /// Sentences of the model that were thrown away.
    pub refused: u64,
    /// Why there is nothing by a model.
    pub trouble: Option<String>,
}

/// What somebody said about being written to. Form: `POST /contacts/{id}/consents` (`channel`, `state`, `source`, `wording`,
/// `at`).
#[derive(Debug, Clone, Default, Serialize)]
pub struct ConsentCard {
    /// What holds, by channel; those nothing was said about are absent.
    pub stands: Vec<ConsentStand>,
    /// All that was said, last first.
    pub rows: Vec<ConsentRow>,
    /// What is being written down.
    pub form: ConsentForm,
}

/// What holds on a channel.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ConsentStand {
    /// `email` or `text`.
    pub channel: String,
    /// Whether they consented; else they withdrew.
    pub granted: bool,
    /// When they said so.
    pub at: String,
}

/// One thing that was said.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ConsentRow {
    /// `email` or `text`.
    pub channel: String,
    /// Whether they consented; else they withdrew.
    pub granted: bool,
    /// When they said it.
    pub at: String,
    /// How.
    pub source: String,
    /// In which words; may be empty.
    pub wording: String,
    /// Who wrote it down.
    pub by: Option<String>,
}

/// A consent as typed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ConsentForm {
    /// `email` or `text`.
    pub channel: String,
    /// `granted` or `withdrawn`.
    pub state: String,
    /// How they said it.
    pub source: String,
    /// The words they agreed to.
    pub wording: String,
    /// When, local time of the workspace; empty for now.
    pub at: String,
}

/// A message that needs looking at.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MessageRow {
    /// Id.
    pub id: String,
    /// Subject as written; of a text message its beginning.
    pub subject: String,
    /// The address it is to.
    pub to: String,
    /// `held`, `waiting`, `sending`, `failed`, `unknown`, `stopped` or `skipped`.
    pub state: String,
    /// When it leaves or is tried again, or what happened last.
    pub at: String,
    /// What went wrong, or why it was stopped.
    pub problem: Option<String>,
    /// Whether it can be taken back.
    pub can_undo: bool,
    /// The contact it is to, where the page is not that contact's.
    pub contact: Option<Link>,
}

/// The form for a new entry of the timeline: a note, a call or a message.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Composer {
    /// Whether a call is written down; else a note.
    pub call: bool,
    /// The message being written, where it is one.
    pub message: Option<MessageForm>,
    /// The note as typed.
    pub text: String,
    /// Minutes of the call as typed.
    pub minutes: String,
    /// What was said in the call, as typed.
    pub notes: String,
    /// When the call was, local time of the workspace; empty for now.
    pub when: String,
}

/// The form for an e-mail or a text message to the contact.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MessageForm {
    /// `email` or `text`.
    pub channel: String,
    /// Where it goes.
    pub to: String,
    /// Who it comes from.
    pub from: String,
    /// Subject as typed.
    pub subject: String,
    /// Text as typed.
    pub body: String,
    /// Templates to begin with, the chosen one marked.
    pub templates: Vec<Choice>,
    /// Why nothing can be sent, as a sentence; then there is no form.
    pub refused: Option<String>,
    /// Whether the person unsubscribed, so that sending all the same must be said.
    pub unsubscribed: bool,
    /// Whether that was said.
    pub despite_unsubscribed: bool,
    /// Whether they have their quiet hours, so that it has to be said that it is to be sent all the same
    /// (`despite_quiet_hours`).
    pub quiet: bool,
}

/// `/logs/{id}/edit`: a note or call of one's own. Forms: `POST /logs/{id}` (`version`, and `text`, or `minutes`,
/// `notes`, `when`), `POST /logs/{id}/delete`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LogPage {
    /// The frame.
    pub shell: Shell,
    /// Id of the entry.
    pub id: String,
    /// Whose timeline it is on.
    pub contact: Link,
    /// What is stored, or was typed.
    pub form: Composer,
    /// Version that was read, sent back to detect a lost update.
    pub version: i64,
    /// What the form was filled with.
    pub seen: String,
    /// What somebody else saved meanwhile.
    pub conflict: Option<Conflict>,
    /// What is wrong.
    pub errors: FormErrors,
}

impl View for LogPage {
    const TEMPLATE: &'static str = "pages/contacts/log.html";

    fn samples() -> Vec<Self> {
        super::samples::contacts::log()
    }
}

/// What is known about a contact.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ContactDetail {
    /// Id.
    pub id: String,
    /// What to call the person.
    pub name: String,
    /// Company; may be empty.
    pub company: String,
    /// E-mail; may be empty.
    pub email: String,
    /// Phone in E.164; may be empty.
    pub phone: String,
    /// Value in the smallest unit of the workspace's currency.
    pub value_minor: Option<i64>,
    /// Who looks after the contact.
    pub owner: Option<String>,
    /// Stage, where the contact is in one.
    pub stage: Option<Stage>,
    /// Since when in this stage.
    pub stage_since: Option<String>,
    /// Secondary lists.
    pub tags: Vec<Tag>,
    /// Custom fields, filled or not.
    pub custom: Vec<Fact>,
    /// Why no e-mail may go to this address: `unsubscribed`, `bounced`, `complained` or `manual`.
    pub email_suppressed: Option<String>,
    /// Since when.
    pub email_suppressed_at: Option<String>,
    /// When it was added.
    pub created_on: String,
    /// When it was last changed.
    pub updated_at: String,
}

/// One stage in the rail beside a contact.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StageStep {
    /// The stage.
    pub stage: Stage,
    /// Before the contact's stage.
    pub done: bool,
    /// The contact's stage.
    pub current: bool,
}

/// A campaign on a contact's page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ContactCampaign {
    /// Id of the campaign.
    pub id: String,
    /// Its name.
    pub name: String,
    /// State of this contact's row in it.
    pub state: String,
}

impl View for ContactPage {
    const TEMPLATE: &'static str = "pages/contacts/show.html";

    fn samples() -> Vec<Self> {
        super::samples::contacts::show()
    }
}

/// A contact that was merged into this one.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MergedHere {
    /// The merge.
    pub id: String,
    /// What the contact was called.
    pub name: String,
    /// When.
    pub at: String,
}
