//! One message over an open session: one transaction of RFC 5321.

use crm_core::torture;
use mail_send::smtp::AssertReply as _;
use mail_send::smtp::message::Parameters;
use tokio::io::AsyncWriteExt as _;

use super::failure::{Cause, Stage, said};
use super::session::Session;

/// A message with its envelope. The addresses are parsed ones: they hold no bracket and no line break.
pub(super) struct Envelope<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    /// The message as [`frame`] wrote it.
    pub(super) framed: &'a [u8],
}

/// Hands one message over and returns the server's answer. `stage` follows how far it came, and stays readable when the
/// caller gives up waiting.
pub(super) async fn deliver(
    session: &mut Session,
    envelope: &Envelope<'_>,
    stage: &mut Stage,
) -> Result<String, Cause> {
    let client = &mut session.client;
    *stage = Stage::Mail;
    client.mail_from(envelope.from, &Parameters::new()).await?;
    *stage = Stage::Recipient;
    client.rcpt_to(envelope.to, &Parameters::new()).await?;
    torture::point("before_data");
    *stage = Stage::Data;
    client.cmd(b"DATA\r\n").await?.assert_code(354)?;
    *stage = Stage::Body;
    let mut rest = envelope.framed;
    while !rest.is_empty() {
        let written = client.stream.write(rest).await.map_err(|error| lost(&error))?;
        if written == 0 {
            return Err(Cause::Lost("the server takes no more".to_owned()));
        }
        rest = rest.get(written..).unwrap_or_default();
    }
    // Until the last byte is written the server cannot have seen the end of the message, so that it has not taken it.
    *stage = Stage::Answer;
    client.stream.flush().await.map_err(|error| lost(&error))?;
    let reply = client.read().await?.into_positive_completion()?;
    torture::point("after_accept");
    Ok(said(&reply))
}

fn lost(error: &std::io::Error) -> Cause {
    Cause::Lost(error.to_string())
}

/// Writes a message as it travels after `DATA`: every line ended by CR LF, a dot before each dot that begins a line,
/// and the final line with its single dot.
pub(super) fn frame(message: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(message.len() + message.len() / 64 + 8);
    let mut line_begins = true;
    let mut bytes = message.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' | b'\n' => {
                if byte == b'\r' && bytes.peek() == Some(&b'\n') {
                    bytes.next();
                }
                framed.extend_from_slice(b"\r\n");
                line_begins = true;
            }
            _ => {
                if line_begins && byte == b'.' {
                    framed.push(b'.');
                }
                framed.push(byte);
                line_begins = false;
            }
        }
    }
    if !line_begins {
        framed.extend_from_slice(b"\r\n");
    }
    framed.extend_from_slice(b".\r\n");
    framed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_message_can_end_it() {
        for (message, framed) in [
            ("", ".\r\n"),
            ("a", "a\r\n.\r\n"),
            ("a\r\n", "a\r\n.\r\n"),
            (".", "..\r\n.\r\n"),
            ("a\r\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n"),
            ("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"),
            ("a\r.\rb", "a\r\n..\r\nb\r\n.\r\n"),
            ("a\r\n..b", "a\r\n...b\r\n.\r\n"),
            ("a.b\r\n\r\n.", "a.b\r\n\r\n..\r\n.\r\n"),
        ] {
            assert_eq!(
                String::from_utf8(frame(message.as_bytes())).unwrap(),
                framed,
                "{message:?}"
            );
        }
    }
}
