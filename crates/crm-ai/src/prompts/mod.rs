//! What models are told. A snapshot holds every word of it.

use serde_json::json;

use crate::drafts::{Brief, Channel, Length};
use crate::language_model::Question;
use crate::redact::Fact;

/// What the writer of an e-mail must keep to.
const EMAIL: &str = "You write the text of an e-mail that a business sends to people it knows. \
Answer with one JSON object and nothing else: \
\"subject\" is one line of up to 80 characters, \
\"preheader\" is one line of up to 100 characters that goes on where the subject ends, \
\"body\" is the text, its paragraphs separated by an empty line. ";

/// What the writer of a text message must keep to.
const TEXT: &str = "You write a text message (SMS) that a business sends to people it knows. \
Answer with one JSON object and nothing else: \
\"body\" is the whole message: no subject, no greeting line of its own, no empty lines. \
Use the letters of the language and plain punctuation, no typographic quotes or dashes. \
Say in it who writes, by the placeholder of the sender where that is listed. ";

/// What every writer must keep to.
const RULES: &str = "Write plain text: no HTML, no Markdown, no emoji. \
Words in square brackets are placeholders that are filled in for each reader: copy them letter by letter, \
and use none but those that are listed or stand in the request. \
Do not make up names, numbers, prices, dates, links or promises.";

/// Text messages have no signature.
const UNSIGNED: &str = " Do not sign: a signature is added below the text.";

impl Length {
    /// How long, for the model.
    const fn words(self, channel: Channel) -> &'static str {
        match (channel, self) {
            (Channel::Email, Self::Short) => "about 50 words",
            (Channel::Email, Self::Medium) => "about 120 words",
            (Channel::Email, Self::Long) => "about 250 words",
            // What fits into one, two and three parts, with room for the link to unsubscribe and for names.
            (Channel::Text, Self::Short) => "at most 100 characters",
            (Channel::Text, Self::Medium) => "at most 240 characters",
            (Channel::Text, Self::Long) => "at most 390 characters",
        }
    }

    /// Most tokens of an answer: there is room for languages that need more of them.
    const fn tokens(self, channel: Channel) -> u32 {
        match (channel, self) {
            (Channel::Text, _) => 300,
            (Channel::Email, Self::Short) => 500,
            (Channel::Email, Self::Medium) => 1_000,
            (Channel::Email, Self::Long) => 2_000,
        }
    }
}

impl Channel {
    fn rules(self) -> String {
        match self {
            Self::Email => format!("{EMAIL}{RULES}{UNSIGNED}"),
            Self::Text => format!("{TEXT}{RULES}"),
        }
    }

    const fn noun(self) -> &'static str {
        match self {
            Self::Email => "e-mail",
            Self::Text => "text message",
        }
    }

    /// The fields of an answer.
    const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Email => &["subject", "preheader", "body"],
            Self::Text => &["body"],
        }
    }
}

/// The question for a draft. `goal` and the texts of `brief` hold no personal data any more.
pub fn template_draft(brief: &Brief, facts: &[&Fact]) -> Question {
    let (channel, noun) = (brief.channel, brief.channel.noun());
    let mut lines = vec![format!("What the {noun} is for: {}", brief.goal)];
    if !brief.tone.is_empty() {
        lines.push(format!("Tone: {}", brief.tone));
    }
    lines.push(format!("Length: {}", brief.length.words(channel)));
    lines.push(match brief.language.as_str() {
        "" => format!("Language: that of the line above that says what the {noun} is for"),
        language => format!("Language: {language}"),
    });
    if facts.is_empty() {
        lines.push("There are no placeholders.".to_owned());
    } else {
        lines.push("Placeholders you may use:".to_owned());
        lines.extend(facts.iter().map(|fact| format!("{} = {}", fact.placeholder, fact.meaning)));
    }
    let fields = channel.fields();
    let texts = fields.iter().map(|field| ((*field).to_owned(), json!({"type": "string"})));
    Question {
        rules: channel.rules(),
        wish: lines.join("\n"),
        name: "message_draft",
        schema: json!({
            "type": "object",
            "properties": texts.collect::<serde_json::Map<_, _>>(),
            "required": fields,
            "additionalProperties": false,
        }),
        max_tokens: brief.length.tokens(channel),
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
        let model = OpenAi::new(endpoint, Limits::default());
        let body = model.body(&question);
        assert!(!body.to_string().contains("sk-secret"));
        insta::assert_json_snapshot!("template_draft", body);
        let brief = Brief { channel: Channel::Text, length: Length::Short, ..brief };
        let question = template_draft(&brief, &facts.iter().collect::<Vec<_>>());
        insta::assert_json_snapshot!("text_template_draft", model.body(&question));
    }
}
