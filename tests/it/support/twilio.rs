//! A server with the part of Twilio's API that text messages go through, on loopback: real HTTP, and each kind of trouble.
//!
//! It follows Twilio's `OpenAPI` document of 2026-04, `twilio_api_v2010`: `POST` and `GET
//! /2010-04-01/Accounts/{Sid}/Messages.json` with basic sign-in and a form; errors as `{code, message, more_info, status}`.
//! What befalls a message is told by the last two digits of the number it is to:
//!
//! ```text
//! 01  400, 21211: no valid number        05  taken, answered by a gateway's page with 502
//! 02  429 with Retry-After: 120          06  400, 21610: the recipient said STOP
//! 03  500 and a page, not taken          07  read to its end, not taken, and the connection reset
//! 04  taken, and the connection reset    08  503
//! ```

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::http::{Head, Listening, Stream, answer, bytes, reset};
use super::signing::python;

/// The account it knows.
pub const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
/// Its token.
pub const TOKEN: &str = "fedcba9876543210fedcba9876543210";
/// Both, as basic sign-in writes them.
const SIGN_IN: &str = "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjpmZWRjYmE5ODc2NTQzMjEwZmVkY2JhOTg3NjU0MzIxMA==";

/// A message it took: the fields of its form.
pub type Taken = Vec<(String, String)>;

/// A running server. It stops with this value.
pub struct TwilioServer {
    listening: Listening,
    taken: Arc<Mutex<Vec<Taken>>>,
    listed: Arc<Mutex<Listed>>,
}

/// What its list says of messages beyond that it took them.
#[derive(Default)]
struct Listed {
    /// What became of the message to a number: its status and the number of what went wrong.
    became: HashMap<String, (String, Option<u32>)>,
    /// Messages that came in.
    received: Vec<Value>,
    /// Every request: its line and its form.
    asked: Vec<(String, Taken)>,
}

/// A field of a form, or nothing.
pub fn field<'a>(form: &'a [(String, String)], name: &str) -> &'a str {
    form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}

impl TwilioServer {
    /// A server that says of every message that it was made at this time (RFC 2822).
    pub async fn start(now: &str) -> Self {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let listed = Arc::new(Mutex::new(Listed::default()));
        let (for_all, now) = ((Arc::clone(&taken), Arc::clone(&listed)), now.to_owned());
        let listening = Listening::start(move |mut stream| {
            let ((taken, listed), now) = (for_all.clone(), now.clone());
            async move { while serve(&mut stream, (&taken, &listed), &now).await.is_some() {} }
        });
        Self { listening: listening.await, taken, listed }
    }

    /// `http://127.0.0.1:port`
    pub fn base(&self) -> &str {
        self.listening.base()
    }

    /// Every message it took, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn listed(&self) -> std::sync::MutexGuard<'_, Listed> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every request it let in: its line and its form.
    pub fn asked(&self) -> Vec<(String, Taken)> {
        self.listed().asked.clone()
    }

    /// Says from now on that this became of the message to a number.
    pub fn became(&self, to: &str, status: &str, error: Option<u32>) {
        self.listed().became.insert(to.to_owned(), (status.to_owned(), error));
    }

    /// Says from now on that this came in, as message number `number`.
    pub fn receive(&self, number: usize, (from, to): (&str, &str), body: &str, now: &str) {
        let message = json!({
            "sid": format!("SM{number:032x}"), "from": from, "to": to, "body": body, "status": "received",
            "direction": "inbound", "date_created": now, "date_sent": now, "error_code": null,
            "messaging_service_sid": null,
        });
        self.listed().received.push(message);
    }

    /// Who got something, sorted, doubled where doubled.
    pub fn recipients(&self) -> Vec<String> {
        let mut all: Vec<String> =
            self.taken().iter().map(|form| field(form, "To").to_owned()).collect();
        all.sort();
        all
    }
}

/// One request and its answer; `None` where the connection is over.
async fn serve(
    stream: &mut Stream,
    (taken, listed): (&Mutex<Vec<Taken>>, &Mutex<Listed>),
    now: &str,
) -> Option<()> {
    let head = Head::read(stream).await?;
    let body = bytes(stream, head.length()).await?;
    if head.header("authorization") != SIGN_IN {
        return refuse(stream, "401 Unauthorized", 20_003, "Authenticate").await;
    }
    let mut words = head.line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let form = |text: &[u8]| -> Taken { url::form_urlencoded::parse(text).into_owned().collect() };
    if path != format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json") {
        return refuse(stream, "404 Not Found", 20_404, "The requested resource was not found")
            .await;
    }
    let asked = (head.line.clone(), form(&body));
    listed.lock().unwrap_or_else(PoisonError::into_inner).asked.push(asked);
    let lock = || taken.lock().unwrap_or_else(PoisonError::into_inner);
    if method == "GET" {
        let query = form(query.as_bytes());
        if field(&query, "To").is_empty() {
            let list = page(&lock(), listed, &query, (path, now));
            return answer(stream, "200 OK", "", &list.to_string()).await;
        }
        let messages: Vec<Value> = lock()
            .iter()
            .zip(1..)
            .filter(|(message, _)| field(message, "To") == field(&query, "To"))
            .map(|(message, number)| told(message, number, now))
            .collect();
        let list = json!({"messages": messages, "page": 0, "next_page_uri": null});
        return answer(stream, "200 OK", "", &list.to_string()).await;
    }
    take(stream, form(&body), taken, now).await
}

/// A page of two of all messages, as Twilio leads from one to the next.
fn page(
    taken: &[Taken],
    listed: &Mutex<Listed>,
    query: &Taken,
    (path, now): (&str, &str),
) -> Value {
    let listed = listed.lock().unwrap_or_else(PoisonError::into_inner);
    let ours = taken.iter().zip(1..).map(|(message, number)| {
        let mut told = told(message, number, now);
        if let Some((status, error)) = listed.became.get(field(message, "To")) {
            told["status"] = json!(status);
            told["error_code"] = json!(error);
        }
        told
    });
    let all: Vec<Value> = ours.chain(listed.received.iter().cloned()).collect();
    let number: usize = field(query, "Page").parse().unwrap_or(0);
    let messages: Vec<&Value> = all.iter().skip(number * 2).take(2).collect();
    let is_last = all.len() <= (number + 1) * 2;
    let next = (!is_last).then(|| format!("{path}?PageSize=2&Page={}&PageToken=PASM1", number + 1));
    json!({"messages": messages, "page": number, "next_page_uri": next})
}

fn told(message: &Taken, number: usize, now: &str) -> Value {
    json!({
        "sid": format!("SM{number:032}"), "to": field(message, "To"), "from": field(message, "From"),
        "body": field(message, "Body"), "status": "queued", "direction": "outbound-api",
        "date_created": now, "date_sent": null, "error_code": null, "price": null,
    })
}

async fn take(
    stream: &mut Stream,
    form: Taken,
    taken: &Mutex<Vec<Taken>>,
    now: &str,
) -> Option<()> {
    let to = field(&form, "To").to_owned();
    if field(&form, "Body").is_empty() {
        return refuse(stream, "400 Bad Request", 21_602, "Message body is required").await;
    }
    if field(&form, "From").is_empty() == field(&form, "MessagingServiceSid").is_empty() {
        return refuse(stream, "400 Bad Request", 21_603, "A 'From' phone number is required")
            .await;
    }
    let keep = || {
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.push(form.clone());
        taken.len()
    };
    match &to[to.len().saturating_sub(2)..] {
        "01" => refuse(stream, "400 Bad Request", 21_211, "Invalid 'To' Phone Number").await,
        "02" => {
            let body = json!({"code": 20_429, "message": "Too Many Requests", "status": 429});
            answer(stream, "429 Too Many Requests", "retry-after: 120\r\n", &body.to_string()).await
        }
        "03" => answer(stream, "500 Internal Server Error", "", "<html>").await,
        "04" => {
            keep();
            reset(stream)
        }
        "05" => {
            keep();
            answer(stream, "502 Bad Gateway", "", "<html>").await
        }
        "06" => {
            refuse(stream, "400 Bad Request", 21_610, "Attempt to send to unsubscribed recipient")
                .await
        }
        "07" => reset(stream),
        "08" => answer(stream, "503 Service Unavailable", "", "").await,
        _ => {
            let number = keep();
            answer(stream, "201 Created", "", &told(&form, number, now).to_string()).await
        }
    }
}

async fn refuse(stream: &mut Stream, status: &str, code: u32, said: &str) -> Option<()> {
    let number: u32 = status.split(' ').next()?.parse().ok()?;
    let body = json!({
        "code": code, "message": said, "status": number,
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
    });
    answer(stream, status, "", &body.to_string()).await
}

/// The fields of a form.
pub type Fields<'a> = &'a [(&'a str, &'a str)];

/// What Twilio would sign a form to `url` with, by its own library.
///
/// # Panics
/// When that is not installed.
pub fn sign(token: &str, url: &str, fields: Fields<'_>) -> String {
    python("twilio_sign.py", &json!({"token": token, "url": url, "fields": fields}))
}

/// The same with HMAC-SHA256, as where a webhook rule names a shared key.
///
/// # Panics
/// When Python does not run.
pub fn sign_sha256(key: &str, url: &str, fields: Fields<'_>) -> String {
    let call = json!({"token": key, "url": url, "fields": fields, "sha256": true});
    python("twilio_sign.py", &call)
}

/// What a body hashes to, in hexadecimal, by Python's own library.
///
/// # Panics
/// When Python does not run.
pub fn sha256(body: &str) -> String {
    python("sha256.py", &json!({"text": body}))
}
