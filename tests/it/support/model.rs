//! A server with the chat completions API on loopback: real HTTP, and each kind of trouble such servers make.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;

use super::http::{Head, Listening, Stream, bytes};

/// What a well-behaved server answers.
pub const SUBJECT: &str = "The rye is in, [FIRST_NAME]";
/// The rest of it: two paragraphs, with marks that are no HTML.
pub const BODY: &str = "Dear [FIRST_NAME],\n\nthe rye is in & it is \"dry\".";

/// How the server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Answers in pieces.
    Well,
    /// Answers in pieces and says nothing about tokens.
    WithoutUsage,
    /// Takes the question and never answers.
    Silent,
    /// Begins, and never goes on.
    Stalls,
    /// Begins, and closes the connection.
    ClosesMidStream,
    /// Begins, and ends the stream politely without an end of the answer.
    EndsEarly,
    /// Answers a web page.
    WebPage,
    /// Streams what is no JSON.
    Garbage,
    /// Streams well, and what it says is no draft.
    Chatter,
    /// Stops at its limit of tokens.
    TooLong,
    /// Declines.
    Declines,
    /// Says in the stream that something broke.
    BreaksInStream,
    /// 429 with `Retry-After: 20`.
    Busy,
    /// 429 because nothing is paid for.
    NoCredit,
    /// 401, with a number where the API has a word, as some have.
    KeyRefused,
    /// 404.
    UnknownModel,
    /// 400 with a message.
    Refuses,
    /// 500.
    Faulty,
    /// Leads elsewhere.
    Redirects,
}

#[derive(Default)]
struct Seen {
    requests: Vec<Request>,
    /// Streams whose reader went away.
    hung_up: usize,
    /// What it says instead of a draft.
    says: Option<String>,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    /// `POST /v1/chat/completions`
    pub line: String,
    head: Head,
    /// The body.
    pub body: Value,
}

impl Request {
    /// A header, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.head.header(name)
    }
}

/// A running server. It stops with this value.
pub struct ModelServer {
    base: String,
    behaviour: watch::Sender<Behaviour>,
    seen: Arc<Mutex<Seen>>,
    _listening: Listening,
}

impl ModelServer {
    /// A server that behaves like this.
    pub async fn start(behaviour: Behaviour) -> Self {
        let (sender, behaviour) = watch::channel(behaviour);
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let for_all = Arc::clone(&seen);
        let listening = Listening::start(move |stream| {
            let (behaviour, seen) = (*behaviour.borrow(), Arc::clone(&for_all));
            // One that hangs up early is what some tests are about.
            async move { serve(stream, behaviour, &seen).await }
        });
        let listening = listening.await;
        let base = format!("{}/v1", listening.base());
        Self { base, behaviour: sender, seen, _listening: listening }
    }

    /// Behaves like this from the next request on.
    pub fn behave(&self, behaviour: Behaviour) {
        self.behaviour.send_replace(behaviour);
    }

    /// Says this from the next request on, where it behaves well.
    pub fn say(&self, text: impl Into<String>) {
        self.lock().says = Some(text.into());
    }

    /// `http://127.0.0.1:port/v1`
    pub fn base(&self) -> &str {
        &self.base
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.lock().requests.clone()
    }

    /// How many streams were left by their reader.
    pub fn hung_up(&self) -> usize {
        self.lock().hung_up
    }
}

/// Reads one request; `None` where the connection ends before.
async fn read(stream: &mut Stream) -> Option<Request> {
    let head = Head::read(stream).await?;
    let body = bytes(stream, head.length()).await?;
    let line = head.line.trim_end_matches(" HTTP/1.1").to_owned();
    Some(Request { line, head, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}

async fn serve(mut stream: Stream, behaviour: Behaviour, seen: &Mutex<Seen>) {
    let Some(request) = read(&mut stream).await else { return };
    let says = {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.requests.push(request);
        seen.says.clone()
    };
    let content = says.unwrap_or_else(|| content(behaviour));
    let hung_up = answer(&mut stream, behaviour, &content).await;
    if hung_up {
        seen.lock().unwrap_or_else(PoisonError::into_inner).hung_up += 1;
    }
}

fn error(status: &str, extra: &str, error: &Value) -> String {
    let body = json!({"error": error}).to_string();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{extra}connection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The answer, in as many pieces as a reader may see apart.
fn content(behaviour: Behaviour) -> String {
    match behaviour {
        Behaviour::Chatter => "Sure! I would love to write something about rye.".to_owned(),
        _ => json!({"subject": SUBJECT, "preheader": "Fresh from the silo", "body": BODY})
            .to_string(),
    }
}

fn delta(text: &str) -> Value {
    json!({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "stand-in",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]})
}

fn finish(reason: &str) -> Value {
    json!({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "stand-in",
        "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
}

/// Writes one event as a chunk; `false` where nobody reads any more.
async fn chunk(stream: &mut Stream, data: &str) -> bool {
    let event = format!("data: {data}\n\n");
    let text = format!("{:x}\r\n{event}\r\n", event.len());
    stream.write_all(text.as_bytes()).await.is_ok() && stream.flush().await.is_ok()
}

/// Waits until the other side closes.
async fn closed(stream: &mut Stream) -> bool {
    let mut rest = Vec::new();
    let limit = Duration::from_mins(1);
    tokio::time::timeout(limit, stream.read_to_end(&mut rest)).await.is_ok()
}

/// Answers; tells whether the reader went away in the middle.
async fn answer(stream: &mut Stream, behaviour: Behaviour, content: &str) -> bool {
    use Behaviour as B;
    let whole = match behaviour {
        B::Silent => return closed(stream).await,
        B::WebPage => "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<h1>Hello</h1".to_owned(),
        B::Busy => error("429 Too Many Requests", "retry-after: 20\r\n", &json!({"message": "slow down", "type": "rate_limit_error", "code": null})),
        B::NoCredit => error("429 Too Many Requests", "", &json!({"message": "pay", "type": "insufficient_quota", "code": "insufficient_quota"})),
        B::KeyRefused => error("401 Unauthorized", "", &json!({"message": "wrong key sk-…", "type": "authentication_error", "code": 401})),
        B::UnknownModel => error("404 Not Found", "", &json!({"message": "no such model", "code": "model_not_found"})),
        B::Refuses => error("400 Bad Request", "", &json!({"message": "this model takes no\nschema", "code": 400})),
        B::Faulty => error("500 Internal Server Error", "", &json!("it broke")),
        B::Redirects => error("307 Temporary Redirect", "location: http://127.0.0.1:9/v1/chat/completions\r\n", &Value::Null),
        _ => "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(),
    };
    if stream.write_all(whole.as_bytes()).await.is_err() || stream.flush().await.is_err() {
        return true;
    }
    if !whole.contains("text/event-stream") {
        return false;
    }
    streamed(stream, behaviour, content).await
}

async fn streamed(stream: &mut Stream, behaviour: Behaviour, content: &str) -> bool {
    use Behaviour as B;
    if behaviour == B::Garbage {
        return !chunk(stream, "{{{ no json").await;
    }
    if behaviour == B::Declines {
        let refusal = json!({"choices": [{"delta": {"refusal": "I cannot do that."}}]});
        return !chunk(stream, &refusal.to_string()).await;
    }
    let content: Vec<char> = content.chars().collect();
    let half = content.len() / 2;
    for (number, part) in content.chunks(7).enumerate() {
        if number * 7 >= half {
            match behaviour {
                B::Stalls => return closed(stream).await,
                // Without the last chunk, so that it is no end.
                B::ClosesMidStream => return false,
                B::EndsEarly => break,
                B::BreaksInStream => {
                    let broken = json!({"error": {"message": "out of memory", "code": 500}});
                    return !chunk(stream, &broken.to_string()).await;
                }
                _ => {}
            }
        }
        let text: String = part.iter().collect();
        if !chunk(stream, &delta(&text).to_string()).await {
            return true;
        }
    }
    if behaviour != B::EndsEarly {
        let reason = if behaviour == B::TooLong { "length" } else { "stop" };
        let usage = json!({"choices": [], "usage": {"prompt_tokens": 210, "completion_tokens": 42, "total_tokens": 252}});
        let mut events = vec![finish(reason).to_string()];
        if behaviour != B::WithoutUsage {
            events.push(usage.to_string());
        }
        events.push("[DONE]".to_owned());
        for event in events {
            if !chunk(stream, &event).await {
                return true;
            }
        }
    }
    stream.write_all(b"0\r\n\r\n").await.is_err()
}
