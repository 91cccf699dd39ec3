//! A template somebody else saved since the editor was opened. What the editor was filled with need not be sent along:
//! every version of a template is kept.

use crm_campaigns::Template;
use crm_campaigns::templates::{Block, Channel, Format, NewTemplate};
use crm_core::{Scope, TemplateId};
use serde::{Deserialize, Serialize};

use super::form::Typed;
use crate::error::AppError;
use crate::pages::meanwhile::{self, Memory, Named, Sides, Texts};
use crate::state::App;
use crate::views::conflict::Conflict;

/// Characters of a long text that are shown of each version.
const SHOWN: usize = 200;
/// Characters before the first difference.
const BEFORE: usize = 40;

const FIELDS: [Named<'static>; 6] = [
    Named { name: "name", label: "Name" },
    Named { name: "subject", label: "Subject" },
    Named { name: "preheader", label: "Preview line" },
    Named { name: "body", label: "Message" },
    Named { name: "body_text", label: "Plain text" },
    Named { name: "signature", label: "Signature" },
];

/// How the message itself is written: one or the other way, and never half of each.
#[derive(Default, Serialize, Deserialize)]
struct Body {
    format: Option<Format>,
    source: String,
    blocks: Option<Vec<Block>>,
}

impl Body {
    fn of(content: &NewTemplate) -> Self {
        let source = content.blocks.is_none() && content.channel == Channel::Email;
        Self {
            format: source.then_some(content.format),
            source: if source { lines(&content.body_html) } else { String::new() },
            blocks: content.blocks.clone(),
        }
    }

    /// As people read it.
    fn said(&self) -> String {
        let Some(blocks) = &self.blocks else { return self.source.clone() };
        let block = |block: &Block| match block {
            Block::Heading { text }
            | Block::Text { text }
            | Block::Signature { text }
            | Block::Unsubscribe { text } => text.clone(),
            Block::Button { label, url } => format!("{label} ({url})"),
            Block::Image { src, alt, .. } => format!("{alt} ({src})"),
            Block::Columns { left, right } => format!("{left} | {right}"),
            Block::Divider {} => "———".to_owned(),
            Block::Spacer { height } => format!("{height} px"),
        };
        blocks.iter().map(block).collect::<Vec<String>>().join("\n")
    }
}

fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn texts(content: &NewTemplate) -> Result<Texts, AppError> {
    let body = serde_json::to_string(&Body::of(content)).map_err(AppError::internal)?;
    let fields = [
        ("name", content.name.clone()),
        ("subject", content.subject.clone()),
        ("preheader", content.preheader.clone()),
        ("body", body),
        ("body_text", content.body_text.clone()),
        ("signature", content.signature.clone()),
    ];
    Ok(fields.into_iter().map(|(name, text)| (name.to_owned(), text)).collect())
}

/// `content` with these texts in place of its own.
fn put(content: &mut NewTemplate, texts: &Texts) -> Result<(), AppError> {
    for (name, text) in texts {
        let field = match name.as_str() {
            "name" => &mut content.name,
            "subject" => &mut content.subject,
            "preheader" => &mut content.preheader,
            "body_text" => &mut content.body_text,
            "signature" => &mut content.signature,
            _ => {
                let body: Body = serde_json::from_str(text).map_err(AppError::internal)?;
                content.format = body.format.unwrap_or(content.format);
                content.body_html = body.source;
                content.blocks = body.blocks;
                continue;
            }
        };
        field.clone_from(text);
    }
    Ok(())
}

/// What the editor was filled with, and what the person said about the other version.
async fn memory(
    app: &App,
    scope: &Scope,
    id: TemplateId,
    typed: &Typed,
) -> Result<Memory, AppError> {
    let seen = match typed.version() {
        Some(version) => app.services.templates.version(scope, id, version).await?,
        None => None,
    };
    let seen = seen.map(|(_, content)| texts(&content)).transpose()?;
    let mut memory = Memory::of(|name| typed.get(name).to_owned());
    memory.seen = seen.as_ref().map(meanwhile::written).unwrap_or_default();
    Ok(memory)
}

/// Takes the other version of what both changed, where the person says so.
pub(super) async fn take(
    app: &App,
    scope: &Scope,
    id: TemplateId,
    typed: &Typed,
    content: &mut NewTemplate,
) -> Result<(), AppError> {
    put(content, &memory(app, scope, id, typed).await?.taken())
}

/// Sets two versions side by side. What the person left alone is in `content` as it is stored now.
pub(super) async fn find(
    app: &App,
    scope: &Scope,
    stored: &Template,
    typed: &Typed,
    content: &mut NewTemplate,
) -> Result<Conflict, AppError> {
    let (mut mine, theirs) = (texts(content)?, texts(&stored.content)?);
    let (before, memory) = (mine.clone(), memory(app, scope, stored.id, typed).await?);
    let say = |name: &str, text: &str| {
        let read = |text: &str| match name {
            "body" => serde_json::from_str(text)
                .map_or_else(|_| text.to_owned(), |body: Body| body.said()),
            _ => lines(text),
        };
        let of = |texts: &Texts| texts.get(name).map(|text| read(text)).unwrap_or_default();
        excerpt(&read(text), common(&of(&before), &of(&theirs)))
    };
    let sides = Sides {
        of: ("template", stored.id.to_string()),
        fields: &FIELDS,
        theirs: &theirs,
        memory: &memory,
        say: &say,
    };
    let conflict = meanwhile::conflict(app, scope, sides, &mut mine).await?;
    put(content, &mine)?;
    Ok(conflict)
}

/// How many characters two texts begin with alike.
fn common(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count()
}

/// The part of a text where it begins to differ.
fn excerpt(text: &str, differs_at: usize) -> String {
    let from = differs_at.saturating_sub(BEFORE);
    let mut rest = text.chars().skip(from);
    let mut said: String = rest.by_ref().take(SHOWN).collect();
    if from > 0 {
        said.insert(0, '…');
    }
    if rest.next().is_some() {
        said.push('…');
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_texts_the_part_that_differs_is_shown() {
        assert_eq!(excerpt("short", 3), "short");
        let (one, other) = (format!("{}1{}", "ä".repeat(500), "x".repeat(500)), "ä".repeat(500));
        let shown = excerpt(&one, common(&one, &other));
        assert!(
            shown.starts_with("…ä") && shown.contains("ä1x") && shown.ends_with("x…"),
            "{shown}"
        );
        assert_eq!(shown.chars().count(), SHOWN + 2);
    }

    #[test]
    fn what_is_put_reads_back() {
        let source = NewTemplate {
            format: Format::Mjml,
            body_html: "<mjml>".to_owned(),
            ..NewTemplate::default()
        };
        let blocks = NewTemplate {
            blocks: Some(vec![Block::Divider {}]),
            subject: "S".to_owned(),
            ..NewTemplate::default()
        };
        for (from, to) in [(&source, &blocks), (&blocks, &source), (&source, &source)] {
            let mut content = from.clone();
            put(&mut content, &texts(to).unwrap()).unwrap();
            assert_eq!(texts(&content).unwrap(), texts(to).unwrap());
        }
    }
}
