//! Reading an answer before it is whole: a JSON object of texts that may end anywhere.

use serde::Deserialize;

use super::Channel;

/// The answer of a model.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub(super) struct Written {
    /// A text message has none.
    #[serde(default)]
    pub(super) subject: String,
    #[serde(default)]
    pub(super) preheader: String,
    pub(super) body: String,
}

/// Most characters of a subject that is one.
const LONGEST_SUBJECT: usize = 300;

/// The whole answer; `None` where it is none.
pub(super) fn whole(text: &str, channel: Channel) -> Option<Written> {
    // Some models put their answer into a block of code, or say something before it.
    let (_, rest) = text.split_once('{')?;
    let (inside, _) = rest.rsplit_once('}')?;
    let mut written: Written = serde_json::from_str(&format!("{{{inside}}}")).ok()?;
    written.subject = one_line(&written.subject);
    written.preheader = one_line(&written.preheader);
    let body = written.body.trim().to_owned();
    written.body = body;
    let has_subject = match channel {
        Channel::Email => (1..=LONGEST_SUBJECT).contains(&written.subject.chars().count()),
        // Some models write one all the same.
        Channel::Text => true,
    };
    let is_draft = has_subject && !written.body.is_empty();
    is_draft.then_some(written)
}

/// A text in one line.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// As much of an answer as there is.
pub(super) fn so_far(text: &str) -> Written {
    let mut written = Written::default();
    let mut chars = text.chars().skip_while(|c| *c != '{').skip(1).peekable();
    let mut name: Option<String> = None;
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                let (text, _) = string(&mut chars);
                match name.take() {
                    None => name = Some(text),
                    Some(field) => match field.as_str() {
                        "subject" => written.subject = text,
                        "preheader" => written.preheader = text,
                        "body" => written.body = text,
                        _ => {}
                    },
                }
            }
            // What is no text belongs to a field that is none of ours.
            ',' => name = None,
            '}' => break,
            _ => {}
        }
    }
    written
}

/// The rest of a JSON string and whether it ended; an escape that is cut in two is left out.
fn string(chars: &mut impl Iterator<Item = char>) -> (String, bool) {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => return (text, true),
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r' | 'b' | 'f') => {}
                Some('u') => {
                    let code: String = chars.take(4).collect();
                    // Half of a pair is no character: the whole answer has it right.
                    text.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                }
                Some(other) => text.push(other),
                None => break,
            },
            other => text.push(other),
        }
    }
    (text, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{"subject": "Rye \"is\" in", "preheader": "Gr\u00fc\u00dfe", "body": "One.\n\nTwo, with a \\ and {braces}."}"#;

    #[test]
    fn an_answer_can_be_read_wherever_it_ends() {
        let all = whole(WHOLE, Channel::Email).unwrap();
        assert_eq!(so_far(WHOLE), all);
        let ends: Vec<usize> = WHOLE.char_indices().map(|(at, _)| at).collect();
        let mut last = 0;
        for end in ends {
            let part = so_far(WHOLE.get(..end).unwrap());
            assert!(all.subject.starts_with(&part.subject) || part.subject.is_empty(), "{part:?}");
            assert!(all.body.starts_with(&part.body), "{part:?}");
            let length = part.subject.len() + part.preheader.len() + part.body.len();
            assert!(length >= last || length + 6 >= last, "{part:?}");
            last = length;
        }
    }

    #[test]
    fn what_is_no_draft_is_none() {
        let whole = |text: &str| whole(text, Channel::Email);
        assert!(whole(&format!("Sure! Here you are:\n```json\n{WHOLE}\n```")).is_some());
        for bad in [
            "",
            "I cannot do that.",
            "{}",
            r#"{"subject": "", "body": "x"}"#,
            r#"{"subject": "x", "body": " "}"#,
            r#"{"subject": "x"}"#,
            r#"{"subject": 1, "body": "x"}"#,
            r#"{"subject": "x", "body": "x""#,
            "[[[[",
        ] {
            assert_eq!(whole(bad), None, "{bad}");
            so_far(bad);
        }
    }

    #[test]
    fn a_text_message_needs_no_subject() {
        let written = whole(r#"{"body": "The rye is in."}"#, Channel::Text).unwrap();
        assert_eq!((written.subject.as_str(), written.body.as_str()), ("", "The rye is in."));
        assert!(whole(WHOLE, Channel::Text).is_some());
        assert_eq!(whole(r#"{"body": " "}"#, Channel::Text), None);
    }

    #[test]
    fn a_subject_is_one_line() {
        let text = "{\"subject\": \"a\\r\\n Bcc: x\", \"body\": \"b\"}";
        let written = whole(text, Channel::Email).unwrap();
        assert_eq!(written.subject, "a Bcc: x");
    }
}
