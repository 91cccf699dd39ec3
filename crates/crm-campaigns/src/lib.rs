//! Templates, campaigns, and the engine that sends them.

mod address;
pub mod campaigns;
pub mod consents;
pub mod engine;
pub(crate) mod entity;
pub mod inbound;
pub mod jobs;
pub mod mailbox;
pub mod messages;
pub mod quiet;
pub mod suppressions;
pub mod templates;
pub mod tracking;

pub use address::Address;
pub use campaigns::{Campaign, Campaigns, CampaignsError};
pub use consents::{Consents, ConsentsError, SeaConsents};
pub use engine::{Engine, EngineError};
pub use inbound::{Inbound, InboundError, SeaInbound};
pub use mailbox::{IncomingMail, MailboxError};
pub use messages::{Messages, MessagesError};
pub use suppressions::{Suppressions, SuppressionsError};
pub use templates::{Template, Templates, TemplatesError};
