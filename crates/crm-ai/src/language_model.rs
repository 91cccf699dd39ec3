//! What a language model is to the rest of the program: something that is asked one question and answers piece by piece.

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde_json::Value;

/// A question, free of personal data.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Who the model is and what it must keep to.
    pub rules: String,
    /// What is wanted of it.
    pub wish: String,
    /// What its answer is called, for servers that want a name.
    pub name: &'static str,
    /// JSON schema of its answer.
    pub schema: Value,
    /// Most tokens of its answer.
    pub max_tokens: u32,
}

/// What a question and its answer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tokens {
    /// Tokens read.
    pub prompt: u64,
    /// Tokens written.
    pub completion: u64,
}

/// A piece of an answer. The stream ends where the answer is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// More of its text.
    Text(String),
    /// What it came to, where the server says so.
    Usage(Tokens),
}

/// An answer as it arrives. After an error nothing follows.
pub type Pieces = BoxStream<'static, Result<Piece, ModelError>>;

/// Why there is no answer, or no whole one. The text is for the person who asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The server does not take the key.
    #[error("the AI server refused the key; check it in the settings")]
    KeyRefused,
    /// Too many requests at once, or in a while.
    #[error("the AI server has too much to do{}", after(*.0))]
    Busy(Option<u64>),
    /// What was paid for is used up.
    #[error("the account at the AI server has no credit left")]
    NoCredit,
    /// No such model or address.
    #[error("the AI server knows no model of this name, or the address is not that of its API")]
    UnknownModel,
    /// The request is not to its liking; its own words.
    #[error("the AI server refused the request: {0}")]
    Refused(String),
    /// The connection could not be made.
    #[error("the AI server could not be reached: {0}")]
    Unreachable(String),
    /// Its address lies where connections may not go.
    #[error("{0} is on a private network; add it to OUTBOUND_ALLOW to let pi-crm connect to it")]
    Blocked(String),
    /// Nothing came for so many seconds.
    #[error(
        "the AI server sent nothing for {0} seconds; it may be loading its model, so try again"
    )]
    Stalled(u64),
    /// The answer was not whole after so many seconds.
    #[error(
        "the AI server was not done after {0} seconds; ask for a shorter text or take a faster model"
    )]
    TooSlow(u64),
    /// What came is no answer.
    #[error("the AI server sent something that is no draft; try again or take another model")]
    Rubbish,
    /// The connection ended in the middle.
    #[error("the AI server stopped in the middle of its answer; try again")]
    CutOff,
    /// The answer was longer than it may be.
    #[error("the answer became too long and was cut off; ask for a shorter text")]
    TooLong,
    /// The model does not want to.
    #[error("the model declined to write this; put the request in other words")]
    Declined,
    /// The server has a fault of its own; its status.
    #[error("the AI server has a fault (status {0}); try again later")]
    Faulty(u16),
}

/// When to come back, in words.
fn after(seconds: Option<u64>) -> String {
    match seconds {
        None => "; try again later".to_owned(),
        Some(0 | 1) => "; try again in a second".to_owned(),
        Some(seconds @ ..=90) => format!("; try again in {seconds} seconds"),
        Some(seconds @ ..=5_400) => format!("; try again in {} minutes", seconds.div_ceil(60)),
        Some(seconds) => format!("; try again in {} hours", seconds.div_ceil(3_600)),
    }
}

impl ModelError {
    /// Its word in the log of uses.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::KeyRefused => "key_refused",
            Self::Busy(_) => "busy",
            Self::NoCredit => "no_credit",
            Self::UnknownModel => "unknown_model",
            Self::Refused(_) => "refused",
            Self::Unreachable(_) => "unreachable",
            Self::Blocked(_) => "blocked",
            Self::Stalled(_) => "stalled",
            Self::TooSlow(_) => "too_slow",
            Self::Rubbish => "rubbish",
            Self::CutOff => "cut_off",
            Self::TooLong => "too_long",
            Self::Declined => "declined",
            Self::Faulty(_) => "faulty",
        }
    }

    /// Whether the server has read the question, so that tokens may have been used.
    pub const fn has_read(&self) -> bool {
        matches!(
            self,
            Self::Stalled(_)
                | Self::TooSlow(_)
                | Self::Rubbish
                | Self::CutOff
                | Self::TooLong
                | Self::Declined
        )
    }
}

/// A language model at some server.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// What the model is called.
    fn name(&self) -> &str;
    /// Exactly what is sent for a question.
    fn body(&self, question: &Question) -> Value;
    /// Where it is sent.
    fn address(&self) -> &str;
    /// Asks, and gives the answer as it arrives. Nothing is asked twice.
    ///
    /// # Errors
    /// [`ModelError`] where the server takes no question.
    async fn ask(&self, question: &Question) -> Result<Pieces, ModelError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_to_come_back_is_said_in_words() {
        let said = |seconds| ModelError::Busy(seconds).to_string();
        assert!(said(None).ends_with("; try again later"));
        assert!(said(Some(20)).ends_with("in 20 seconds"));
        assert!(said(Some(600)).ends_with("in 10 minutes"));
        assert!(said(Some(7_000)).ends_with("in 2 hours"));
    }
}
