//! Templates to begin from. They are written to be sent after one look: every variable has a default.

use serde::Serialize;

use super::{Block, Channel, NewTemplate};

/// A template to begin from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateStarter)]
pub struct Starter {
    /// What it is called in addresses: `first-contact`.
    pub key: String,
    /// What it is for, in a sentence.
    pub about: String,
    /// What a template made from it begins as.
    pub content: NewTemplate,
}

const SIGNATURE: &str = "Kind regards\n**{{ workspace.name }}**";
const HELLO: &str = "Hello {{ contact.first_name | default(\"there\") }},";

/// All of them, e-mails first.
pub fn all() -> Vec<Starter> {
    let mut all = vec![first_contact(), follow_up(), quote(), thanks(), newsletter()];
    all.extend(texts());
    all
}

/// The one of this key.
pub fn find(key: &str) -> Option<Starter> {
    all().into_iter().find(|starter| starter.key == key)
}

fn text(text: &str) -> Block {
    Block::Text { text: text.to_owned() }
}

fn heading(text: &str) -> Block {
    Block::Heading { text: text.to_owned() }
}

fn button(label: &str) -> Block {
    Block::Button { label: label.to_owned(), url: "https://example.com".to_owned() }
}

fn signature() -> Block {
    Block::Signature { text: SIGNATURE.to_owned() }
}

fn hello(rest: &str) -> Block {
    text(&format!("{HELLO}\n\n{rest}"))
}

fn email(
    key: &str,
    (name, about): (&str, &str),
    (subject, preheader): (&str, &str),
    mut blocks: Vec<Block>,
) -> Starter {
    blocks.extend(Block::empty("unsubscribe"));
    Starter {
        key: key.to_owned(),
        about: about.to_owned(),
        content: NewTemplate {
            name: name.to_owned(),
            channel: Channel::Email,
            subject: subject.to_owned(),
            preheader: preheader.to_owned(),
            blocks: Some(blocks),
            ..NewTemplate::default()
        },
    }
}

fn first_contact() -> Starter {
    email(
        "first-contact",
        ("First contact", "Says who you are and asks one question."),
        ("A question for {{ contact.company | default(\"you\") }}", "Who we are, and one question"),
        vec![
            hello(
                "we have not met yet. {{ workspace.name }} helps businesses like \
                 {{ contact.company | default(\"yours\") }} with what we are good at, and I think it could be of use to you.\n\n\
                 **May I ask:** who looks after this at your place?",
            ),
            text(
                "A short answer is enough. If it is of no interest, tell me and I will not write again.",
            ),
            signature(),
        ],
    )
}

fn follow_up() -> Starter {
    email(
        "follow-up",
        ("Follow-up", "Picks up where the last talk ended."),
        ("Where we left off", "A short summary and the next step"),
        vec![
            hello(
                "thank you for the talk the other day. What I took with me:\n\n\
                 - what matters to you\n- what we can do about it\n- what is still open",
            ),
            text(
                "The next step would be a call of a quarter of an hour. Does one of these times suit you?",
            ),
            button("Choose a time"),
            signature(),
        ],
    )
}

fn quote() -> Starter {
    email(
        "quote",
        ("Quote", "Sends an offer with its price and how long it holds."),
        (
            "Your quote, {{ contact.first_name | default(\"as promised\") }}",
            "What is included, what it costs, how long it holds",
        ),
        vec![
            heading("Your quote"),
            hello("here is what we talked about, with everything in it."),
            Block::Columns {
                left: "**What you get**\n\n- first item\n- second item\n- delivery".to_owned(),
                right: "**What it costs**\n\n0.00 in all\n\nvalid for 30 days".to_owned(),
            },
            button("Accept the quote"),
            text("Is anything missing? Answer this message and we will change it."),
            signature(),
        ],
    )
}

fn thanks() -> Starter {
    email(
        "thanks",
        ("Thanks", "Says thank you after an order."),
        ("Thank you, {{ contact.first_name | default(\"and welcome\") }}", "It is on its way"),
        vec![
            heading("Thank you"),
            hello(
                "your order is with us and we are at work on it. You will hear from us again as soon as it leaves.",
            ),
            text("If anything is not as it should be, answer this message. A person reads it."),
            signature(),
        ],
    )
}

fn newsletter() -> Starter {
    email(
        "newsletter",
        ("Newsletter", "One piece of news with a button, and two short ones."),
        ("News from {{ workspace.name }}", "What is new, in two minutes"),
        vec![
            heading("What is new"),
            hello("one piece of news first, and two short ones below."),
            button("Read more"),
            Block::Divider {},
            Block::Columns {
                left:
                    "**First piece**\n\nTwo sentences about it, and a [link](https://example.com)."
                        .to_owned(),
                right:
                    "**Second piece**\n\nTwo sentences about it, and a [link](https://example.com)."
                        .to_owned(),
            },
            Block::Spacer { height: 16 },
            signature(),
        ],
    )
}

fn texts() -> [Starter; 2] {
    let text = |key: &str, name: &str, about: &str, body: &str| Starter {
        key: key.to_owned(),
        about: about.to_owned(),
        content: NewTemplate {
            name: name.to_owned(),
            channel: Channel::Text,
            body_text: body.to_owned(),
            ..NewTemplate::default()
        },
    };
    [
        text(
            "text-reminder",
            "Text: reminder",
            "Reminds of an appointment, in one text message.",
            "Hello {{ contact.first_name | default(\"there\") }}, this is {{ workspace.name }}: \
             see you tomorrow at 10. Answer if that does not suit you.",
        ),
        text(
            "text-thanks",
            "Text: thanks",
            "Says thank you, in one text message.",
            "Thank you, {{ contact.first_name | default(\"and welcome\") }}! Your order is on its way. {{ workspace.name }}",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::compile::{self, Known};
    use super::super::{Compiled as _, RenderContext, store};
    use super::*;
    use crm_contacts::Contact;
    use crm_providers::sms::{self, SmsEncoding};

    fn nobody() -> Contact {
        let id = "01920000-0000-7000-8000-000000000001".parse().unwrap();
        Contact::blank(id, "2026-11-03T09:00:00Z".parse().unwrap())
    }

    #[test]
    fn each_can_be_sent_to_somebody_of_whom_nothing_is_known() {
        let values = RenderContext {
            workspace_name: "Kornfeld".to_owned(),
            postal_address: "Mill Lane 1, 4020 Linz".to_owned(),
            unsubscribe_url: "https://crm.example/u/abc".to_owned(),
        };
        for starter in all() {
            let content = store::made(starter.content, Known::Fields(&[])).unwrap();
            let compiled = compile::compile(&content, Known::Fields(&[])).unwrap();
            let message = compiled.render(&nobody(), &values).unwrap();
            assert!(message.missing.is_empty(), "{}: {:?}", starter.key, message.missing);
            match content.channel {
                Channel::Email => {
                    assert!(message.html.contains("https://crm.example/u/abc"), "{}", starter.key);
                    assert!(!message.subject.is_empty() && message.text.len() > 100);
                    assert_eq!(message.text.matches("https://crm.example/u/abc").count(), 1);
                }
                Channel::Text => {
                    let count = sms::count(&message.text);
                    assert_eq!((count.encoding, count.segments), (SmsEncoding::Gsm7, 1));
                }
            }
        }
        assert_eq!(all().len(), 7);
        assert!(find("quote").is_some() && find("nothing").is_none());
    }
}
