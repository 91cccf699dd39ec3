//! Providers: the ways out, and the mailbox that is read. A trait for everything that can take an e-mail, one for text messages, one service that keeps the connected
//! providers of a workspace and the budget each may send.

pub mod budget;
pub mod carrier;
pub mod delivery;
pub mod dkim;
pub mod domain;
pub mod email;
pub(crate) mod entity;
pub(crate) mod gmail;
pub(crate) mod hex;
pub(crate) mod http;
pub mod imap;
pub mod mailgun;
pub(crate) mod mime;
pub mod oauth;
pub(crate) mod outlook;
pub mod polling;
pub mod practice;
pub mod providers;
pub mod sms;
pub mod smtp;
pub mod spending;
pub mod text;
pub mod twilio;

pub use carrier::{Carrier, Outgoing};
pub use crm_core::outbound;
pub use delivery::{Delivery, Refusal, Told};
pub use email::{EmailProvider, Outcome, OutgoingEmail};
pub use outbound::OutboundPolicy;
pub use practice::{PracticeOutbox, PracticeSeed, SeaPracticeOutbox};
pub use providers::{Provider, ProviderKind, Providers, ProvidersError, SeaProviders, State};
pub use text::{OutgoingText, TextProvider};
