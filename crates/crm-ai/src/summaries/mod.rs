//! What has happened with one contact, in a few sentences, when somebody asks for it. Rules always say what the figures of
//! the timeline say; a model adds what the entries are about, where there is one. Nothing of it is stored.
//!
//! As with insights, nothing personal leaves, and a sentence of a model is kept only if every number in it stands in the
//! entries it names.

mod entries;
mod read;
mod rules;
mod sea;

use async_trait::async_trait;
use crm_contacts::{ContactsError, timeline::TimelineError};
use crm_core::{ContactId, LogId, Scope, StoreError};

pub use sea::SeaSummaries;

use crate::insights::Figure;

/// A sentence about a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// What it says.
    pub text: String,
    /// The entries it is about, newest first.
    pub entries: Vec<LogId>,
}

/// A summary of one timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// What the figures say, by rule.
    pub by_rule: Vec<Sentence>,
    /// What the entries are about, in a model's words; empty without one.
    pub by_model: Vec<Sentence>,
    /// The figures behind it.
    pub figures: Vec<Figure>,
    /// How many entries were read.
    pub entries: usize,
    /// Whether there are older ones, which were not.
    pub has_older: bool,
    /// The model that was asked and answered.
    pub model: Option<String>,
    /// Sentences of the model that did not hold.
    pub refused: u64,
    /// Why there is nothing by a model, in words, where that is no wish of the workspace's.
    pub trouble: Option<String>,
}

/// Why there is no summary.
#[derive(Debug, thiserror::Error)]
pub enum SummaryError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ContactsError> for SummaryError {
    fn from(error: ContactsError) -> Self {
        Self::Store(match error {
            ContactsError::Store(error) => error,
            other => StoreError::Corrupt(other.to_string()),
        })
    }
}

impl From<TimelineError> for SummaryError {
    fn from(error: TimelineError) -> Self {
        Self::Store(match error {
            TimelineError::Store(error) => error,
            other => StoreError::Corrupt(other.to_string()),
        })
    }
}

/// Summaries of the timelines of one workspace.
#[async_trait]
pub trait Summaries: Send + Sync {
    /// What has happened with a contact; `None` where there is no such contact.
    ///
    /// # Errors
    /// Where the database fails. A model that gives no answer is no error here: the summary says so.
    async fn of(&self, scope: &Scope, id: ContactId) -> Result<Option<Summary>, SummaryError>;
}
