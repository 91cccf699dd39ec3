//! A server with the call of Microsoft Graph that messages go through, on loopback. `emulate` has none of it.
//!
//! It follows Graph's `OpenAPI` document of v1.0: `POST /v1.0/me/sendMail`, 202 without a body, and its page about sending
//! in MIME format: the whole message in base64, called `text/plain`, 400 where that cannot be read. Faults by address: the
//! local part begins with `busy` (429 with `Retry-After: 5`), `denied` (403), `nobody` (400 about the recipient), `stale`
//! (401) or `lost` (taken, and the connection reset).

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use mail_parser::MessageParser;
use serde_json::json;

use super::http::{Head, Listening, Stream, answer, bytes, reset};

/// A message it took.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The token it came with.
    pub token: String,
    /// The header `To`.
    pub to: String,
    /// The message.
    pub message: Vec<u8>,
}

/// A running server. It stops with this value.
pub struct GraphServer {
    listening: Listening,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl GraphServer {
    /// A server that takes what is sent.
    pub async fn start() -> Self {
        let taken: Arc<Mutex<Vec<Taken>>> = Arc::default();
        let for_all = Arc::clone(&taken);
        let listening = Listening::start(move |mut stream| {
            let taken = Arc::clone(&for_all);
            async move { while serve(&mut stream, &taken).await.is_some() {} }
        });
        Self { listening: listening.await, taken }
    }

    /// `http://127.0.0.1:port`
    pub fn base(&self) -> &str {
        self.listening.base()
    }

    /// What it took, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(stream: &mut Stream, taken: &Mutex<Vec<Taken>>) -> Option<()> {
    let head = Head::read(stream).await?;
    let body = bytes(stream, head.length()).await?;
    if !head.line.starts_with("POST /v1.0/me/sendMail ") {
        return refuse(stream, "404 Not Found", "ResourceNotFound", "").await;
    }
    let Some(bearer) = head.header("authorization").strip_prefix("Bearer ").map(str::to_owned)
    else {
        return refuse(stream, "401 Unauthorized", "InvalidAuthenticationToken", "").await;
    };
    let message =
        BASE64_STANDARD.decode(&body).ok().filter(|_| head.header("content-type") == "text/plain");
    let Some(message) = message else {
        return refuse(stream, "400 Bad Request", "ErrorMimeContentInvalidBase64String", "").await;
    };
    let parsed = MessageParser::default().parse(&message)?;
    let to = parsed.to()?.first()?.address()?.to_owned();
    let keep = || {
        let one = Taken { token: bearer.clone(), to: to.clone(), message: message.clone() };
        taken.lock().unwrap_or_else(PoisonError::into_inner).push(one);
    };
    match to.split(['.', '@']).next()? {
        "busy" => {
            refuse(stream, "429 Too Many Requests", "ApplicationThrottled", "retry-after: 5\r\n")
                .await
        }
        "denied" => refuse(stream, "403 Forbidden", "ErrorAccessDenied", "").await,
        "nobody" => refuse(stream, "400 Bad Request", "ErrorInvalidRecipients", "").await,
        "stale" => refuse(stream, "401 Unauthorized", "InvalidAuthenticationToken", "").await,
        "lost" => {
            keep();
            reset(stream)
        }
        _ => {
            keep();
            answer(stream, "202 Accepted", "", "").await
        }
    }
}

async fn refuse(stream: &mut Stream, status: &str, code: &str, extra: &str) -> Option<()> {
    let error = json!({"error": {"code": code, "message": "The server cannot do that."}});
    answer(stream, status, extra, &error.to_string()).await
}
