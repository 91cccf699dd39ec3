//! Asking a model for an answer nobody watches being written: under the same limits of time and of the month, and written
//! down in the same place, as drafts.

use crm_core::Scope;
use futures::StreamExt as _;

use super::settings::{Resolved, resolve};
use super::usage::{self, End};
use super::{Result, SeaDrafts};
use crate::language_model::{LanguageModel as _, ModelError, Piece, Question, Tokens};
use crate::openai::OpenAi;

/// Most characters of an answer.
const LONGEST: usize = 40_000;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whole {
    /// What the model wrote.
    pub(crate) text: String,
    /// Which model.
    pub(crate) model: String,
    /// Whether it was cut off at the limit of tokens.
    pub(crate) is_cut: bool,
}

/// Asks `question` and waits for the whole answer.
///
/// # Errors
/// What is missing for it, what the month has no room for, or what went wrong at the model.
pub(crate) async fn whole(
    on: &SeaDrafts,
    scope: &Scope,
    purpose: &'static str,
    question: &Question,
) -> Result<Whole> {
    let resolved = resolve(on, scope).await?;
    resolved.ready()?;
    let Resolved { settings, endpoint } = resolved;
    let model = OpenAi::new(endpoint, on.limits);
    let prompt = usage::estimate(&question.rules)
        + usage::estimate(&question.wish)
        + usage::estimate(&question.schema.to_string());
    let most = Tokens { prompt, completion: u64::from(question.max_tokens) };
    let name = model.name().to_owned();
    let id = usage::begin(on, scope, purpose, &name, most, settings.monthly_tokens).await?;
    let (mut text, mut tokens) = (String::new(), None);
    let reading = read(&model, question, &mut text, &mut tokens);
    let limit = on.limits.whole;
    let read = tokio::time::timeout(limit, reading).await;
    let read = read.unwrap_or(Err(ModelError::TooSlow(limit.as_secs())));
    let (outcome, has_read) = match &read {
        Ok(()) => ("done", true),
        Err(error) => (error.as_str(), error.has_read() || !text.is_empty()),
    };
    let guess = Tokens { prompt, completion: usage::estimate(&text) };
    let end = match tokens {
        Some(tokens) => End { outcome, tokens, is_estimate: false },
        None if has_read => End { outcome, tokens: guess, is_estimate: true },
        None => End { outcome, tokens: Tokens::default(), is_estimate: false },
    };
    if let Err(error) = usage::end(on, scope, id, &end).await {
        tracing::error!(%error, "what an answer cost could not be written down");
    }
    match read {
        Ok(()) => Ok(Whole { text, model: name, is_cut: false }),
        // As much as there is: whoever asked knows whether a part is of use.
        Err(ModelError::TooLong) if !text.is_empty() => {
            Ok(Whole { text, model: name, is_cut: true })
        }
        Err(error) => Err(error.into()),
    }
}

async fn read(
    model: &OpenAi,
    question: &Question,
    text: &mut String,
    tokens: &mut Option<Tokens>,
) -> std::result::Result<(), ModelError> {
    let mut pieces = model.ask(question).await?;
    while let Some(piece) = pieces.next().await {
        match piece? {
            Piece::Usage(used) => *tokens = Some(used),
            Piece::Text(more) => {
                text.push_str(&more);
                if text.chars().count() > LONGEST {
                    return Err(ModelError::TooLong);
                }
            }
        }
    }
    Ok(())
}
