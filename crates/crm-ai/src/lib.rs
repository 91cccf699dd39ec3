//! Language models: drafts of messages from a prompt, and what stands out in a workspace. What leaves for a model holds no personal data, what comes back is
//! a proposal for a person to take or leave, and everything else works without any of it.

pub mod drafts;
pub(crate) mod entity;
mod figures_check;
pub mod insights;
pub mod language_model;
pub mod openai;
pub mod prompts;
pub mod redact;
pub mod summaries;

pub use drafts::{Drafts, DraftsError, SeaDrafts};
pub use insights::{Insights, InsightsError, SeaInsights};
pub use language_model::{LanguageModel, ModelError};
pub use summaries::{SeaSummaries, Summaries};
