//! What differs between two contents, line by line.

use std::time::Duration;

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use super::NewTemplate;

/// Beyond this the comparison of two texts stops looking for the shortest difference.
const PATIENCE: Duration = Duration::from_millis(200);

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is in both.
    Same,
    /// It is in the older one only.
    Removed,
    /// It is in the newer one only.
    Added,
}

/// One line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateChangedLine)]
pub struct ChangedLine {
    /// What became of it.
    pub change: Change,
    /// The line, without its end.
    pub text: String,
}

/// One field two contents differ in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateChangedField)]
pub struct ChangedField {
    /// Its name, such as `subject`.
    pub field: String,
    /// Its lines in the older and the newer content.
    pub lines: Vec<ChangedLine>,
}

/// The fields in which `newer` differs from `older`. What is made of blocks is compared by their texts.
pub fn changes(older: &NewTemplate, newer: &NewTemplate) -> Vec<ChangedField> {
    let body = |content: &NewTemplate| match &content.blocks {
        Some(blocks) => super::blocks::outline(blocks),
        None => content.body_html.clone(),
    };
    let fields = [
        ("name", older.name.clone(), newer.name.clone()),
        ("channel", older.channel.as_str().to_owned(), newer.channel.as_str().to_owned()),
        ("format", older.format.as_str().to_owned(), newer.format.as_str().to_owned()),
        ("subject", older.subject.clone(), newer.subject.clone()),
        ("preheader", older.preheader.clone(), newer.preheader.clone()),
        ("body_html", body(older), body(newer)),
        ("body_text", older.body_text.clone(), newer.body_text.clone()),
        ("signature", older.signature.clone(), newer.signature.clone()),
    ];
    let differ = fields.into_iter().filter(|(_, before, after)| before != after);
    differ
        .map(|(field, before, after)| ChangedField {
            field: field.to_owned(),
            lines: lines(&before, &after),
        })
        .collect()
}

fn lines(before: &str, after: &str) -> Vec<ChangedLine> {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(before, after);
    diff.iter_all_changes()
        .map(|change| ChangedLine {
            change: match change.tag() {
                ChangeTag::Equal => Change::Same,
                ChangeTag::Delete => Change::Removed,
                ChangeTag::Insert => Change::Added,
            },
            text: change.value().trim_end_matches(['\r', '\n']).to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told_line_by_line() {
        let older = NewTemplate {
            subject: "One".to_owned(),
            body_html: "<p>a</p>\n<p>b</p>\n".to_owned(),
            ..NewTemplate::default()
        };
        let newer = NewTemplate { body_html: "<p>a</p>\n<p>c</p>\n".to_owned(), ..older.clone() };
        assert!(changes(&older, &older).is_empty());
        let found = changes(&older, &newer);
        let [field] = &found[..] else { panic!("{found:?}") };
        assert_eq!(field.field, "body_html");
        let lines: Vec<_> = field.lines.iter().map(|l| (l.change, l.text.as_str())).collect();
        let expected = [
            (Change::Same, "<p>a</p>"),
            (Change::Removed, "<p>b</p>"),
            (Change::Added, "<p>c</p>"),
        ];
        assert_eq!(lines, expected);
    }
}
