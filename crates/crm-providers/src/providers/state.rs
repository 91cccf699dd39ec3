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

    pub(super) fn of(config: &ProviderConfig, signs: &Signs) -> Self {
        match (config, signs.is_granted) {
            (ProviderConfig::Practice | ProviderConfig::PracticeText, _) => return Self::Connected,
            (_, Some(false)) => return Self::NeedsReconnect,
            (_, Some(true)) if !signs.failed => return Self::Connected,
            _ if config.mailbox().is_some() && !signs.has_secret => return Self::NotConfigured,
            (_, None) if config.mailbox().is_some() => return Self::Ready,
            _ => {}
        }
        if signs.failed {
            Self::Failing
        } else if signs.succeeded {
            Self::Connected
        } else {
            Self::Ready
        }
    }
}

/// What a row tells of it.
pub(super) struct Signs {
    /// Whether a password, key or client secret is stored.
    pub(super) has_secret: bool,
    /// Whether what somebody granted is good still; `None` where nobody has granted anything.
    pub(super) is_granted: Option<bool>,
    /// Whether the last contact failed.
    pub(super) failed: bool,
    /// Whether it ever took a message.
    pub(super) succeeded: bool,
}
