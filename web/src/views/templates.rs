//! `/templates`: what messages are written from, with a preview as somebody would get it.

use serde::Serialize;

use super::View;
use super::ai::AiPanel;
use super::common::{Choice, FormErrors, Link};
use super::shell::Shell;

/// `/templates`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TemplatesPage {
    /// The frame.
    pub shell: Shell,
    /// The templates, by name.
    pub rows: Vec<TemplateRow>,
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

/// `/templates/new` and `/templates/{id}`. Fields: `name`, `subject`, `preheader`, `body_html`, `body_text`,
/// `signature`, `version`; the preview adds `contact_id` and `part` (`html` or `text`) and posts the same form to
/// `/templates/preview`, whose answer ([`TemplatePreview`]) is shown in a frame.
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
    /// Whether this person may change templates.
    pub may_write: bool,
}

/// The fields of a template as typed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TemplateForm {
    /// Name.
    pub name: String,
    /// Subject.
    pub subject: String,
    /// The line mail programs show after the subject.
    pub preheader: String,
    /// HTML of the message.
    pub body_html: String,
    /// Text of the message; empty means it is made from the HTML.
    pub body_text: String,
    /// Signature below the message.
    pub signature: String,
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
    /// `html` or `text`.
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
