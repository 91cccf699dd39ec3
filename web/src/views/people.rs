//! `/settings/people`: everybody with an account on this server, for whoever runs it.

use serde::Serialize;

use super::View;
use super::account::SessionRow;
use super::shell::Shell;

/// `/settings/people`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PeoplePage {
    /// The frame.
    pub shell: Shell,
    /// Everybody, by address.
    pub people: Vec<PersonCard>,
}

/// Somebody and where they are signed in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PersonCard {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Whether they run this server.
    pub is_admin: bool,
    /// Whether they may not sign in.
    pub is_disabled: bool,
    /// Whether it is whoever looks.
    pub is_me: bool,
    /// Their open sessions.
    pub sessions: Vec<SessionRow>,
}

impl View for PeoplePage {
    const TEMPLATE: &'static str = "pages/settings/people.html";

    fn samples() -> Vec<Self> {
        super::samples::account::people()
    }
}
