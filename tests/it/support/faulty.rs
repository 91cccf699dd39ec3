//! A server that takes the messages of any provider with an HTTP API, and fails as it is told: for everybody, or for each
//! recipient once, by the last two digits of their number or name.
//!
//! What it answers where all is well is what the providers' documents say: 201 and a `sid` (Twilio), 200 and an `id` (Mailgun,
//! Gmail), 202 and nothing (Microsoft Graph). Questions about messages are answered with 404: it never knows anything.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use mail_parser::MessageParser;
use serde_json::json;
use tokio::io::AsyncReadExt;

use super::http::{Head, Listening, Stream, answer, bytes, reset};

/// Whose API it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// Twilio's messages.
    Twilio,
    /// Mailgun's `messages.mime`.
    Mailgun,
    /// Gmail's upload.
    Gmail,
    /// Microsoft Graph's `sendMail`.
    Graph,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// 429 with `Retry-After: 60`, not taken.
    Limit,
    /// 500 and a page of somebody in between, not taken.
    Broke,
    /// Taken, and answered with 200 and a page.
    Garbage,
    /// Taken, and the connection reset in place of an answer.
    ResetAfter,
    /// The connection is reset when the head has come; not taken.
    ResetBefore,
    /// Taken, and never answered.
    Stall,
}

/// Faults by the last two digits of a recipient.
const BY_DIGITS: [(&str, Fault); 5] = [
    ("01", Fault::Limit),
    ("22", Fault::Broke),
    ("43", Fault::Garbage),
    ("64", Fault::ResetAfter),
    ("85", Fault::ResetBefore),
];

#[derive(Default)]
struct State {
    taken: Vec<String>,
    posts: usize,
    met: BTreeSet<String>,
}

/// A running server. It stops with this value.
pub struct FaultyServer {
    listening: Listening,
    state: Arc<Mutex<State>>,
}

impl FaultyServer {
    /// A server with this API that fails like this for everybody; by their digits where that is absent.
    pub async fn start(api: Api, fault: Option<Fault>) -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let for_all = Arc::clone(&state);
        let listening = Listening::start(move |mut stream| {
            let state = Arc::clone(&for_all);
            async move { while serve(&mut stream, (api, fault), &state).await.is_some() {} }
        });
        Self { listening: listening.await, state }
    }

    /// `http://127.0.0.1:port`
    pub fn base(&self) -> &str {
        self.listening.base()
    }

    /// Who got something, sorted, doubled where doubled.
    pub fn recipients(&self) -> Vec<String> {
        let mut all = lock(&self.state).taken.clone();
        all.sort();
        all
    }

    /// How often somebody began to hand a message over.
    pub fn posts(&self) -> usize {
        lock(&self.state).posts
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One request and its answer; `None` where the connection is over.
async fn serve(
    stream: &mut Stream,
    (api, fault): (Api, Option<Fault>),
    state: &Mutex<State>,
) -> Option<()> {
    let head = Head::read(stream).await?;
    if !head.line.starts_with("POST ") {
        return answer(stream, "404 Not Found", "", "{}").await;
    }
    lock(state).posts += 1;
    if fault == Some(Fault::ResetBefore) {
        return reset(stream);
    }
    let body = bytes(stream, head.length()).await?;
    let to = recipient(api, &body)?;
    match fault.unwrap_or_else(|| by_digits(&to, state)) {
        Fault::Limit => answer(stream, "429 Too Many Requests", "retry-after: 60\r\n", "{}").await,
        Fault::Broke => answer(stream, "500 Internal Server Error", "", "<html>").await,
        Fault::Garbage => {
            lock(state).taken.push(to);
            answer(stream, "200 OK", "", "<h1>Welcome</h1>").await
        }
        Fault::ResetAfter => {
            lock(state).taken.push(to);
            reset(stream)
        }
        Fault::ResetBefore => reset(stream),
        Fault::Stall => {
            lock(state).taken.push(to);
            // Until the other side gives up.
            let mut rest = Vec::new();
            let reading = stream.read_to_end(&mut rest);
            tokio::time::timeout(Duration::from_mins(1), reading).await.ok()?.ok()?;
            None
        }
        Fault::None => {
            let number = {
                let mut state = lock(state);
                state.taken.push(to);
                state.taken.len()
            };
            let (status, body) = match api {
                Api::Twilio => ("201 Created", json!({"sid": format!("SM{number:032x}")})),
                Api::Mailgun => ("200 OK", json!({"id": format!("<{number}@mg.acme.example>")})),
                Api::Gmail => ("200 OK", json!({"id": format!("{number:x}")})),
                Api::Graph => return answer(stream, "202 Accepted", "", "").await,
            };
            answer(stream, status, "", &body.to_string()).await
        }
    }
}

/// The fault of a recipient, the first time they are written to.
fn by_digits(to: &str, state: &Mutex<State>) -> Fault {
    let name = to.split('@').next().unwrap_or_default();
    let found = BY_DIGITS.iter().find(|(digits, _)| name.ends_with(digits));
    match found {
        Some((_, fault)) if lock(state).met.insert(to.to_owned()) => *fault,
        _ => Fault::None,
    }
}

/// Whom a message is to.
fn recipient(api: Api, body: &[u8]) -> Option<String> {
    let header_to = |message: &[u8]| {
        let parsed = MessageParser::default().parse(message)?;
        Some(parsed.to()?.first()?.address()?.to_owned())
    };
    match api {
        Api::Twilio => {
            let mut fields = url::form_urlencoded::parse(body);
            fields.find(|(name, _)| name == "To").map(|(_, to)| to.into_owned())
        }
        Api::Mailgun => {
            let text = String::from_utf8_lossy(body);
            let (_, rest) = text.split_once("name=\"to\"")?;
            let (_, rest) = rest.split_once("\r\n\r\n")?;
            Some(rest.split("\r\n").next()?.to_owned())
        }
        Api::Gmail => header_to(body),
        Api::Graph => header_to(&BASE64_STANDARD.decode(body).ok()?),
    }
}
