//! What models are told. A snapshot holds every word of it.

use serde_json::json;

use crate::drafts::{Brief, Length};
use crate::language_model::Question;
use crate::redact::Fact;

/// What the writer of a message must keep to.
const RULES: &str = "You write the text of an e-mail that a business sends to people it knows. \
Answer with one JSON object and nothing else: \
\"subject\" is one line of up to 80 characters, \
\"preheader\" is one line of up to 100 characters that goes on where the subject ends, \
\"body\" is the text, its paragraphs separated by an empty line. \
Write plain text: no HTML, no Markdown, no emoji. \
Words in square brackets are placeholders that are filled in for each reader: copy them letter by letter, \
and use none but those that are listed or stand in the request. \
Do not make up names, numbers, prices, dates, links or promises. \
Do not sign: a signature is added below the text.";

impl Length {
    /// How long, for the model.
    const fn words(self) -> &'static str {
        match self {
            Self::Short => "about 50 words",
            Self::Medium => "about 120 words",
            Self::Long => "about 250 words",
        }
    }

    /// Most tokens of an answer: there is room for languages that need more of them.
    const fn tokens(self) -> u32 {
        match self {
            Self::Short => 500,
            Self::Medium => 1_000,
            Self::Long => 2_000,
        }
    }
}

/// The question for a draft. `goal` and the texts of `brief` hold no personal data any more.
pub fn template_draft(brief: &Brief, facts: &[&Fact]) -> Question {
    let mut lines = vec![format!("What the e-mail is for: {}", brief.goal)];
    if !brief.tone.is_empty() {
        lines.push(format!("Tone: {}", brief.tone));
    }
    lines.push(format!("Length: {}", brief.length.words()));
    lines.push(match brief.language.as_str() {
        "" => "Language: that of the line above that says what the e-mail is for".to_owned(),
        language => format!("Language: {language}"),
    });
    if facts.is_empty() {
        lines.push("There are no placeholders.".to_owned());
    } else {
        lines.push("Placeholders you may use:".to_owned());
        lines.extend(facts.iter().map(|fact| format!("{} = {}", fact.placeholder, fact.meaning)));
    }
    let text = json!({"type": "string"});
    Question {
        rules: RULES.to_owned(),
        wish: lines.join("\n"),
        name: "message_draft",
        schema: json!({
            "type": "object",
            "properties": {"subject": text, "preheader": text, "body": text},
            "required": ["subject", "preheader", "body"],
            "additionalProperties": false,
        }),
        max_tokens: brief.length.tokens(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language_model::LanguageModel as _;
    use crate::openai::{Endpoint, Limits, OpenAi, Reach, openai};

    #[test]
    fn what_is_sent_is_held_word_by_word() {
        let facts = Fact::all(&["plan".to_owned()]);
        let brief = Brief {
            goal: "Tell [COMPANY] that the winter rye is in the silo.".to_owned(),
            tone: "friendly".to_owned(),
            length: Length::Medium,
            language: "English".to_owned(),
            ..Brief::default()
        };
        let question = template_draft(&brief, &facts.iter().collect::<Vec<_>>());
        let endpoint = Endpoint {
            address: openai(),
            key: Some("sk-secret".to_owned().into()),
            model: "gpt-4o-mini".to_owned(),
            reach: Reach::Trusted,
        };
        let body = OpenAi::new(endpoint, Limits::default()).body(&question);
        assert!(!body.to_string().contains("sk-secret"));
        insta::assert_json_snapshot!("template_draft", body);
    }
}
