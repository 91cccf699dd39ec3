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
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

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
    base: String,
    taken: Arc<Mutex<Vec<Taken>>>,
    accepting: JoinHandle<()>,
}

impl Drop for GraphServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl GraphServer {
    /// A server that takes what is sent.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let taken: Arc<Mutex<Vec<Taken>>> = Arc::default();
        let for_all = Arc::clone(&taken);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let taken = Arc::clone(&for_all);
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    while serve(&mut stream, &taken).await.is_some() {}
                });
            }
        });
        Self { base, taken, accepting }
    }

    /// `http://127.0.0.1:port`
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What it took, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(stream: &mut BufReader<TcpStream>, taken: &Mutex<Vec<Taken>>) -> Option<()> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let mut headers: Vec<(String, String)> = Vec::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok().filter(|read| *read > 0)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let header = |name: &str| {
        headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    if !line.starts_with("POST /v1.0/me/sendMail ") {
        return refuse(stream, "404 Not Found", "ResourceNotFound", "").await;
    }
    let Some(bearer) = header("authorization").strip_prefix("Bearer ").map(str::to_owned) else {
        return refuse(stream, "401 Unauthorized", "InvalidAuthenticationToken", "").await;
    };
    let message =
        BASE64_STANDARD.decode(&body).ok().filter(|_| header("content-type") == "text/plain");
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
            stream.get_ref().set_zero_linger().ok()?;
            None
        }
        _ => {
            keep();
            answer(stream, "202 Accepted", "", &Value::Null).await
        }
    }
}

async fn refuse(
    stream: &mut BufReader<TcpStream>,
    status: &str,
    code: &str,
    extra: &str,
) -> Option<()> {
    let error = json!({"error": {"code": code, "message": "The server cannot do that."}});
    answer(stream, status, extra, &error).await
}

async fn answer(
    stream: &mut BufReader<TcpStream>,
    status: &str,
    extra: &str,
    body: &Value,
) -> Option<()> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{extra}\r\n{body}", body.len());
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.flush().await.ok()
}
