//! Messages made of blocks: each is a small form, and together they make the MJML of the body.

mod markdown;
mod write;

use serde::{Deserialize, Serialize};

use super::language::{self, Known};
use super::{Result, TemplatesError};

pub(crate) use write::to_mjml;

/// Most blocks a message may have.
pub const MAX_BLOCKS: usize = 60;
/// Most characters of a text in one block.
const MAX_TEXT: usize = 20_000;
/// Most characters of a heading, a label or an address.
const MAX_LINE: usize = 2_000;
/// How high a spacer may be, in pixels.
const HEIGHTS: std::ops::RangeInclusive<u16> = 4..=120;

/// One block of a message. Texts may hold placeholders; those called Markdown are written in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = TemplateBlock)]
pub enum Block {
    /// A heading.
    Heading {
        /// What it says.
        text: String,
    },
    /// Paragraphs, in Markdown.
    Text {
        /// Markdown.
        text: String,
    },
    /// A link that looks like a button.
    Button {
        /// What it says.
        label: String,
        /// Where it leads: `https:`, `http:`, `mailto:`, `tel:` or a placeholder.
        url: String,
    },
    /// A picture from the web.
    Image {
        /// Where it is: `https:`, `http:` or a placeholder.
        src: String,
        /// What is to be seen, for those who do not see it.
        alt: String,
        /// Where a click leads; empty for nowhere.
        #[serde(default)]
        url: String,
    },
    /// Two texts beside each other, on a phone one below the other.
    Columns {
        /// Markdown on the left.
        left: String,
        /// Markdown on the right.
        right: String,
    },
    /// A line across.
    Divider {},
    /// Some room.
    Spacer {
        /// Pixels, 4 to 120.
        height: u16,
    },
    /// Who signs, in Markdown.
    Signature {
        /// Markdown.
        text: String,
    },
    /// Why the message came, with the link that ends it. There is one, at the end.
    Unsubscribe {
        /// What stands before the link.
        text: String,
    },
}

impl Block {
    /// Every kind, as it is called in `kind`, in the order they are offered.
    pub const KINDS: [&'static str; 9] = [
        "heading",
        "text",
        "button",
        "image",
        "columns",
        "divider",
        "spacer",
        "signature",
        "unsubscribe",
    ];

    /// The word of its `kind`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Heading { .. } => "heading",
            Self::Text { .. } => "text",
            Self::Button { .. } => "button",
            Self::Image { .. } => "image",
            Self::Columns { .. } => "columns",
            Self::Divider {} => "divider",
            Self::Spacer { .. } => "spacer",
            Self::Signature { .. } => "signature",
            Self::Unsubscribe { .. } => "unsubscribe",
        }
    }

    /// A block of a kind with nothing in it yet; `None` for a word that is no kind.
    pub fn empty(kind: &str) -> Option<Self> {
        let nothing = String::new;
        Some(match kind {
            "heading" => Self::Heading { text: nothing() },
            "text" => Self::Text { text: nothing() },
            "button" => Self::Button { label: nothing(), url: nothing() },
            "image" => Self::Image { src: nothing(), alt: nothing(), url: nothing() },
            "columns" => Self::Columns { left: nothing(), right: nothing() },
            "divider" => Self::Divider {},
            "spacer" => Self::Spacer { height: 24 },
            "signature" => Self::Signature { text: nothing() },
            "unsubscribe" => Self::Unsubscribe {
                text: "You get this message from {{ workspace.name }}.".to_owned(),
            },
            _ => return None,
        })
    }

    /// Its texts with their names, those that may be empty last.
    fn texts(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Heading { text } | Self::Text { text } | Self::Signature { text } => {
                vec![("text", text)]
            }
            Self::Button { label, url } => vec![("label", label), ("url", url)],
            Self::Image { src, alt, url } => vec![("src", src), ("alt", alt), ("url", url)],
            Self::Columns { left, right } => vec![("left", left), ("right", right)],
            Self::Divider {} | Self::Spacer { .. } => Vec::new(),
            Self::Unsubscribe { text } => vec![("text", text)],
        }
    }

    fn may_lack(&self, field: &str) -> bool {
        matches!((self, field), (Self::Image { .. }, "url") | (Self::Unsubscribe { .. }, "text"))
    }
}

/// Checks blocks one by one, and puts the one that unsubscribes at the end.
///
/// # Errors
/// [`TemplatesError::Block`] with the number of the first block that is wrong, counted from 1.
pub(crate) fn check(blocks: &mut Vec<Block>, known: Known<'_>) -> Result<()> {
    if blocks.len() > MAX_BLOCKS {
        let message = format!("a message has up to {MAX_BLOCKS} blocks");
        return Err(TemplatesError::Block { number: MAX_BLOCKS + 1, message });
    }
    for (index, block) in blocks.iter().enumerate() {
        if let Err(message) = problem(block, known) {
            return Err(TemplatesError::Block { number: index + 1, message });
        }
    }
    let is_end = |block: &Block| matches!(block, Block::Unsubscribe { .. });
    let end = blocks.iter().find(|block| is_end(block)).cloned();
    blocks.retain(|block| !is_end(block));
    blocks.extend(end.or_else(|| Block::empty("unsubscribe")));
    Ok(())
}

fn problem(block: &Block, known: Known<'_>) -> std::result::Result<(), String> {
    for (field, text) in block.texts() {
        let is_long =
            matches!(block, Block::Text { .. } | Block::Signature { .. } | Block::Columns { .. });
        let most = if is_long { MAX_TEXT } else { MAX_LINE };
        if text.trim().is_empty() && !block.may_lack(field) {
            return Err(format!("{} is missing", name(field)));
        }
        if text.chars().count() > most {
            return Err(format!("{} has more than {most} characters", name(field)));
        }
        if text.chars().any(|c| c.is_control() && (!is_long || !matches!(c, '\n' | '\r' | '\t'))) {
            return Err(format!("{} has characters that cannot be written", name(field)));
        }
        if matches!(field, "url" | "src") && !text.trim().is_empty() && !leads(text, field) {
            return Err(format!("{} begins with https://", name(field)));
        }
        language::parse(text, known).map_err(|problem| match problem {
            language::Problem::UnknownVariable(variable) => format!("unknown variable {variable}"),
            language::Problem::Syntax(message) => message,
        })?;
    }
    match block {
        Block::Spacer { height } if !HEIGHTS.contains(height) => {
            Err(format!("the height is {} to {} pixels", HEIGHTS.start(), HEIGHTS.end()))
        }
        _ => Ok(()),
    }
}

/// What a field is called in messages.
fn name(field: &str) -> &'static str {
    match field {
        "label" => "the label",
        "url" => "the address",
        "src" => "the address of the picture",
        "alt" => "the description of the picture",
        "left" => "the text on the left",
        "right" => "the text on the right",
        _ => "the text",
    }
}

/// Whether an address leads to the web, to a mail or to a telephone, and not into a script.
fn leads(address: &str, field: &str) -> bool {
    let address = address.trim().to_ascii_lowercase();
    let schemes: &[&str] = match field {
        "src" => &["https://", "http://", "{{"],
        _ => &["https://", "http://", "mailto:", "tel:", "{{"],
    };
    schemes.iter().any(|scheme| address.starts_with(scheme))
}

/// The texts of blocks one below the other, as a comparison shows them.
pub(super) fn outline(blocks: &[Block]) -> String {
    let mut lines = Vec::new();
    for block in blocks {
        lines.push(format!("[{}]", block.kind()));
        lines.extend(block.texts().into_iter().map(|(_, text)| text.trim_end().to_owned()));
        if let Block::Spacer { height } = block {
            lines.push(height.to_string());
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests;
