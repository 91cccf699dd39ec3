//! A server with the part of Mailgun's API that messages go through, on loopback: real HTTP, and each kind of trouble.
//!
//! It follows Mailgun's `OpenAPI` document of 2026-07, version 3.1.0: `POST /v3/{domain_name}/messages.mime` with basic
//! sign-in and a form of `to` and the file `message`, its answers 200, 400, 401 (a text alone), 429 (the wait in the text)
//! and 500, and `GET /v3/{domain_name}/events` with `message-id`. What the document does not say (resets, silence, pages of
//! somebody in between) is told to it by the recipient's address: the local part begins with the fault, up to its first
//! dot; anything else is taken. With "-once" behind it, the fault befalls an address the first time only.
//!
//! ```text
//! perm400       400 about the recipient      limit429      429, wait a minute, said in the text
//! retry429      429 with Retry-After: 120    broke500      500 in Mailgun's own words
//! busy503       503 with Retry-After: 30     gateway502    a page of a gateway, not taken
//! gatewaytaken  the same, taken              garbage       taken, answered with a web page
//! cutanswer     taken, half an answer        resetafter    taken, and the connection reset
//! resetlost     read to its end, not taken, and the connection reset
//! stalltaken    taken, never answered        stalllost     not taken, never answered
//! resetbefore   the connection is reset before the message is read
//! ```

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mail_parser::MessageParser;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::http::{Head, Listening, Stream, answer, bytes, reset};
use super::signing::python;

/// The domain it knows.
pub const DOMAIN: &str = "mg.acme.example";
/// The key it lets in.
pub const KEY: &str = "key-3ax6xnjp29jd6fds4gc373sgvjxteol0";
/// `api:` and [`KEY`], as basic sign-in writes it.
const SIGN_IN: &str = "Basic YXBpOmtleS0zYXg2eG5qcDI5amQ2ZmRzNGdjMzczc2d2anh0ZW9sMA==";

/// The key its own requests are signed with: another one than [`KEY`].
pub const WEBHOOK_KEY: &str = "whsk-9f2d7c1e5b8a4f60";

/// The body of a request of Mailgun's about an event, signed by this key at this time, in seconds since 1970.
///
/// # Panics
/// When Python does not run.
pub fn webhook(key: &str, (at, token): (i64, &str), event: &Value) -> String {
    let timestamp = at.to_string();
    let call = json!({"key": key, "timestamp": timestamp, "token": token});
    let signature = python("mailgun_sign.py", &call);
    let signature = json!({"timestamp": timestamp, "token": token, "signature": signature});
    json!({"signature": signature, "event-data": event}).to_string()
}

/// An event as Mailgun writes it, of the message of a ledger row.
pub fn event(id: &str, kind: &str, row: &str, more: &Value) -> Value {
    let mut event = json!({
        "id": id, "event": kind, "timestamp": 1_795_390_200.5, "log-level": "info",
        "recipient": "ada@example.com", "tags": [], "user-variables": {"pi-crm-recipient": row},
        "message": {"headers": {"message-id": format!("{row}@{DOMAIN}"), "to": "ada@example.com"}, "size": 1},
    });
    if let (Some(event), Some(more)) = (event.as_object_mut(), more.as_object()) {
        event.extend(more.clone());
    }
    event
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its line and headers.
    pub head: Head,
    /// The body.
    pub body: Vec<u8>,
}

/// A message it took.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The field `to`.
    pub to: String,
    /// Its Message-ID, without brackets.
    pub message_id: String,
    /// All fields but the message.
    pub fields: Vec<(String, String)>,
    /// The message itself.
    pub message: Vec<u8>,
}

/// Whether what happened can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Events {
    /// At once.
    Listed,
    /// Not yet: Mailgun's lists are some seconds behind, at times half an hour.
    Behind,
    /// Never: the key may only send.
    Forbidden,
}

struct State {
    taken: Vec<Taken>,
    requests: Vec<Request>,
    befallen: BTreeSet<String>,
    events: Events,
    happened: Vec<Value>,
}

/// A running server. It stops with this value.
pub struct MailgunServer {
    listening: Listening,
    state: Arc<Mutex<State>>,
}

impl MailgunServer {
    /// A server that tells what happened.
    pub async fn start() -> Self {
        Self::with(Events::Listed).await
    }

    /// A server that tells it like this.
    pub async fn with(events: Events) -> Self {
        let state = Arc::new(Mutex::new(State {
            taken: Vec::new(),
            requests: Vec::new(),
            befallen: BTreeSet::new(),
            events,
            happened: Vec::new(),
        }));
        let for_all = Arc::clone(&state);
        let listening = Listening::start(move |mut stream| {
            let state = Arc::clone(&for_all);
            async move { while serve(&mut stream, &state).await.is_some() {} }
        });
        Self { listening: listening.await, state }
    }

    /// `http://127.0.0.1:port`
    pub fn base(&self) -> &str {
        self.listening.base()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.base().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Tells what happened like this from now on.
    pub fn tell(&self, events: Events) {
        self.lock().events = events;
    }

    /// Lists an event from now on, behind those before it.
    pub fn happen(&self, event: Value) {
        self.lock().happened.push(event);
    }

    /// Every message it took, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.lock().taken.clone()
    }

    /// Who got something, sorted, doubled where doubled.
    pub fn recipients(&self) -> Vec<String> {
        let mut all: Vec<String> = self.taken().into_iter().map(|taken| taken.to).collect();
        all.sort();
        all
    }

    /// Lets nobody find what it took for these any more.
    pub fn forget(&self, recipients: &[&str]) {
        let mut state = self.lock();
        let (gone, kept) = std::mem::take(&mut state.taken)
            .into_iter()
            .partition::<Vec<_>, _>(|taken| recipients.contains(&taken.to.as_str()));
        assert_eq!(gone.len(), recipients.len(), "it took them");
        state.taken = kept;
    }

    /// Every request.
    pub fn requests(&self) -> Vec<Request> {
        self.lock().requests.clone()
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One request and its answer; `None` where the connection is over.
async fn serve(stream: &mut Stream, state: &Mutex<State>) -> Option<()> {
    let head = Head::read(stream).await?;
    let length = head.length();
    // Read only this far, to see who it is to.
    let mut body = bytes(stream, length.min(512)).await?;
    let start = String::from_utf8_lossy(&body).into_owned();
    if start.contains("\r\n\r\nresetbefore.") && befalls("resetbefore", &start, state) {
        return reset(stream);
    }
    body.extend(bytes(stream, length - body.len()).await?);
    let request = Request { head: head.clone(), body: body.clone() };
    lock(state).requests.push(request);

    let mut words = head.line.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    if head.header("authorization") != SIGN_IN {
        return answer(stream, "401 Unauthorized", "", &json!("Forbidden").to_string()).await;
    }
    match (method, path.split('?').next()?) {
        ("POST", path) if path == format!("/v3/{DOMAIN}/messages.mime") => {
            let taken = form(head.header("content-type"), &body);
            match taken {
                Some(taken) => take(stream, taken, state).await,
                None => refuse(stream, "400 Bad Request", "message parameter is missing").await,
            }
        }
        ("GET", events)
            if events.starts_with(&format!("/v3/{DOMAIN}/events"))
                && !path.contains("message-id=") =>
        {
            match listed(state, events, path, head.header("host")) {
                Some(list) => answer(stream, "200 OK", "", &list.to_string()).await,
                None => answer(stream, "401 Unauthorized", "", "\"Forbidden\"").await,
            }
        }
        ("GET", events) if events == format!("/v3/{DOMAIN}/events") => {
            let (query, items) =
                (path.split_once('?').map_or("", |(_, query)| query), events_of(state));
            let Some(items) = items else {
                return answer(stream, "401 Unauthorized", "", "\"Forbidden\"").await;
            };
            let wanted = query.split('&').find_map(|pair| pair.strip_prefix("message-id="));
            let wanted = wanted.map(|id| id.replace("%40", "@"));
            let items: Vec<Value> = items
                .into_iter()
                .filter(|item| {
                    wanted
                        .as_deref()
                        .is_none_or(|id| item["message"]["headers"]["message-id"] == id)
                })
                .collect();
            answer(stream, "200 OK", "", &json!({"items": items, "paging": {}}).to_string()).await
        }
        _ => refuse(stream, "404 Not Found", "Domain not found").await,
    }
}

/// A page of two events that happened since `begin`; where the list goes on is behind `events/`, also after its end.
fn listed(state: &Mutex<State>, events: &str, path: &str, host: &str) -> Option<Value> {
    let state = lock(state);
    if state.events == Events::Forbidden {
        return None;
    }
    let place = events.rsplit('/').next().and_then(|place| place.split_once('-'));
    let (begin, from): (f64, usize) = match place {
        Some((begin, from)) => (begin.parse().ok()?, from.parse().ok()?),
        None => {
            let begin = path.split(['?', '&']).find_map(|pair| pair.strip_prefix("begin="));
            (begin?.parse().ok()?, 0)
        }
    };
    let since = |event: &&Value| event["timestamp"].as_f64().is_some_and(|at| at >= begin);
    let page: Vec<&Value> = state.happened.iter().filter(since).skip(from).take(2).collect();
    let next = format!("http://{host}/v3/{DOMAIN}/events/{begin}-{}", from + page.len());
    Some(json!({"items": page, "paging": {"next": next}}))
}

fn events_of(state: &Mutex<State>) -> Option<Vec<Value>> {
    let state = lock(state);
    match state.events {
        Events::Forbidden => None,
        Events::Behind => Some(Vec::new()),
        Events::Listed => Some(
            state
                .taken
                .iter()
                .map(|taken| {
                    let variables: serde_json::Map<String, Value> = taken
                        .fields
                        .iter()
                        .filter_map(|(name, value)| Some((name.strip_prefix("v:")?.to_owned(), json!(value))))
                        .collect();
                    json!({
                        "event": "accepted", "id": "e1", "timestamp": 1_795_390_200.0, "log-level": "info",
                        "recipient": taken.to, "tags": [], "user-variables": variables,
                        "message": {"headers": {"message-id": taken.message_id, "to": taken.to}, "size": taken.message.len()},
                    })
                })
                .collect(),
        ),
    }
}

/// The fields of a request's form, the message among them; empty where it has none.
pub fn fields(request: &Request) -> Vec<(String, String)> {
    let Some(taken) = form(request.head.header("content-type"), &request.body) else {
        return Vec::new();
    };
    let mut fields = taken.fields;
    fields.push(("message".to_owned(), String::from_utf8_lossy(&taken.message).into_owned()));
    fields
}

/// The form, where it is one with an address and a message.
fn form(content_type: &str, body: &[u8]) -> Option<Taken> {
    // An independent reader of multipart bodies; a form is one.
    let whole = [format!("Content-Type: {content_type}\r\n\r\n").as_bytes(), body].concat();
    let parsed = MessageParser::default().parse(&whole)?;
    let mut fields = Vec::new();
    let mut message = None;
    for part in parsed.parts.iter().skip(1) {
        let head = String::from_utf8_lossy(
            &whole[part.raw_header_offset() as usize..part.raw_body_offset() as usize],
        )
        .into_owned();
        let content = &whole[part.raw_body_offset() as usize..part.raw_end_offset() as usize];
        let name = head.split("name=\"").nth(1).and_then(|rest| rest.split('"').next());
        let Some(name) = name.filter(|_| head.to_lowercase().contains("form-data")) else {
            continue;
        };
        if name == "message" && head.contains("filename=") {
            message = Some(content.to_vec());
        } else {
            fields.push((name.to_owned(), String::from_utf8_lossy(content).trim_end().to_owned()));
        }
    }
    let message = message?;
    let to = fields.iter().find(|(name, _)| name == "to")?.1.clone();
    let message_id = MessageParser::default().parse(&message)?.message_id()?.to_owned();
    Some(Taken { to, message_id, fields, message })
}

/// Whether this fault befalls the address of `text` now.
fn befalls(word: &str, text: &str, state: &Mutex<State>) -> bool {
    !word.ends_with("-once") || lock(state).befallen.insert(text.to_owned())
}

async fn take(stream: &mut Stream, taken: Taken, state: &Mutex<State>) -> Option<()> {
    let word = taken.to.split(['.', '@']).next()?.to_owned();
    let fault = if befalls(&word, &taken.to, state) { word.trim_end_matches("-once") } else { "" };
    let ok = json!({"id": format!("<{}>", taken.message_id), "message": "Queued. Thank you."})
        .to_string();
    let keep = || lock(state).taken.push(taken.clone());
    match fault {
        "perm400" => {
            refuse(
                stream,
                "400 Bad Request",
                "to parameter is not a valid address. please check documentation",
            )
            .await
        }
        "limit429" => {
            let said = format!(
                "Domain {DOMAIN} is not allowed to send: account-requests-per-sec limit exceeded, try again after 60 seconds"
            );
            refuse(stream, "429 Too Many Requests", &said).await
        }
        "retry429" => {
            answer(
                stream,
                "429 Too Many Requests",
                "retry-after: 120\r\n",
                r#"{"message":"slow down"}"#,
            )
            .await
        }
        "broke500" => refuse(stream, "500 Internal Server Error", "Internal Server Error").await,
        "busy503" => {
            answer(stream, "503 Service Unavailable", "retry-after: 30\r\n", "<html>").await
        }
        "gateway502" => answer(stream, "502 Bad Gateway", "", "<html>").await,
        "gatewaytaken" => {
            keep();
            answer(stream, "502 Bad Gateway", "", "<html>").await
        }
        "garbage" => {
            keep();
            answer(stream, "200 OK", "", "<h1>Welcome</h1>").await
        }
        "cutanswer" => {
            keep();
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{}", ok.len(), &ok[..9]);
            stream.write_all(head.as_bytes()).await.ok()?;
            None
        }
        "resetafter" => {
            keep();
            reset(stream)
        }
        "resetlost" => reset(stream),
        "stalltaken" => {
            keep();
            silent(stream).await
        }
        "stalllost" => silent(stream).await,
        _ => {
            keep();
            answer(stream, "200 OK", "", &ok).await
        }
    }
}

async fn refuse(stream: &mut Stream, status: &str, said: &str) -> Option<()> {
    answer(stream, status, "", &json!({"message": said}).to_string()).await
}

/// Waits until the other side gives up.
async fn silent(stream: &mut Stream) -> Option<()> {
    let mut rest = Vec::new();
    let reading = stream.read_to_end(&mut rest);
    tokio::time::timeout(Duration::from_mins(1), reading).await.ok()?.ok()?;
    None
}
