//! From bytes to what matters of a message.

use std::time::Duration;

use mail_parser::{Address, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders as _};
use sha2::{Digest as _, Sha256};

use super::complaint;
use super::report::{self, Report};
use super::text;

/// Messages in messages in messages cost a frame of the stack each: there is room for as many as fit into what is read.
const STACK: usize = 64 * 1024 * 1024;
/// Longer than any message takes.
const LONGEST: Duration = Duration::from_secs(20);
/// Most ids of other messages that are looked at.
const MOST_IDS: usize = 20;
/// Most characters of an id or an address.
const LONGEST_ID: usize = 500;

/// What matters of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mail {
    /// What tells it from every other one: its `Message-ID`, or a hash.
    pub(super) external_id: String,
    /// Who wrote it, as it says.
    pub(super) from: Option<String>,
    /// Addresses it was sent to.
    pub(super) to: Vec<String>,
    /// Its subject, in one line.
    pub(super) subject: String,
    pub(super) kind: Kind,
    /// `Message-ID`s of what it is about, the nearest first.
    pub(super) about: Vec<String>,
}

/// What kind of message it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A report about a delivery.
    Report(Report),
    /// Somebody said that a message is spam.
    Complaint {
        /// The address that message was sent from.
        sent_from: Option<String>,
    },
    /// A machine wrote it: an absence note, a list, a report that is no complaint.
    Automatic,
    /// A person wrote it.
    Personal {
        /// What they wrote.
        text: String,
    },
}

/// Reads a message in a thread of its own, so that one made to break whoever reads it breaks nothing else; `None` where
/// it cannot be read.
pub(crate) async fn read_safely(bytes: Vec<u8>) -> Option<Mail> {
    let (done, outcome) = tokio::sync::oneshot::channel();
    let work = move || {
        let _ = done.send(read(&bytes));
    };
    let thread = std::thread::Builder::new().name("mail".to_owned()).stack_size(STACK);
    thread.spawn(work).ok()?;
    // The sender is dropped with its thread, whatever ends that.
    tokio::time::timeout(LONGEST, outcome).await.ok()?.ok()?
}

fn read(bytes: &[u8]) -> Option<Mail> {
    let message = MessageParser::default().parse(bytes)?;
    let own_id = message.message_id().map(str::trim).filter(|id| is_bounded(id));
    let external_id = match own_id {
        Some(id) => id.replace('\0', ""),
        None => format!("sha256:{}", crm_core::token::hex(&Sha256::digest(bytes))),
    };
    let mut about = Vec::new();
    let kind = kind(&message, &mut about);
    ids(message.in_reply_to(), &mut about);
    let mut older = Vec::new();
    ids(message.references(), &mut older);
    about.extend(older.into_iter().rev());
    about.truncate(MOST_IDS);
    Some(Mail {
        external_id,
        from: message.from().and_then(first),
        to: sent_to(&message),
        subject: text::subject(message.subject().unwrap_or_default()),
        kind,
        about,
    })
}

fn kind(message: &Message<'_>, about: &mut Vec<String>) -> Kind {
    let is_report = message.content_type().is_some_and(|kind| {
        kind.ctype().eq_ignore_ascii_case("multipart")
            && kind.subtype().is_some_and(|kind| kind.eq_ignore_ascii_case("report"))
    });
    if is_report {
        about.extend(message.parts.iter().filter_map(reported));
        if let Some(report) = part(message, "delivery-status") {
            return Kind::Report(report::read(&report));
        }
        if let Some(report) = part(message, "feedback-report") {
            return if complaint::complains(&report) {
                Kind::Complaint { sent_from: complaint::sent_from(&report) }
            } else {
                Kind::Automatic
            };
        }
        return Kind::Automatic;
    }
    if is_automatic(message) {
        return Kind::Automatic;
    }
    let text = message.body_text(0).unwrap_or_default();
    Kind::Personal { text: text::answer(&text) }
}

/// The text of the first part `message/<subtype>`; `message/global-…` is the same with other letters (RFC 6533).
fn part(message: &Message<'_>, subtype: &str) -> Option<String> {
    let part = message.parts.iter().find(|part| {
        part.content_type().is_some_and(|kind| {
            let is = kind.subtype().unwrap_or_default();
            let is = is.strip_prefix("global-").unwrap_or(is);
            kind.ctype().eq_ignore_ascii_case("message") && is.eq_ignore_ascii_case(subtype)
        })
    })?;
    Some(String::from_utf8_lossy(part.contents()).into_owned())
}

/// The `Message-ID` of the message a report has with it, whole or its head alone.
fn reported(part: &MessagePart<'_>) -> Option<String> {
    if let Some(message) = part.message() {
        return message.message_id().map(ToOwned::to_owned);
    }
    let subtype = part.content_type()?.subtype()?;
    if !subtype.to_ascii_lowercase().ends_with("headers") {
        return None;
    }
    let head = MessageParser::default().parse_headers(part.contents())?;
    head.message_id().map(ToOwned::to_owned)
}

/// Whether a machine wrote it (RFC 3834), as far as it says so.
fn is_automatic(message: &Message<'_>) -> bool {
    let value = |name: &str| {
        let value = message.header_raw(name).unwrap_or_default().trim().to_ascii_lowercase();
        value.split([';', ' ']).next().unwrap_or_default().to_owned()
    };
    let submitted = value("Auto-Submitted");
    (!submitted.is_empty() && submitted != "no")
        || matches!(value("Precedence").as_str(), "bulk" | "junk" | "list" | "auto_reply")
        || !value("X-Autoreply").is_empty()
        || !value("X-Autorespond").is_empty()
        || !value("List-Id").is_empty()
}

fn ids(value: &HeaderValue<'_>, into: &mut Vec<String>) {
    match value {
        HeaderValue::Text(id) => into.push(id.trim().to_owned()),
        HeaderValue::TextList(ids) => into.extend(ids.iter().map(|id| id.trim().to_owned())),
        _ => {}
    }
    into.retain(|id| is_bounded(id));
}

fn is_bounded(id: &str) -> bool {
    !id.is_empty() && id.len() <= LONGEST_ID
}

fn first(address: &Address<'_>) -> Option<String> {
    let address = address.first()?.address()?.trim().to_lowercase();
    (is_bounded(&address) && !address.contains(char::is_control)).then_some(address)
}

/// Where it was sent to, as its own lines and those of servers on its way say.
fn sent_to(message: &Message<'_>) -> Vec<String> {
    let named = message.to().into_iter().flat_map(|to| to.iter());
    let named = named.filter_map(|address| address.address()).map(ToOwned::to_owned);
    let noted = ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"];
    let noted = noted.iter().filter_map(|name| message.header_raw(*name)).map(ToOwned::to_owned);
    let all = named.chain(noted).map(|address| address.trim().to_lowercase());
    all.filter(|address| is_bounded(address)).take(MOST_IDS).collect()
}

#[cfg(test)]
mod tests {
    use super::super::report::Fate;
    use super::*;

    #[tokio::test]
    async fn nothing_breaks_the_reader() {
        let nested = "Content-Type: message/rfc822\n\n".repeat(512 * 1024 / 30);
        let digests: String = (0..5_000)
            .map(|n| format!("Content-Type: multipart/digest; boundary=b{n}\n\n--b{n}\n\n"))
            .fold(String::new(), |all, part| all + &part);
        let parts: String = (0..5_000)
            .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
            .fold(String::new(), |all, part| all + &part);
        let names = format!("From: {}\n\n", "a@b.c, ".repeat(60_000));
        for (what, hostile) in [
            ("nested", nested),
            ("digests", digests),
            ("parts", parts),
            ("names", names),
            ("nothing", String::new()),
            ("rubbish", "\u{0}\u{ff}:".repeat(1000)),
            ("long", format!("References: {}\n\nx", "<a@b.c> ".repeat(60_000))),
        ] {
            // Whatever comes of it: it comes back.
            let read = read_safely(hostile.into_bytes()).await;
            if let Some(read) = read {
                assert!(read.about.len() <= MOST_IDS && read.to.len() <= MOST_IDS, "{what}");
            }
        }
    }

    #[tokio::test]
    async fn a_report_names_the_message_it_is_about() {
        let mail = "From: MAILER-DAEMON@mx.example\nTo: crm+abc@acme.example\nSubject: Undelivered\n\
            Message-ID: <r1@mx.example>\nAuto-Submitted: auto-replied\n\
            Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
            --b\nContent-Type: text/plain\n\nSorry.\n\
            --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
            Final-Recipient: rfc822; ada@example.org\nAction: failed\nStatus: 5.1.1\n\n\
            --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <ours@acme.example>\nSubject: x\n\n--b--\n";
        let read = read_safely(mail.as_bytes().to_vec()).await.unwrap();
        assert_eq!(
            (read.external_id.as_str(), read.to.as_slice()),
            ("r1@mx.example", ["crm+abc@acme.example".to_owned()].as_slice())
        );
        assert_eq!(read.about, ["ours@acme.example"]);
        let Kind::Report(report) = read.kind else { panic!("{:?}", read.kind) };
        assert_eq!(report.recipients, ["ada@example.org"]);
        assert!(matches!(report.fate, Fate::Failed { is_dead: true, .. }));
    }

    #[tokio::test]
    async fn people_are_told_from_machines() {
        let kind = async |head: &str| {
            let mail = format!("From: Ada <ADA@example.org>\n{head}Subject: Re: News\n\nHello\n");
            read_safely(mail.into_bytes()).await.unwrap()
        };
        let read = kind("In-Reply-To: <b@c>\nReferences: <a@c> <b@c>\n").await;
        assert_eq!(read.kind, Kind::Personal { text: "Hello".to_owned() });
        assert_eq!(read.from.as_deref(), Some("ada@example.org"));
        assert_eq!(read.about, ["b@c", "b@c", "a@c"]);
        assert!(read.external_id.starts_with("sha256:"));
        assert!(matches!(kind("Auto-Submitted: no\n").await.kind, Kind::Personal { .. }));
        for head in
            ["Auto-Submitted: auto-replied (vacation)\n", "Precedence: bulk\n", "List-Id: <x.y>\n"]
        {
            assert_eq!(kind(head).await.kind, Kind::Automatic, "{head}");
        }
    }
}
