//! What a route asks of its caller, as the document says it.

use crm_core::Permission;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::security::SecurityRequirement;

/// The field of an operation that says it.
pub const PERMISSION: &str = "x-permission";
/// What stands before the permission a key needs where nobody's role is asked.
const KEY: &str = "anybody, key: ";
/// What stands before the permission nobody needs for themselves.
const ONESELF: &str = "oneself or ";

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Nothing: the doors.
    Nothing,
    /// Somebody, by a session or any key.
    Anybody,
    /// Somebody who signed in; no key will do.
    Session,
    /// An administrator of the server who signed in; no key will do.
    Administrator,
    /// Somebody; a key must reach as far as this.
    Reach(Permission),
    /// A member of the workspace whose role allows this or who does it to themselves; a key must reach as far in any case.
    Leave(Permission),
    /// A member of the workspace whose role allows this; a key must reach as far too.
    Right(Permission),
}

impl Asks {
    /// Reads the words of a document.
    pub fn parse(words: &str) -> Option<Self> {
        let permission =
            |word: &str| Permission::ALL.iter().copied().find(|known| known.as_str() == word);
        match words {
            "nothing" => Some(Self::Nothing),
            "anybody" => Some(Self::Anybody),
            "session" => Some(Self::Session),
            "administrator" => Some(Self::Administrator),
            _ => {
                if let Some(word) = words.strip_prefix(KEY) {
                    permission(word).map(Self::Reach)
                } else if let Some(word) = words.strip_prefix(ONESELF) {
                    permission(word).map(Self::Leave)
                } else {
                    permission(words).map(Self::Right)
                }
            }
        }
    }

    /// What an operation asks; `None` where it does not say.
    pub fn of(extensions: Option<&Extensions>) -> Option<Self> {
        Self::parse(extensions?.get(PERMISSION)?.as_str()?)
    }

    /// Whether it looks into the workspace of the call.
    pub const fn is_in_workspace(self) -> bool {
        matches!(self, Self::Right(_) | Self::Leave(_))
    }

    /// The ways to prove it; `writes` where a session has to show its token too.
    pub fn security(self, writes: bool) -> Vec<SecurityRequirement> {
        let none: [&str; 0] = [];
        let mut session = SecurityRequirement::new("session", none);
        if writes {
            session = session.add("csrf_token", none);
        }
        match self {
            Self::Nothing => Vec::new(),
            Self::Session | Self::Administrator => vec![session],
            Self::Anybody => vec![session, SecurityRequirement::new("api_key", none)],
            Self::Reach(permission) | Self::Leave(permission) | Self::Right(permission) => {
                let scope = permission.scope().to_string();
                vec![session, SecurityRequirement::new("api_key", [scope])]
            }
        }
    }
}
