//! IMAP (RFC 3501) by `async-imap`: a folder of a mailbox, opened for reading alone. Nothing in it is changed, so that
//! people may go on using it.
//!
//! The server is not trusted: each answer has its time and its number of bytes.

mod connect;
mod failure;
mod folder;
mod server;
mod validate;
mod wire;

use secrecy::SecretString;

use crate::outbound::OutboundPolicy;
use crate::smtp::Trust;

pub use failure::ImapFailure;
pub use folder::{Folder, RawMail};
pub use server::ImapServer;
pub use validate::{BadPlace, ImapPlace};

/// A folder of a mailbox, and how to get in.
#[derive(Clone)]
pub struct ImapAccount {
    /// Where it is.
    pub place: ImapPlace,
    /// What lets us in.
    pub login: Login,
}

/// What lets us into a mailbox.
#[derive(Debug, Clone)]
pub enum Login {
    /// The password of its user name.
    Password(SecretString),
    /// A token of OAuth 2.0, by `XOAUTH2`, as Google and Microsoft want it.
    Token(SecretString),
}

/// What connecting needs from the program around it.
#[derive(Clone)]
pub struct ImapSurroundings {
    /// Where connections may go.
    pub outbound: OutboundPolicy,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// How long connecting, and then each single answer, may take.
    pub patience: std::time::Duration,
}
