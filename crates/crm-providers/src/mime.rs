//! The message itself, built once and sent alike by every provider: text beside HTML, our own Message-ID, and the
//! headers that let a recipient stop further messages (RFC 2369, RFC 8058).

use std::borrow::Cow;

use crm_core::Timestamp;
use mail_send::mail_builder::MessageBuilder;
use mail_send::mail_builder::headers::HeaderType;
use mail_send::mail_builder::headers::address::Address;
use mail_send::mail_builder::headers::date::Date;
use mail_send::mail_builder::headers::message_id::MessageId;
use mail_send::mail_builder::headers::raw::Raw;
use mail_send::mail_builder::headers::text::Text;
use mail_send::mail_builder::headers::url::URL;

use crate::email::{OutgoingEmail, Sender};

/// Columns of a text part made from HTML.
const TEXT_WIDTH: usize = 78;

/// One header: its name and its value before encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Mailbox { name: Option<String>, email: String },
    Text(String),
    Date(i64),
    Id(String),
    Urls(Vec<String>),
    Plain(&'static str),
}

/// The headers of a message, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Headers(Vec<(&'static str, Value)>);

impl Headers {
    /// The headers `message` leaves with.
    pub(crate) fn of(message: &OutgoingEmail, sender: &Sender, now: Timestamp) -> Self {
        let mailbox = |name: Option<&str>, email: &str| Value::Mailbox {
            name: name.map(one_line).filter(|name| !name.is_empty()),
            email: email.to_owned(),
        };
        let mut all = vec![
            ("From", mailbox(Some(&sender.name), sender.email.as_str())),
            ("To", mailbox(message.to_name.as_deref(), message.to.as_str())),
        ];
        if let Some(reply_to) = &sender.reply_to {
            all.push(("Reply-To", mailbox(None, reply_to.as_str())));
        }
        all.push(("Subject", Value::Text(one_line(&message.subject))));
        all.push(("Message-ID", Value::Id(token(&message.message_id))));
        all.push(("Date", Value::Date(now.as_datetime().unix_timestamp())));
        all.push(("MIME-Version", Value::Plain("1.0")));
        if let Some(unsubscribe) = &message.unsubscribe {
            let link = unsubscribe.url.as_deref().map(token).filter(|link| !link.is_empty());
            let one_click = link.as_deref().is_some_and(|link| link.starts_with("https://"));
            let mail = unsubscribe.mailto.as_deref().map(token).filter(|mail| !mail.is_empty());
            let mail = mail.map(|mail| match mail.strip_prefix("mailto:") {
                Some(_) => mail,
                None => format!("mailto:{mail}"),
            });
            let ways: Vec<String> = link.into_iter().chain(mail).collect();
            if !ways.is_empty() {
                all.push(("List-Unsubscribe", Value::Urls(ways)));
            }
            if one_click {
                all.push(("List-Unsubscribe-Post", Value::Plain("List-Unsubscribe=One-Click")));
            }
        }
        Self(all)
    }

    /// The headers as people read them.
    pub(crate) fn lines(&self) -> Vec<(String, String)> {
        let line = |value: &Value| match value {
            Value::Mailbox { name: Some(name), email } => format!("{name} <{email}>"),
            Value::Mailbox { name: None, email } => email.clone(),
            Value::Text(text) => text.clone(),
            Value::Date(seconds) => Date::new(*seconds).to_rfc822(),
            Value::Id(id) => format!("<{id}>"),
            Value::Urls(urls) => {
                urls.iter().map(|url| format!("<{url}>")).collect::<Vec<_>>().join(", ")
            }
            Value::Plain(text) => (*text).to_owned(),
        };
        self.0.iter().map(|(name, value)| ((*name).to_owned(), line(value))).collect()
    }

    fn into_builder(self) -> MessageBuilder<'static> {
        self.0.into_iter().fold(MessageBuilder::new(), |builder, (name, value)| {
            let value: HeaderType<'static> = match value {
                Value::Mailbox { name, email } => Address::new_address(name, email).into(),
                Value::Text(text) => Text::new(text).into(),
                Value::Date(seconds) => Date::new(seconds).into(),
                Value::Id(id) => MessageId::new(id).into(),
                Value::Urls(urls) => URL::new_list(urls.into_iter()).into(),
                Value::Plain(text) => Raw::new(text).into(),
            };
            builder.header(name, value)
        })
    }
}

/// The message as bytes, lines ended by CR LF, seven bits.
pub(crate) fn build(message: &OutgoingEmail, sender: &Sender, now: Timestamp) -> Vec<u8> {
    let builder = Headers::of(message, sender, now).into_builder();
    let builder = builder.text_body(text_part(message).into_owned());
    let builder = if message.html.trim().is_empty() {
        builder
    } else {
        builder.html_body(message.html.as_str())
    };
    let mut bytes = Vec::new();
    builder.serialize(&mut bytes);
    bytes
}

/// The text part: as written, else made from the HTML, else the subject. A message without one is taken for spam.
pub(crate) fn text_part(message: &OutgoingEmail) -> Cow<'_, str> {
    if !message.text.trim().is_empty() {
        return Cow::Borrowed(&message.text);
    }
    let made = html2text::from_read(message.html.as_bytes(), TEXT_WIDTH).unwrap_or_default();
    if made.trim().is_empty() { Cow::Owned(one_line(&message.subject)) } else { Cow::Owned(made) }
}

/// A text that cannot begin a new header: control characters become spaces, and what turns the direction of a line, so
/// that an address could be read backwards, is left out.
fn one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept = text.chars().filter(|c| !turns(*c));
    let text: String = kept.map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim().to_owned()
}

/// A text that stays between its angle brackets: without white space, control characters and brackets.
fn token(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !c.is_whitespace() && !"<>".contains(*c)).collect()
}

#[cfg(test)]
mod tests {
    use crm_core::{EmailAddress, WorkspaceId};
    use mail_parser::{Message, MessageParser};

    use super::*;
    use crate::email::Unsubscribe;

    fn email(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn sender() -> Sender {
        Sender {
            email: email("hello@kornfeld.example"),
            name: "Kornfeld Müller, Mühle".to_owned(),
            reply_to: Some(email("office@kornfeld.example")),
        }
    }

    fn outgoing() -> OutgoingEmail {
        OutgoingEmail {
            recipient_id: None,
            workspace_id: "0193563d-8a00-7000-8000-000000000001".parse::<WorkspaceId>().unwrap(),
            campaign_id: None,
            contact_id: None,
            message_id: "0193563d@kornfeld.example".to_owned(),
            to: email("ada@example.org"),
            to_name: Some("Ada \"Countess\" Lovelace".to_owned()),
            subject: "Grüße, 田中 美咲".to_owned(),
            html: "<p>Dear Ada, <a href=\"https://kornfeld.example/rye\">rye</a> is in.</p>"
                .to_owned(),
            text: "Dear Ada,\n\nrye is in.\n.\nA dot above.\n".to_owned(),
            unsubscribe: Some(Unsubscribe {
                url: Some("https://crm.kornfeld.example/u/abc".to_owned()),
                mailto: Some("hello@kornfeld.example?subject=unsubscribe%20abc".to_owned()),
            }),
            return_path: None,
        }
    }

    fn now() -> Timestamp {
        "2026-11-22T23:30:00.123Z".parse().unwrap()
    }

    fn parse(bytes: &[u8]) -> Message<'_> {
        MessageParser::default().parse(bytes).unwrap()
    }

    fn header(message: &Message<'_>, name: &str) -> String {
        let raw = message.header_raw(name).unwrap_or_default();
        raw.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_independent_reader_finds_both_parts_and_every_header() {
        let bytes = build(&outgoing(), &sender(), now());
        assert!(bytes.is_ascii(), "seven bits go through any server");
        let message = parse(&bytes);
        let from = message.from().unwrap().first().unwrap();
        assert_eq!(from.name(), Some("Kornfeld Müller, Mühle"));
        assert_eq!(from.address(), Some("hello@kornfeld.example"));
        let to = message.to().unwrap().first().unwrap();
        assert_eq!(to.name(), Some("Ada \"Countess\" Lovelace"));
        assert_eq!(to.address(), Some("ada@example.org"));
        assert_eq!(message.subject(), Some("Grüße, 田中 美咲"));
        assert_eq!(message.message_id(), Some("0193563d@kornfeld.example"));
        assert_eq!(message.date().unwrap().to_rfc3339(), "2026-11-22T23:30:00Z");
        assert_eq!(header(&message, "Reply-To"), "<office@kornfeld.example>");
        assert_eq!(header(&message, "MIME-Version"), "1.0");
        assert_eq!(
            header(&message, "List-Unsubscribe"),
            "<https://crm.kornfeld.example/u/abc>, <mailto:hello@kornfeld.example?subject=unsubscribe%20abc>"
        );
        assert_eq!(header(&message, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        assert!(header(&message, "Content-Type").starts_with("multipart/alternative"));
        let [_, first, second] = &message.parts[..] else { panic!("{:?}", message.parts) };
        assert!(header_of(first, "text/plain") && header_of(second, "text/html"));
        assert_eq!(
            message.body_text(0).unwrap().replace("\r\n", "\n").trim_end(),
            outgoing().text.trim_end()
        );
        assert_eq!(message.body_html(0).unwrap().trim_end(), outgoing().html);
    }

    fn header_of(part: &mail_parser::MessagePart<'_>, expected: &str) -> bool {
        use mail_parser::MimeHeaders as _;
        let found = part.content_type().unwrap();
        format!("{}/{}", found.ctype(), found.subtype().unwrap()) == expected
    }

    #[test]
    fn without_a_public_address_there_is_no_one_click() {
        let mut message = outgoing();
        message.unsubscribe.as_mut().unwrap().url = None;
        let bytes = build(&message, &sender(), now());
        let parsed = parse(&bytes);
        assert_eq!(
            header(&parsed, "List-Unsubscribe"),
            "<mailto:hello@kornfeld.example?subject=unsubscribe%20abc>"
        );
        assert_eq!(header(&parsed, "List-Unsubscribe-Post"), "");
        message.unsubscribe =
            Some(Unsubscribe { url: Some("http://10.0.0.2/u/abc".to_owned()), mailto: None });
        let bytes = build(&message, &sender(), now());
        assert_eq!(header(&parse(&bytes), "List-Unsubscribe"), "<http://10.0.0.2/u/abc>");
        assert_eq!(header(&parse(&bytes), "List-Unsubscribe-Post"), "");
        message.unsubscribe = None;
        assert_eq!(header(&parse(&build(&message, &sender(), now())), "List-Unsubscribe"), "");
    }

    #[test]
    fn no_value_can_begin_a_header() {
        let evil = "x\r\nBcc: victim@example.com\r\n\r\n<script>";
        let mut message = outgoing();
        message.subject = evil.to_owned();
        message.to_name = Some(evil.to_owned());
        message.message_id = evil.to_owned();
        message.unsubscribe = Some(Unsubscribe {
            url: Some(format!("https://{evil}")),
            mailto: Some(evil.to_owned()),
        });
        let sender = Sender { name: evil.to_owned(), ..sender() };
        let bytes = build(&message, &sender, now());
        let parsed = parse(&bytes);
        assert!(parsed.bcc().is_none());
        let names: Vec<&str> = parsed.headers().iter().map(mail_parser::Header::name).collect();
        assert_eq!(
            names,
            [
                "From",
                "To",
                "Reply-To",
                "Subject",
                "Message-ID",
                "Date",
                "MIME-Version",
                "List-Unsubscribe",
                "List-Unsubscribe-Post",
                "Content-Type"
            ]
        );
        let lines = Headers::of(&message, &sender, now()).lines();
        assert!(lines.iter().all(|(_, value)| !value.contains(['\r', '\n'])), "{lines:?}");
    }

    #[test]
    fn the_text_part_is_never_empty() {
        let mut message = outgoing();
        message.text = "  \n".to_owned();
        let text = text_part(&message).into_owned();
        assert!(
            text.contains("Dear Ada") && text.contains("https://kornfeld.example/rye"),
            "{text}"
        );
        message.html = "<img src=\"https://kornfeld.example/x.png\">".to_owned();
        assert!(!text_part(&message).trim().is_empty());
        message.html = String::new();
        assert_eq!(text_part(&message), message.subject);
        let bytes = build(&message, &sender(), now());
        assert!(header(&parse(&bytes), "Content-Type").starts_with("text/plain"));
    }
}
