//! How it stands with a provider.

use serde::Serialize;

use super::ProviderConfig;

/// How it stands with a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProviderState)]
pub enum State {
    /// Something has to be entered before it can be used.
    NotConfigured,
    /// All is entered; it has not taken a message yet.
    Ready,
    /// It took the last message.
    Connected,
    /// It lets us in no more until a person connects it again.
    NeedsReconnect,
    /// The last contact with it failed.
    Failing,
}

impl State {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::Ready => "ready",
            Self::Connected => "connected",
            Self::NeedsReconnect => "needs_reconnect",
            Self::Failing => "failing",
        }
    }

    pub(super) const fn of(config: &ProviderConfig, failed: bool, succeeded: bool) -> Self {
        match config {
            ProviderConfig::Practice => Self::Connected,
            _ if failed => Self::Failing,
            _ if succeeded => Self::Connected,
            _ => Self::Ready,
        }
    }
}
