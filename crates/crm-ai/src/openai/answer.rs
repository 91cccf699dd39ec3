//! From an HTTP answer to pieces of a draft, or to the reason why there is none.

use std::time::Duration;

use async_openai::error::OpenAIError;
use futures::StreamExt as _;
use futures::stream::{self, Stream};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, StatusCode};

use super::wire::{Chunk, Trouble};
use crate::language_model::{ModelError, Piece, Pieces, Tokens};

/// Most bytes of an answer, and of an error.
const MOST: usize = 2_000_000;
const MOST_OF_AN_ERROR: usize = 64_000;
/// Most characters of a server's own words that are shown.
const WORDS: usize = 300;
/// Longest wait that is believed, in seconds.
const LONGEST_WAIT: u64 = 86_400;

/// Why no connection came about.
pub(super) fn unreachable(error: &reqwest::Error) -> ModelError {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    ModelError::Unreachable(plain(&cause.to_string()))
}

/// Lets an answer through that begins a stream, no more of it than it may be.
pub(super) async fn judge(answer: Response) -> Result<Response, ModelError> {
    let status = answer.status();
    if !status.is_success() {
        return Err(refusal(answer).await);
    }
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.trim_start().starts_with("text/event-stream")) {
        return Err(ModelError::Rubbish);
    }
    let mut left = MOST;
    let bounded = answer.bytes_stream().map(move |bytes| {
        let bytes = bytes.map_err(std::io::Error::other)?;
        left = left.checked_sub(bytes.len()).ok_or_else(|| std::io::Error::other("too much"))?;
        Ok::<_, std::io::Error>(bytes)
    });
    let mut whole = http::Response::new(reqwest::Body::wrap_stream(bounded));
    *whole.status_mut() = status;
    Ok(whole.into())
}

/// What a status that is no success means.
async fn refusal(answer: Response) -> ModelError {
    let status = answer.status();
    let wait = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let wait = wait.and_then(|text| text.trim().parse::<u64>().ok());
    let trouble = trouble(answer).await;
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ModelError::KeyRefused,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => ModelError::UnknownModel,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::PAYMENT_REQUIRED => {
            let spent = ["type", "code"]
                .iter()
                .any(|name| trouble.text(name).is_some_and(|word| word == "insufficient_quota"));
            if spent || status == StatusCode::PAYMENT_REQUIRED {
                ModelError::NoCredit
            } else {
                ModelError::Busy(wait.map(|seconds| seconds.min(LONGEST_WAIT)))
            }
        }
        // Loading its model, at llama.cpp.
        StatusCode::SERVICE_UNAVAILABLE => {
            ModelError::Busy(wait.map(|seconds| seconds.min(LONGEST_WAIT)))
        }
        status if status.is_client_error() => {
            let words = trouble.message().map_or_else(|| format!("status {status}"), plain);
            ModelError::Refused(words)
        }
        status if status.is_redirection() => {
            ModelError::Refused("it leads to another address; enter that one".to_owned())
        }
        status => ModelError::Faulty(status.as_u16()),
    }
}

async fn trouble(answer: Response) -> Trouble {
    let mut body = Vec::new();
    let mut bytes = answer.bytes_stream();
    while let Some(Ok(more)) = bytes.next().await {
        body.extend_from_slice(&more);
        if body.len() > MOST_OF_AN_ERROR {
            return Trouble::default();
        }
    }
    serde_json::from_slice(&body).unwrap_or_default()
}

/// A server's words, in one line of bounded length.
fn plain(text: &str) -> String {
    text.replace(char::is_control, " ").chars().take(WORDS).collect()
}

/// What has been seen of an answer.
struct Reading<S> {
    stream: S,
    silence: Duration,
    finish: Option<String>,
    /// A piece that came together with another one.
    waiting: Option<Piece>,
    over: bool,
}

/// The pieces of an answer. Each may take `silence`; the last one must say that it is.
pub(super) fn pieces(
    stream: impl Stream<Item = Result<Chunk, OpenAIError>> + Send + Unpin + 'static,
    silence: Duration,
) -> Pieces {
    let reading = Reading { stream, silence, finish: None, waiting: None, over: false };
    Box::pin(stream::unfold(reading, async |mut reading| {
        if reading.over {
            return None;
        }
        let next = reading.next().await.transpose()?;
        reading.over = next.is_err();
        Some((next, reading))
    }))
}

impl<S: Stream<Item = Result<Chunk, OpenAIError>> + Unpin> Reading<S> {
    async fn next(&mut self) -> Result<Option<Piece>, ModelError> {
        loop {
            if let Some(piece) = self.waiting.take() {
                return Ok(Some(piece));
            }
            let next = tokio::time::timeout(self.silence, self.stream.next()).await;
            let next = next.map_err(|_| ModelError::Stalled(self.silence.as_secs()))?;
            let Some(chunk) = next else { return self.end() };
            let chunk = chunk.map_err(|error| match error {
                OpenAIError::JSONDeserialize(..) => ModelError::Rubbish,
                _ => ModelError::CutOff,
            })?;
            if let Some(piece) = self.read(chunk)? {
                return Ok(Some(piece));
            }
        }
    }

    fn read(&mut self, chunk: Chunk) -> Result<Option<Piece>, ModelError> {
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            let trouble = Trouble { error };
            return Err(trouble
                .message()
                .map_or(ModelError::CutOff, |words| ModelError::Refused(plain(words))));
        }
        let mut text = None;
        if let Some(choice) = chunk.choices.into_iter().next() {
            if choice.delta.refusal.is_some_and(|words| !words.is_empty()) {
                return Err(ModelError::Declined);
            }
            self.finish = choice.finish_reason.or_else(|| self.finish.take());
            text = choice.delta.content.filter(|text| !text.is_empty());
        }
        let usage = chunk.usage.map(|usage| {
            Piece::Usage(Tokens {
                prompt: usage.prompt_tokens,
                completion: usage.completion_tokens,
            })
        });
        match text {
            None => Ok(usage),
            Some(text) => {
                self.waiting = usage;
                Ok(Some(Piece::Text(text)))
            }
        }
    }

    /// The stream has ended; whether the answer has is another matter.
    fn end(&mut self) -> Result<Option<Piece>, ModelError> {
        match self.finish.as_deref() {
            None => Err(ModelError::CutOff),
            Some("length") => Err(ModelError::TooLong),
            Some("content_filter") => Err(ModelError::Declined),
            Some(_) => Ok(None),
        }
    }
}
