//! Drafts of templates: what is asked of a model, what comes of it, and what it costs.

mod ask;
mod partial;
mod people;
mod prepare;
mod price;
mod sea;
mod settings;
mod usage;
mod whole;

use async_trait::async_trait;
use crm_contacts::ContactsError;
use crm_core::{AiUsageId, ContactId, Scope, StoreError, Timestamp, UserId};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

pub(crate) use people::named_in;
pub use price::{NoPrice, Price, cost};
pub use sea::{Environment, SeaDrafts};
pub use settings::{DEFAULT_MODEL, DEFAULT_MONTHLY_TOKENS};
pub(crate) use whole::whole;

use crate::language_model::{ModelError, Tokens};

/// Most characters of what is asked for.
pub const LONGEST_GOAL: usize = 4_000;
/// Most characters of a tone or a language.
pub const LONGEST_WORD: usize = 60;

/// What kind of message it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DraftChannel)]
pub enum Channel {
    /// An e-mail: subject, preview line and body.
    #[default]
    Email,
    /// A text message: a few words and no markup.
    Text,
}

/// How long a text should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DraftLength)]
pub enum Length {
    /// A few lines; of a text message one part.
    Short,
    /// A few paragraphs; of a text message two parts.
    #[default]
    Medium,
    /// A page; of a text message three parts.
    Long,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brief {
    /// What kind of message it is for.
    pub channel: Channel,
    /// What the message is for, in the person's own words.
    pub goal: String,
    /// Its tone, in a word or two; empty leaves it to the model.
    pub tone: String,
    /// How long it should be.
    pub length: Length,
    /// The language it should be in; empty takes that of `goal`.
    pub language: String,
    /// Variables it may use, such as `contact.first_name`.
    pub facts: Vec<String>,
    /// Whom it is for: what is known of them does not leave, and their timeline keeps the draft.
    pub contact_id: Option<ContactId>,
}

/// A variable a draft may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = DraftFact)]
pub struct Usable {
    /// As templates write it: `contact.first_name`.
    pub variable: String,
    /// What it is.
    pub meaning: String,
}

/// A proposal; while it arrives, as much of it as there is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
#[schema(as = MessageDraft)]
pub struct Draft {
    /// Subject, with placeholders of templates; empty for a text message, as are the two that follow.
    pub subject: String,
    /// The line mail programs show beside the subject.
    pub preheader: String,
    /// HTML body.
    pub body_html: String,
    /// The same as text; the whole of a text message.
    pub body_text: String,
}

/// A whole proposal and what it cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The proposal.
    pub draft: Draft,
    /// Which model wrote it.
    pub model: String,
    /// How many tokens it took.
    pub tokens: Tokens,
}

/// What happens while a draft is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// There is more of it.
    More(Draft),
    /// It is whole. Nothing follows.
    Done(Box<Finished>),
    /// There will be none. Nothing follows.
    Failed(ModelError),
}

/// A draft that is being written. Dropping it stops the model.
pub struct Drafting {
    events: mpsc::Receiver<Event>,
}

impl Drafting {
    /// The next thing that happens; `None` after the last one.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// [`DraftsError::Model`].
    pub async fn whole(mut self) -> Result<Finished> {
        while let Some(event) = self.next().await {
            match event {
                Event::More(_) => {}
                Event::Done(finished) => return Ok(*finished),
                Event::Failed(error) => return Err(error.into()),
            }
        }
        Err(ModelError::CutOff.into())
    }
}

/// Exactly what leaves for a model, and where to.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// The address of the server.
    pub address: String,
    /// The body of the request.
    pub body: serde_json::Value,
}

/// Why there are no drafts in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReady {
    /// Switched off.
    Off,
    /// The server wants a key and there is none.
    NoKey,
}

/// The settings of a workspace, without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AiSettings {
    /// Whether drafts are on.
    pub is_enabled: bool,
    /// An address of its own; `None` is the server's default.
    pub base_url: Option<String>,
    /// A model of its own; `None` is the server's default.
    pub model: Option<String>,
    /// Whether a key of its own is stored.
    pub has_key: bool,
    /// Most tokens in a calendar month (UTC); 0 is no limit.
    pub monthly_tokens: u64,
    /// What a million tokens cost to be read; `None` is unknown.
    pub price_read: Option<Price>,
    /// What a million tokens cost to be written; `None` is unknown.
    pub price_written: Option<Price>,
    /// Counts changes; the `ETag`.
    pub version: i64,
    /// The address that counts.
    pub address: String,
    /// The model that counts.
    pub effective_model: String,
    /// What is missing for drafts.
    pub not_ready: Option<NotReady>,
}

/// What becomes of the stored key.
#[derive(Debug, Clone, Default)]
pub enum KeyChange {
    /// It stays.
    #[default]
    Keep,
    /// It goes.
    Clear,
    /// Another one takes its place.
    Set(SecretString),
}

/// Settings to be stored.
#[derive(Debug, Clone, Default)]
pub struct NewAiSettings {
    /// Whether drafts are on.
    pub is_enabled: bool,
    /// An address of its own; empty is the server's default.
    pub base_url: String,
    /// A model of its own; empty is the server's default.
    pub model: String,
    /// What becomes of the key.
    pub key: KeyChange,
    /// Most tokens in a calendar month (UTC); 0 is no limit.
    pub monthly_tokens: u64,
    /// What a million tokens cost to be read; `None` is unknown.
    pub price_read: Option<Price>,
    /// What a million tokens cost to be written; `None` is unknown.
    pub price_written: Option<Price>,
}

/// What was used this month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Since when.
    pub since: Timestamp,
    /// Tokens used.
    pub tokens: u64,
    /// Those of them that were read.
    pub read: u64,
    /// Those of them that were written.
    pub written: u64,
    /// Uses.
    pub uses: u64,
    /// The last uses, newest first.
    pub last: Vec<Use>,
}

/// One use of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Its id.
    pub id: AiUsageId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub user_id: Option<UserId>,
    /// What for: `template_draft`, `insights` or `timeline_summary`.
    pub purpose: String,
    /// Which model.
    pub model: String,
    /// `running`, `done`, `stopped`, or why there was no answer.
    pub outcome: String,
    /// How many tokens.
    pub tokens: Tokens,
    /// Whether the server did not say how many.
    pub is_estimate: bool,
}

/// Why there is no draft, or no setting.
#[derive(Debug, thiserror::Error)]
pub enum DraftsError {
    /// Drafts are switched off.
    #[error("AI drafts are switched off in this workspace")]
    Off,
    /// The server wants a key and there is none.
    #[error("no key for the AI server is set")]
    NoKey,
    /// The tokens of the month are used up.
    #[error(
        "the AI drafts of this month are used up: {used} of {cap} tokens; there are new ones on the first of the month"
    )]
    CapReached {
        /// Tokens used.
        used: u64,
        /// Tokens there may be.
        cap: u64,
    },
    /// The goal is empty or too long.
    #[error("say in 1 to 4,000 characters what the message is for")]
    InvalidGoal,
    /// A tone or language is too long or has line breaks; the field is named.
    #[error("enter a word or two, up to 60 characters")]
    InvalidWord(&'static str),
    /// A fact nobody knows.
    #[error("unknown variable {0}")]
    UnknownFact(String),
    /// The contact is not in this workspace.
    #[error("there is no such contact")]
    UnknownContact,
    /// A setting is wrong.
    #[error("{problem}")]
    InvalidSetting {
        /// Which one.
        field: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The address lies on a private network that `OUTBOUND_ALLOW` does not name.
    #[error("{0} is on a private network; add it to OUTBOUND_ALLOW to let pi-crm connect to it")]
    OutboundBlocked(String),
    /// The settings were changed meanwhile.
    #[error("the settings were changed by somebody else in the meantime")]
    Stale,
    /// The model gave no answer.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The stored key does not open.
    #[error(transparent)]
    Unsealable(#[from] crm_core::sealed::Unsealable),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ContactsError> for DraftsError {
    fn from(err: ContactsError) -> Self {
        // Reading a contact has no other outcome than a failing database.
        Self::Store(match err {
            ContactsError::Store(err) => err,
            other => StoreError::Corrupt(other.to_string()),
        })
    }
}

/// Result of an operation of drafts.
pub type Result<T> = std::result::Result<T, DraftsError>;

/// The drafts of one workspace.
#[async_trait]
pub trait Drafts: Send + Sync {
    /// The settings.
    async fn settings(&self, scope: &Scope) -> Result<AiSettings>;
    /// The address that counts for workspaces without one of their own.
    fn default_address(&self) -> String;
    /// Changes the settings. `seen` is the version the caller saw; another one is [`DraftsError::Stale`].
    async fn change_settings(
        &self,
        scope: &Scope,
        seen: Option<i64>,
        change: NewAiSettings,
    ) -> Result<AiSettings>;
    /// What was used this month.
    async fn usage(&self, scope: &Scope) -> Result<Usage>;
    /// The variables a draft may use.
    async fn facts(&self, scope: &Scope) -> Result<Vec<Usable>>;
    /// What would leave for the model, without sending it.
    async fn look(&self, scope: &Scope, brief: Brief) -> Result<Sent>;
    /// Begins a draft.
    async fn start(&self, scope: &Scope, brief: Brief) -> Result<Drafting>;
}
