//! Templates, campaigns, and the engine that sends them.

pub mod campaigns;
pub mod engine;
pub(crate) mod entity;
pub mod jobs;
pub mod suppressions;
pub mod templates;

pub use campaigns::{Campaign, Campaigns, CampaignsError};
pub use engine::{Engine, EngineError};
pub use templates::{Template, Templates, TemplatesError};
