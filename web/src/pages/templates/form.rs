//! The editor's form: read from what was typed, and shown again.

use std::collections::{BTreeMap, HashMap};

use crm_campaigns::templates::{Block, Channel, Format, NewTemplate};
use serde_json::json;

use crate::views::templates::{BlockForm, BlockList, TemplateForm};

/// How a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    /// From blocks.
    Blocks,
    /// In HTML or MJML.
    #[default]
    Source,
    /// As a text message.
    Text,
}

impl Mode {
    /// The word of the field `mode`.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Source => "source",
            Self::Text => "text",
        }
    }

    fn of(content: &NewTemplate) -> Self {
        match (content.channel, &content.blocks) {
            (Channel::Text, _) => Self::Text,
            (Channel::Email, Some(_)) => Self::Blocks,
            (Channel::Email, None) => Self::Source,
        }
    }
}

/// The form as typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed(HashMap<String, String>);

impl Typed {
    pub(super) const fn new(fields: HashMap<String, String>) -> Self {
        Self(fields)
    }

    /// A field; empty where it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The version that was seen; `None` for a new template.
    pub(super) fn version(&self) -> Option<i64> {
        self.get("version").parse().ok().filter(|version| *version > 0)
    }

    fn mode(&self) -> Mode {
        match self.get("mode") {
            "blocks" => Mode::Blocks,
            "text" => Mode::Text,
            _ => Mode::Source,
        }
    }

    pub(super) fn content(&self) -> NewTemplate {
        let field = |name: &str| self.get(name).to_owned();
        let mode = self.mode();
        NewTemplate {
            name: field("name"),
            channel: if mode == Mode::Text { Channel::Text } else { Channel::Email },
            format: if self.get("format") == "mjml" { Format::Mjml } else { Format::Html },
            subject: field("subject"),
            body_html: if mode == Mode::Source { field("body_html") } else { String::new() },
            body_text: field("body_text"),
            preheader: field("preheader"),
            signature: field("signature"),
            blocks: (mode == Mode::Blocks).then(|| self.blocks()),
            drafted_with: Some(field("drafted_with")).filter(|model| !model.is_empty()),
        }
    }

    /// The blocks in the order of their numbers.
    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut rows: BTreeMap<usize, serde_json::Map<String, serde_json::Value>> = BTreeMap::new();
        for (name, value) in &self.0 {
            let Some((number, field)) =
                name.strip_prefix("blocks.").and_then(|rest| rest.split_once('.'))
            else {
                continue;
            };
            let Ok(number) = number.parse() else { continue };
            let value = match field {
                "height" => json!(value.trim().parse::<u16>().unwrap_or_default()),
                _ => json!(value.replace("\r\n", "\n")),
            };
            rows.entry(number).or_default().insert(field.to_owned(), value);
        }
        let blocks = rows.into_values().map(|row| serde_json::from_value(row.into()).ok());
        blocks.flatten().collect()
    }
}

/// Which block is open, which is wrong, and which was just deleted.
#[derive(Debug, Clone, Default)]
pub(super) struct Look {
    /// The block whose form is shown, from 0.
    pub(super) open: Option<usize>,
    /// The block that is wrong, from 0, and why.
    pub(super) wrong: Option<(usize, String)>,
    /// A deleted block with its place.
    pub(super) removed: Option<(usize, Block)>,
    /// Whether this person may change the template.
    pub(super) may_write: bool,
}

/// Content as the form shows it.
pub(super) fn show(content: NewTemplate, look: &Look) -> TemplateForm {
    let mode = Mode::of(&content);
    TemplateForm {
        mode: mode.as_str().to_owned(),
        format: content.format.as_str().to_owned(),
        name: content.name,
        subject: content.subject,
        preheader: content.preheader,
        // The editor turns blocks into source on request; until then there is one truth.
        body_html: if mode == Mode::Source { content.body_html } else { String::new() },
        body_text: content.body_text,
        signature: content.signature,
        drafted_with: content.drafted_with.unwrap_or_default(),
        blocks: list(content.blocks.unwrap_or_default(), look),
    }
}

/// Blocks as a list of small forms.
pub(super) fn list(blocks: Vec<Block>, look: &Look) -> BlockList {
    let is_end = |block: &Block| matches!(block, Block::Unsubscribe { .. });
    let movable = blocks.iter().filter(|block| !is_end(block)).count();
    let removed = look.removed.as_ref();
    BlockList {
        removed: removed
            .map(|(at, block)| json!({"at": at, "block": block}).to_string())
            .unwrap_or_default(),
        removed_title: removed.map(|(_, block)| title(block.kind())).unwrap_or_default().to_owned(),
        may_write: look.may_write,
        blocks: blocks
            .into_iter()
            .enumerate()
            .map(|(number, block)| {
                let mut row = row(block);
                let wrong = look.wrong.as_ref().filter(|(at, _)| *at == number);
                row.error = wrong.map(|(_, why)| why.clone()).unwrap_or_default();
                row.is_open = look.open == Some(number) || wrong.is_some();
                row.is_first = number == 0;
                row.is_last = number + 1 >= movable;
                BlockForm { number, ..row }
            })
            .collect(),
    }
}

fn row(block: Block) -> BlockForm {
    let kind = block.kind().to_owned();
    let mut row = BlockForm { title: title(&kind).to_owned(), kind, ..BlockForm::default() };
    match block {
        Block::Heading { text }
        | Block::Text { text }
        | Block::Signature { text }
        | Block::Unsubscribe { text } => {
            row.gist = gist(&text);
            row.text = text;
        }
        Block::Button { label, url } => {
            row.gist = gist(&label);
            (row.label, row.url) = (label, url);
        }
        Block::Image { src, alt, url } => {
            row.gist = gist(&alt);
            (row.src, row.alt, row.url) = (src, alt, url);
        }
        Block::Columns { left, right } => {
            row.gist = gist(&left);
            (row.left, row.right) = (left, right);
        }
        Block::Divider {} => {}
        Block::Spacer { height } => {
            row.gist = format!("{height} px");
            row.height = height.to_string();
        }
    }
    row
}

/// The first words of a text.
fn gist(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(14).collect();
    words.join(" ").replace(['*', '#'], "")
}

/// What people call a kind of block.
pub(super) fn title(kind: &str) -> &'static str {
    match kind {
        "heading" => "Heading",
        "button" => "Button",
        "image" => "Image",
        "columns" => "Columns",
        "divider" => "Divider",
        "spacer" => "Spacer",
        "signature" => "Signature",
        "unsubscribe" => "Unsubscribe",
        _ => "Text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_form_shows_reads_back_as_what_it_was_made_from() {
        let text = |text: &str| text.to_owned();
        let blocks = vec![
            Block::Heading { text: text("H") },
            Block::Button { label: text("L"), url: text("https://x.example") },
            Block::Image { src: text("https://x.example/p.png"), alt: text("A"), url: text("") },
            Block::Columns { left: text("a\nb"), right: text("r") },
            Block::Divider {},
            Block::Spacer { height: 12 },
            Block::Unsubscribe { text: text("U") },
        ];
        let shown = list(blocks.clone(), &Look::default());
        let mut fields = HashMap::from([("mode".to_owned(), "blocks".to_owned())]);
        for row in shown.blocks {
            // As the page names them: only the fields of the kind.
            let names: &[(&str, &str)] = match row.kind.as_str() {
                "button" => &[("label", &row.label), ("url", &row.url)],
                "image" => &[("src", &row.src), ("alt", &row.alt), ("url", &row.url)],
                "columns" => &[("left", &row.left), ("right", &row.right)],
                "divider" => &[],
                "spacer" => &[("height", &row.height)],
                _ => &[("text", &row.text)],
            };
            for (name, value) in names {
                let key = format!("blocks.{}.{name}", row.number);
                fields.insert(key, value.replace('\n', "\r\n"));
            }
            fields.insert(format!("blocks.{}.kind", row.number), row.kind.clone());
        }
        assert_eq!(Typed::new(fields).content().blocks, Some(blocks));
    }
}
