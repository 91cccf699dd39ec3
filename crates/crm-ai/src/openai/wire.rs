//! A chunk of a streamed chat completion, as little of it as we need: servers differ in the rest.

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub(super) struct Chunk {
    #[serde(default)]
    pub(super) choices: Vec<Choice>,
    #[serde(default)]
    pub(super) usage: Option<Usage>,
    /// What went wrong after the answer had begun.
    #[serde(default)]
    pub(super) error: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    pub(super) delta: Delta,
    #[serde(default)]
    pub(super) finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Delta {
    #[serde(default)]
    pub(super) content: Option<String>,
    #[serde(default)]
    pub(super) refusal: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Usage {
    #[serde(default)]
    pub(super) prompt_tokens: u64,
    #[serde(default)]
    pub(super) completion_tokens: u64,
}

/// The body of an error, in whichever shape.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Trouble {
    #[serde(default)]
    pub(super) error: Value,
}

impl Trouble {
    /// A text of it, at `error.<name>`, or `error` itself.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.error.get(name).and_then(Value::as_str)
    }

    /// What it says, for people.
    pub(super) fn message(&self) -> Option<&str> {
        self.text("message").or_else(|| self.error.as_str())
    }
}
