//! `/settings/security`, `/settings/sessions`: a person's own way in.

use serde::Serialize;

use super::View;
use super::common::FormErrors;
use super::shell::Shell;

/// `/settings/security`. Fields of the password form: `current_password`, `new_password`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SecurityPage {
    /// The frame.
    pub shell: Shell,
    /// Fewest characters of a password.
    pub min_password_length: usize,
    /// The person's address, for password managers.
    pub email: String,
    /// What is wrong with the password form.
    pub errors: FormErrors,
}

impl View for SecurityPage {
    const TEMPLATE: &'static str = "pages/settings/security.html";

    fn samples() -> Vec<Self> {
        super::samples::account::security()
    }
}

/// `/settings/sessions`
#[derive(Debug, Clone, Default, Serialize)]
pub struct SessionsPage {
    /// The frame.
    pub shell: Shell,
    /// The sessions, the last used first.
    pub sessions: Vec<SessionRow>,
    /// Days after which a session that is not used ends.
    pub idle_days: u64,
    /// Days after which every session ends.
    pub absolute_days: u64,
}

/// One session.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SessionRow {
    /// Its id.
    pub id: String,
    /// The browser in words, such as "Firefox on Linux".
    pub browser: String,
    /// Address it was opened from; may be empty.
    pub ip_address: String,
    /// When it began, RFC 3339.
    pub created_at: String,
    /// When it was last used, RFC 3339.
    pub last_seen_at: String,
    /// Whether it shows this page.
    pub is_current: bool,
}

impl View for SessionsPage {
    const TEMPLATE: &'static str = "pages/settings/sessions.html";

    fn samples() -> Vec<Self> {
        super::samples::account::sessions()
    }
}
