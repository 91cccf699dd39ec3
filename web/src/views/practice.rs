//! `/practice`: what the practice provider took, read as the recipient would.

use serde::Serialize;

use super::View;
use super::common::{Fact, Link, Pager};
use super::shell::Shell;

/// `/practice?cursor` and `/practice/{id}?part`: the list, and the message that is open.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PracticePage {
    /// The frame.
    pub shell: Shell,
    /// The messages, newest first.
    pub rows: Vec<PracticeRow>,
    /// Links to the other pages.
    pub pager: Pager,
    /// The open message.
    pub message: Option<PracticeMessage>,
}

/// One message in the list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PracticeRow {
    /// Id.
    pub id: String,
    /// What to call the recipient; the address where nothing else is known.
    pub name: String,
    /// Address.
    pub to: String,
    /// Subject, or the beginning of a text message.
    pub subject: String,
    /// When it was taken.
    pub sent_at: String,
    /// Where it opens.
    pub url: String,
    /// Whether it is the open one.
    pub current: bool,
}

/// The open message.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PracticeMessage {
    /// Id.
    pub id: String,
    /// `email` or `text`.
    pub channel: String,
    /// Sender.
    pub from: String,
    /// Recipient.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// When it was taken.
    pub sent_at: String,
    /// `html`, `text` or `headers`.
    pub part: String,
    /// Where the HTML is, served for a sandboxed frame; absent where there is none.
    pub html_url: Option<String>,
    /// The text part.
    pub text: String,
    /// The headers.
    pub headers: Vec<Fact>,
    /// Size in bytes.
    pub bytes: u64,
    /// The contact, where it still exists.
    pub contact: Option<Link>,
    /// The campaign that sent it.
    pub campaign: Option<Link>,
}

impl View for PracticePage {
    const TEMPLATE: &'static str = "pages/practice/index.html";

    fn samples() -> Vec<Self> {
        super::samples::practice::pages()
    }
}
