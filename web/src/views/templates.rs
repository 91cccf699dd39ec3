//! `/templates`: what messages are written from, with a preview as somebody would get it.

use serde::Serialize;

use super::View;
use super::ai::AiPanel;
use super::common::{Choice, FormErrors, Link, Pager};
use super::conflict::Conflict;
use super::shell::Shell;

/// `/templates`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TemplatesPage {
    /// The frame.
    pub shell: Shell,
    /// The templates, by name.
    pub rows: Vec<TemplateRow>,
    /// What there is to begin from, where there are none yet.
    pub starters: Vec<StarterCard>,
    /// Whether this person may change templates.
    pub may_write: bool,
}

/// One template in the list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TemplateRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Subject with its variables.
    pub subject: String,
    /// `email` or `text`.
    pub channel: String,
    /// When it was last changed.
    pub updated_at: String,
    /// How many campaigns use it.
    pub campaigns: u64,
}

impl View for TemplatesPage {
    const TEMPLATE: &'static str = "pages/templates/index.html";

    fn samples() -> Vec<Self> {
        super::samples::templates::index()
    }
}

/// `/templates/new` without a choice: what a template can begin as.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TemplateStartersPage {
    /// The frame.
    pub shell: Shell,
    /// Ready-made ones.
    pub starters: Vec<StarterCard>,
}

/// Something to begin from.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StarterCard {
    /// What `from` in the address is: `first-contact`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// `email` or `text`.
    pub channel: String,
}

impl View for TemplateStartersPage {
    const TEMPLATE: &'static str = "pages/templates/new.html";

    fn samples() -> Vec<Self> {
        super::samples::templates::starters()
    }
}

/// `/templates/new?from=…` and `/templates/{id}`. Fields: `mode`, `format`, `name`, `subject`, `preheader`, `body_html`,
/// `body_text`, `signature`, `version`, and for each block `blocks.<number>.<field>`; the preview adds `contact_id`, `who`
/// and `part` (`html`, `phone`, `text` or `dark`) and posts the same form to `/templates/preview`, whose answer
/// ([`TemplatePreview`]) is shown in a frame. `audience` says whom missing values are counted for.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TemplateFormPage {
    /// The frame.
    pub shell: Shell,
    /// Id of the template; absent for a new one.
    pub id: Option<String>,
    /// What was typed, or what is stored.
    pub form: TemplateForm,
    /// What can be written between double braces.
    pub variables: Vec<Variable>,
    /// Contacts the preview can be made for, the chosen one marked.
    pub preview_as: Vec<Choice>,
    /// Whom missing values can be counted for.
    pub audiences: Vec<Choice>,
    /// What is known of the content as shown.
    pub check: TemplateCheck,
    /// Campaigns that use it.
    pub campaigns: Vec<Link>,
    /// Drafting with a language model.
    pub ai: AiPanel,
    /// What is wrong. An unknown variable is named under the field it is in.
    pub errors: FormErrors,
    /// Version that was read; 0 for a new template.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Option<String>,
    /// Whether the page shows something that is not saved.
    pub is_changed: bool,
    /// What somebody else saved meanwhile.
    pub conflict: Option<Conflict>,
    /// Whether this person may change templates.
    pub may_write: bool,
}

/// The fields of a template as typed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TemplateForm {
    /// `blocks`, `source` or `text`.
    pub mode: String,
    /// `html` or `mjml`.
    pub format: String,
    /// Name.
    pub name: String,
    /// Subject.
    pub subject: String,
    /// The line mail programs show after the subject.
    pub preheader: String,
    /// HTML or MJML of the message.
    pub body_html: String,
    /// Text of the message; empty means it is made from the HTML.
    pub body_text: String,
    /// Signature below the message.
    pub signature: String,
    /// The language model whose draft was put into it since it was last saved; empty for none.
    pub drafted_with: String,
    /// The blocks the message is made of.
    pub blocks: BlockList,
}

/// The blocks of a message, as a list of small forms.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BlockList {
    /// In their order.
    pub blocks: Vec<BlockForm>,
    /// A block that was just deleted, as it is handed back to bring it back; empty where there is none.
    pub removed: String,
    /// What the deleted block is called.
    pub removed_title: String,
    /// Whether this person may change them.
    pub may_write: bool,
}

/// One block.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BlockForm {
    /// Its place, from 0.
    pub number: usize,
    /// `heading` and so on.
    pub kind: String,
    /// What people call the kind.
    pub title: String,
    /// The first words of what it says.
    pub gist: String,
    /// Whether its form is shown.
    pub is_open: bool,
    /// Whether it is the first.
    pub is_first: bool,
    /// Whether it can only move up, or not at all.
    pub is_last: bool,
    /// What is wrong with it.
    pub error: String,
    /// Text, in Markdown where the kind has it.
    pub text: String,
    /// Words on a button.
    pub label: String,
    /// Where it leads.
    pub url: String,
    /// Where a picture is.
    pub src: String,
    /// What a picture shows.
    pub alt: String,
    /// Text on the left.
    pub left: String,
    /// Text on the right.
    pub right: String,
    /// Pixels.
    pub height: String,
}

/// What is known of content: who lacks what, and how large it is.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TemplateCheck {
    /// Why nothing is known; empty where it is.
    pub problem: String,
    /// `email` or `text`.
    pub channel: String,
    /// Contacts looked at.
    pub audience: u64,
    /// The variables about contacts.
    pub variables: Vec<VariableMissing>,
    /// Bytes of the HTML as Ada Lovelace would get it, in kB.
    pub kilobytes: u64,
    /// Characters of the text part.
    pub text_length: u64,
    /// Characters of the subject.
    pub subject_length: u64,
    /// Of a text message: `7-bit` or `16-bit`.
    pub encoding: String,
    /// Of a text message: units it takes.
    pub units: u64,
    /// Of a text message: messages it is sent in.
    pub segments: u64,
    /// Of a text message: units left in the last one.
    pub left: u64,
    /// Of a text message: the characters that make it 16-bit.
    pub outside: String,
}

/// One variable, and how many lack it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct VariableMissing {
    /// As written: `contact.first_name`.
    pub name: String,
    /// How many have no value.
    pub missing: u64,
    /// Whether those would be left out.
    pub is_needed: bool,
}

/// A variable the person can use.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Variable {
    /// As written between the braces, with its default where one is wise: `contact.first_name | default("there")`.
    pub expression: String,
    /// What it stands for.
    pub meaning: String,
}

impl View for TemplateFormPage {
    const TEMPLATE: &'static str = "pages/templates/form.html";

    fn samples() -> Vec<Self> {
        super::samples::templates::form()
    }
}

/// Answer of `POST /templates/preview`: a whole small document for a sandboxed frame, served with its own policy
/// (`default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox`).
#[derive(Debug, Clone, Default, Serialize)]
pub struct TemplatePreview {
    /// Rendered subject.
    pub subject: String,
    /// Rendered preheader.
    pub preheader: String,
    /// Whom it would go to.
    pub to: String,
    /// `html`, `phone`, `text` or `dark`.
    pub part: String,
    /// The rendered message; shown as it is, which only the frame's policy makes safe.
    pub html: String,
    /// The text part.
    pub text: String,
    /// What keeps it from being rendered.
    pub problems: Vec<String>,
}

impl View for TemplatePreview {
    const TEMPLATE: &'static str = "pages/templates/preview.html";

    fn samples() -> Vec<Self> {
        super::samples::templates::preview()
    }
}

/// `/templates/{id}/versions`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TemplateVersionsPage {
    /// The frame.
    pub shell: Shell,
    /// Id of the template.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The version it has now.
    pub current: i64,
    /// The versions, newest first.
    pub rows: Vec<VersionRow>,
    /// More of them.
    pub pager: Pager,
    /// Whether this person may change templates.
    pub may_write: bool,
}

/// One version in the list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct VersionRow {
    /// Its number.
    pub version: i64,
    /// What the template was called.
    pub name: String,
    /// Who saved it; empty where that is not known.
    pub by: String,
    /// When.
    pub at: String,
    /// The version it was brought back from.
    pub restored_from: Option<i64>,
    /// The language model whose draft is in it; empty for none.
    pub drafted_with: String,
    /// Whether it is what the template is now.
    pub is_current: bool,
}

impl View for TemplateVersionsPage {
    const TEMPLATE: &'static str = "pages/templates/versions.html";

    fn samples() -> Vec<Self> {
        super::samples::templates::versions()
    }
}

/// `/templates/{id}/versions/{version}`: what changed between it and another one.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TemplateVersionPage {
    /// The frame.
    pub shell: Shell,
    /// Id of the template.
    pub id: String,
    /// Its name now.
    pub name: String,
    /// The version the page is about.
    pub row: VersionRow,
    /// What it is compared with, as in `against`.
    pub against: i64,
    /// Versions to compare with, the chosen one marked.
    pub others: Vec<Choice>,
    /// The fields in which they differ.
    pub changes: Vec<VersionChange>,
    /// Whether this person may bring it back.
    pub may_restore: bool,
}

/// One field that differs.
#[derive(Debug, Clone, Default, Serialize)]
pub struct VersionChange {
    /// What the field is called.
    pub label: String,
    /// Its lines.
    pub lines: Vec<VersionLine>,
}

/// One line of a comparison.
#[derive(Debug, Clone, Default, Serialize)]
pub struct VersionLine {
    /// `same`, `removed` or `added`.
    pub change: String,
    /// The line.
    pub text: String,
}

impl View for TemplateVersionPage {
    const TEMPLATE: &'static str = "pages/templates/version.html";

    fn samples() -> Vec<Self> {
        super::samples::templates::version()
    }
}
