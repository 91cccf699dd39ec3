//! Templates, campaigns, and the engine that sends them.

pub mod campaigns;
pub mod engine;
pub(crate) mod entity;
pub mod jobs;
pub mod messages;
pub mod suppressions;
pub mod templates;
pub mod tracking;

pub use campaigns::{Campaign, Campaigns, CampaignsError};
pub use engine::{Engine, EngineError};
pub use messages::{Messages, MessagesError};
pub use suppressions::{Suppressions, SuppressionsError};
pub use templates::{Template, Templates, TemplatesError};
