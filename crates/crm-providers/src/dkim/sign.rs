//! A message with its signature on top.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crm_core::Timestamp;
use ring::digest::{SHA256, digest};

use super::canonical;
use super::key::DkimKey;

/// What is signed, where it is there. One-click unsubscribing asks for its two headers to be among them (RFC 8058).
const SIGNED: [&str; 12] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "reply-to",
    "mime-version",
    "content-type",
    "list-unsubscribe",
    "list-unsubscribe-post",
];

/// Characters of a line of the signature.
const LINE: usize = 72;

/// A message that could not be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message could not be signed with the DKIM key of this provider")]
pub(crate) struct Unsigned;

/// Signs for one domain.
#[derive(Debug)]
pub(crate) struct Signer {
    key: DkimKey,
    domain: String,
    selector: String,
}

impl Signer {
    /// Signs for `domain`, whose DNS shows the key under `selector`.
    pub(crate) const fn new(key: DkimKey, domain: String, selector: String) -> Self {
        Self { key, domain, selector }
    }

    /// The message with a signature before it, every line ended by CR LF.
    ///
    /// # Errors
    /// [`Unsigned`]
    pub(crate) fn sign(&self, message: &[u8], now: Timestamp) -> Result<Vec<u8>, Unsigned> {
        let message = canonical::with_line_ends(message);
        let (block, body) = canonical::split(&message);
        let headers = canonical::headers(block);
        let body_hash = STANDARD.encode(digest(&SHA256, &canonical::body(body)));

        let mut names: Vec<&str> = Vec::new();
        let mut data = Vec::new();
        for name in SIGNED {
            // Several of one name are taken from the last one up.
            for (_, value) in headers.iter().rev().filter(|(found, _)| found == name) {
                names.push(name);
                data.extend(canonical::header(name, value));
                data.extend_from_slice(b"\r\n");
            }
        }
        // Named once more than there are: nobody can add a second sender on the way.
        names.push("from");
        let value = format!(
            " v=1; a=rsa-sha256; c=relaxed/relaxed; d={};\r\n\ts={}; t={};\r\n\th={};\r\n\tbh={body_hash};\r\n\tb=",
            self.domain,
            self.selector,
            now.as_datetime().unix_timestamp(),
            folded(&names),
        );
        data.extend(canonical::header("dkim-signature", value.as_bytes()));
        let signature = STANDARD.encode(self.key.sign(&data).ok_or(Unsigned)?);

        let mut signed = format!("DKIM-Signature:{value}").into_bytes();
        for (number, part) in signature.as_bytes().chunks(LINE).enumerate() {
            if number > 0 {
                signed.extend_from_slice(b"\r\n\t");
            }
            signed.extend_from_slice(part);
        }
        signed.extend_from_slice(b"\r\n");
        signed.extend(message);
        Ok(signed)
    }
}

/// Names with colons between them, in lines.
fn folded(names: &[&str]) -> String {
    let mut text = String::new();
    let mut line = 0;
    for (number, name) in names.iter().enumerate() {
        if number > 0 {
            text.push(':');
            line += 1;
            if line + name.len() > LINE {
                text.push_str("\r\n\t");
                line = 0;
            }
        }
        text.push_str(name);
        line += name.len();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_names_what_is_there_and_the_sender_twice() {
        let key = DkimKey::open(&DkimKey::generate()).unwrap();
        let signer = Signer::new(key, "acme.example".to_owned(), "picrm".to_owned());
        let now = "2026-11-22T23:30:00Z".parse().unwrap();
        let message = b"From: a@acme.example\r\nTo: b@example.com\r\nX-Other: 1\r\n\r\nHi\r\n";
        let mail = signer.sign(message, now).unwrap();
        let text = String::from_utf8(mail).unwrap();
        assert!(
            text.starts_with("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;"),
            "{text}"
        );
        assert!(
            text.contains("d=acme.example;") && text.contains("s=picrm; t=1795390200;"),
            "{text}"
        );
        assert!(text.contains("h=from:to:from;") && !text.contains("l="), "{text}");
        assert!(text.ends_with(std::str::from_utf8(message).unwrap()));
        assert!(text.lines().all(|line| line.len() < 100), "{text}");
    }
}
