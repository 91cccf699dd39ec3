//! Mailboxes people connect: consent at Google or Microsoft (OAuth 2.0 with PKCE), and the tokens that come of it.
//!
//! Tokens end after an hour and are renewed by whoever needs one first: one process at a time, by a lease in the row,
//! because a service may give out a new token for the next time that makes the old one worthless. A service that takes
//! ours no more is not asked again: the mailbox waits for a person to connect it anew.

mod access;
mod client;
mod grant;
mod identity;
mod mailbox;
mod service;

pub(crate) use access::Access;
pub(crate) use client::{NoTokens, Registration};
pub(crate) use grant::Grant;
pub(crate) use identity::account;
pub(crate) use mailbox::Dialect;
pub use mailbox::MailboxProvider;
pub(crate) use mailbox::words;
pub(crate) use service::Rights;
pub use service::{Places, Service};
