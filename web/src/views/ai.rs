//! AI drafts: the panel in the template editor, the page without script, and the settings.

use serde::Serialize;

use super::View;
use super::common::{Choice, FormErrors};
use super::shell::Shell;

/// The panel "Draft with AI" of the template editor. Its form posts `channel`, `goal`, `tone`, `length`, `language`, `facts` (many),
/// `template_id` and `step` (`draft` or `look`) to `/templates/draft`; asked for `text/event-stream` it answers with
/// events `more`, `done`, `sent` and `failed`, otherwise with [`DraftPage`].
#[derive(Debug, Clone, Default, Serialize)]
pub struct AiPanel {
    /// Whether this person may draft at all; without it there is no panel.
    pub may_write: bool,
    /// Whether it is for a text message.
    pub is_text: bool,
    /// Why there are no drafts now; empty where there are.
    pub reason: String,
    /// Where that is changed, for people who may.
    pub settings_url: Option<String>,
    /// The template it is for; absent for a new one.
    pub template_id: Option<String>,
    /// The model that writes.
    pub model: String,
    /// The host it is at.
    pub host: String,
    /// What was typed.
    pub form: AiForm,
    /// Tones to choose from.
    pub tones: Vec<Choice>,
    /// Lengths to choose from.
    pub lengths: Vec<Choice>,
    /// Variables it may use, the ticked ones marked; the hint says what each is.
    pub facts: Vec<Choice>,
}

/// What is asked for, as typed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AiForm {
    /// What the message is for.
    pub goal: String,
    /// Its language.
    pub language: String,
}

/// A proposal.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Proposal {
    /// Subject.
    pub subject: String,
    /// Preview line.
    pub preheader: String,
    /// HTML.
    pub body_html: String,
    /// The same as text.
    pub body_text: String,
    /// The model that wrote it; saving it labels the version with it.
    pub model: String,
    /// Who wrote it and what it took: "gpt-4o-mini, 412 tokens".
    pub note: String,
}

/// What leaves for the model.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SentRequest {
    /// Where to.
    pub address: String,
    /// The request, as JSON with line breaks.
    pub body: String,
}

/// What of a stored template stays when a proposal takes the place of its text.
#[derive(Debug, Clone, Default, Serialize)]
pub struct KeptTemplate {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Signature.
    pub signature: String,
    /// Version that was read.
    pub version: i64,
}

/// Answer of `POST /templates/draft` where there is no script. Taking the proposal posts the editor's own form.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DraftPage {
    /// The frame.
    pub shell: Shell,
    /// The form it came from.
    pub ai: AiPanel,
    /// What is wrong.
    pub errors: FormErrors,
    /// What the model wrote.
    pub proposal: Option<Proposal>,
    /// What would leave, where that was asked for.
    pub sent: Option<SentRequest>,
    /// The template it is for.
    pub template: Option<KeptTemplate>,
}

impl View for DraftPage {
    const TEMPLATE: &'static str = "pages/templates/draft.html";

    fn samples() -> Vec<Self> {
        super::samples::ai::draft()
    }
}

/// `/settings/ai`. Fields: `enabled`, `base_url`, `model`, `api_key`, `clear_key`, `monthly_tokens`, `version`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AiSettingsPage {
    /// The frame.
    pub shell: Shell,
    /// What was typed, or what is stored.
    pub form: AiSettingsForm,
    /// Whether the workspace has a key of its own.
    pub has_key: bool,
    /// The address that counts where none is entered.
    pub default_address: String,
    /// The model that counts now.
    pub model: String,
    /// Why there are no drafts now; empty where there are.
    pub reason: String,
    /// What is wrong.
    pub errors: FormErrors,
    /// Version that was read.
    pub version: i64,
    /// Whether this person may change the settings.
    pub may_write: bool,
    /// What was used this month.
    pub usage: AiUsageBox,
}

/// The settings as typed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AiSettingsForm {
    /// Whether drafts are on.
    pub enabled: bool,
    /// Address of the workspace's own server.
    pub base_url: String,
    /// Its own model.
    pub model: String,
    /// Most tokens a month.
    pub monthly_tokens: String,
}

/// What was used this month.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AiUsageBox {
    /// The month, as its first moment.
    pub since: String,
    /// Tokens used.
    pub tokens: u64,
    /// Tokens there may be; 0 is no limit.
    pub cap: u64,
    /// Drafts asked for.
    pub uses: u64,
    /// The last uses.
    pub rows: Vec<AiUseRow>,
}

/// One use of a model.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AiUseRow {
    /// When.
    pub at: String,
    /// Who.
    pub who: String,
    /// Which model.
    pub model: String,
    /// `ok`, `info`, `mute` or `bad`.
    pub tone: String,
    /// How it ended, in words.
    pub outcome: String,
    /// Tokens, in and out.
    pub tokens: u64,
    /// Whether that is a guess.
    pub is_estimate: bool,
}

impl View for AiSettingsPage {
    const TEMPLATE: &'static str = "pages/settings/ai.html";

    fn samples() -> Vec<Self> {
        super::samples::ai::settings()
    }
}
