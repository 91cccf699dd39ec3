//! How it stands with a mailbox.

use serde::Serialize;

use crate::entity::workspace_mailboxes::Model;

/// How it stands with a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailboxState {
    /// It is not to be read.
    Off,
    /// It was not looked into yet.
    Ready,
    /// The last look went well.
    Connected,
    /// The last look failed.
    Failing,
}

impl MailboxState {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Ready => "ready",
            Self::Connected => "connected",
            Self::Failing => "failing",
        }
    }

    pub(super) const fn of(row: &Model) -> Self {
        match (row.is_enabled, &row.last_error, &row.last_success_at) {
            (false, ..) => Self::Off,
            (_, Some(_), _) => Self::Failing,
            (_, None, Some(_)) => Self::Connected,
            (_, None, None) => Self::Ready,
        }
    }
}
