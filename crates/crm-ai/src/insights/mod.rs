//! What stands out in a workspace: its figures, counted without personal data, become findings, each with the figures it
//! rests on and a link to the list behind them. Rules find them always; a model, where there is one, says them in other
//! words and may add to them, and what it says is held against the same figures.

mod ask;
mod figures;
mod prompt;
mod reports;
mod rules;
mod run;
mod sea;
mod sheet;
mod store;
mod weekly;

use async_trait::async_trait;
use crm_core::{
    CampaignId, InsightId, ListId, Page, PageRequest, ProviderId, Scope, StoreError, Timestamp,
    WorkspaceId,
};
use serde::{Deserialize, Serialize};

pub use reports::{Bar, Period, Question, Report};
pub use sea::SeaInsights;

use crate::drafts::DraftsError;

/// Writes enums that are words in the database and in the API.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$inner])* $variant),+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// From its word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    };
}
use words;

words! {
    /// What kind of finding it is.
    Kind {
        /// More or fewer contacts come in.
        Growth = "growth",
        /// People stay in a stage.
        StageStalls = "stage_stalls",
        /// The people of a tag answered before, and do no more.
        ListStoppedReplying = "list_stopped_replying",
        /// Messages of a provider do not arrive.
        SenderFailing = "sender_failing",
        /// Nobody heard of people in open stages for a while.
        GoneQuiet = "gone_quiet",
        /// What a campaign brought.
        CampaignResult = "campaign_result",
        /// What was done about contacts.
        Activity = "activity",
        /// What should have been done.
        OverdueTasks = "overdue_tasks",
    }
}

words! {
    /// What somebody thinks of a finding.
    Rating {
        /// It helped.
        Useful = "useful",
        /// It did not.
        Useless = "useless",
    }
}

words! {
    /// What became of asking the model.
    ModelPart {
        /// AI is switched off, or has no key.
        Off = "off",
        /// There was nothing to ask about.
        Nothing = "nothing",
        /// It has been asked.
        Asking = "asking",
        /// It has answered.
        Answered = "answered",
        /// The tokens of the month are used up.
        CapReached = "cap_reached",
        /// There was no answer, or none that could be read.
        Failed = "failed",
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The workspace as a whole.
    Workspace,
    /// A stage.
    Stage(ListId),
    /// A tag.
    List(ListId),
    /// A provider.
    Sender(ProviderId),
    /// A campaign.
    Campaign(CampaignId),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Workspace => f.write_str("workspace"),
            Self::Stage(id) => write!(f, "stage:{id}"),
            Self::List(id) => write!(f, "list:{id}"),
            Self::Sender(id) => write!(f, "provider:{id}"),
            Self::Campaign(id) => write!(f, "campaign:{id}"),
        }
    }
}

/// One number a finding rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = InsightFigure)]
pub struct Figure {
    /// Its name: `median_days`.
    pub name: String,
    /// What it counts, in words.
    pub label: String,
    /// Its value, with at most one decimal.
    pub value: f64,
    /// What it is counted in: `people`, `days`, `%`.
    pub unit: String,
}

/// Something found, not stored yet.
#[derive(Debug, Clone, PartialEq)]
struct Finding {
    kind: Kind,
    subject: Subject,
    text: String,
    confidence: f64,
    evidence: Vec<Figure>,
    url: String,
}

/// A finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Insight {
    /// Its id.
    pub id: InsightId,
    /// What kind it is.
    pub kind: Kind,
    /// `workspace`, or `stage:`, `list:`, `provider:`, `campaign:` and an id.
    pub subject: String,
    /// One sentence.
    pub content: String,
    /// How sure it is, from 0 to 1.
    pub confidence: f64,
    /// The figures it rests on; every number of `content` is among them.
    pub evidence: Vec<Figure>,
    /// Where the list behind them is, on this server.
    pub url: String,
    /// The model that phrased it; `None` where the rules did.
    pub model: Option<String>,
    /// When it was found.
    pub created_at: Timestamp,
    /// When somebody put it away.
    pub dismissed_at: Option<Timestamp>,
    /// What somebody thinks of it.
    pub rating: Option<Rating>,
}

/// The last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// Whether it was that of the week, and not asked for.
    pub is_weekly: bool,
    /// What became of asking the model.
    pub model: ModelPart,
    /// How many of its sentences were thrown away.
    pub refused: u64,
}

/// A look that has been taken.
#[derive(Debug)]
pub struct Analysis {
    /// What stands out now.
    pub insights: Vec<Insight>,
    /// What becomes of asking the model.
    pub model: ModelPart,
    /// The model at work, where it was asked.
    asking: Option<tokio::task::JoinHandle<()>>,
}

impl Analysis {
    /// Waits until the model is done, but not for longer than `limit`. It goes on where nobody waits for it.
    pub async fn wait(&mut self, limit: std::time::Duration) {
        if let Some(asking) = &mut self.asking
            && tokio::time::timeout(limit, asking).await.is_ok()
        {
            self.asking = None;
        }
    }
}

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum InsightsError {
    /// There is no such finding here.
    #[error("there is no such finding")]
    Unknown,
    /// The cursor is none of these.
    #[error("this place in the list does not exist any more")]
    InvalidCursor,
    /// The settings of AI could not be read.
    #[error(transparent)]
    Drafts(#[from] DraftsError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of an operation of insights.
pub type Result<T> = std::result::Result<T, InsightsError>;

/// What stands out in workspaces.
#[async_trait]
pub trait Insights: Send + Sync {
    /// What stands out now, the surest first; with `put_away` what was put away, the newest first.
    async fn list(&self, scope: &Scope, put_away: bool, page: PageRequest)
    -> Result<Page<Insight>>;
    /// The last look that was taken; `None` before the first.
    async fn last_look(&self, scope: &Scope) -> Result<Option<Look>>;
    /// Looks now. What the rules find is stored when this returns; a model is asked meanwhile.
    async fn analyze(&self, scope: &Scope) -> Result<Analysis>;
    /// The same look as it stands now: a model may have said something meanwhile.
    async fn after(&self, scope: &Scope, looked: Analysis) -> Result<Analysis>;
    /// Puts a finding away: it does not come back for thirty days.
    async fn dismiss(&self, scope: &Scope, id: InsightId) -> Result<Insight>;
    /// Notes what somebody thinks of a finding; `None` takes it back.
    async fn rate(&self, scope: &Scope, id: InsightId, rating: Option<Rating>) -> Result<Insight>;
    /// The answer to a question, for a period that ends now in the time zone given.
    async fn report(
        &self,
        scope: &Scope,
        question: Question,
        period: Period,
        zone: &str,
    ) -> Result<Report>;
    /// The workspaces that have not been looked at this week.
    async fn due(&self) -> Result<Vec<WorkspaceId>>;
    /// Takes this week's look at a workspace, model included. False where somebody else has taken it.
    async fn weekly(&self, workspace: WorkspaceId) -> Result<bool>;
}

/// Text for the query of an address.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(|half| {
                char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase()
            }));
        }
    }
    out
}
