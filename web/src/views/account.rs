//! `/settings/profile`, `/settings/security`, `/settings/sessions`: a person's own way in.

use serde::Serialize;

use super::View;
use super::common::FormErrors;
use super::shell::Shell;

/// `/settings/profile`. Fields: `name`, `email`, `current_password`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProfilePage {
    /// The frame.
    pub shell: Shell,
    /// The name as typed, or as stored.
    pub name: String,
    /// The address as typed, or as stored.
    pub email: String,
    /// What is wrong.
    pub errors: FormErrors,
}

impl View for ProfilePage {
    const TEMPLATE: &'static str = "pages/settings/profile.html";

    fn samples() -> Vec<Self> {
        super::samples::account::profile()
    }
}

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
    /// How the second factor stands, where there is one.
    pub second_factor: Option<FactorView>,
    /// What is wrong with a form of the second factor, all of which ask for `factor_password`.
    pub factor_errors: FormErrors,
}

/// A second factor.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FactorView {
    /// Since when it is asked for, RFC 3339.
    pub confirmed_at: String,
    /// Recovery codes that were not used yet.
    pub recovery_codes_left: u64,
}

impl View for SecurityPage {
    const TEMPLATE: &'static str = "pages/settings/security.html";

    fn samples() -> Vec<Self> {
        super::samples::account::security()
    }
}

/// `/settings/security/second-factor`: field `code`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SecondFactorPage {
    /// The frame.
    pub shell: Shell,
    /// The secret in groups of four, for typing.
    pub secret: String,
    /// The dark squares of the picture as the path of an SVG, one unit each.
    pub picture: String,
    /// Squares on one side of it.
    pub picture_size: usize,
    /// What is wrong.
    pub errors: FormErrors,
}

impl View for SecondFactorPage {
    const TEMPLATE: &'static str = "pages/settings/second_factor.html";

    fn samples() -> Vec<Self> {
        super::samples::account::second_factor()
    }
}

/// The recovery codes, shown once.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RecoveryCodesPage {
    /// The frame.
    pub shell: Shell,
    /// The codes.
    pub codes: Vec<String>,
    /// Whether the second factor was set up just now.
    pub is_new: bool,
}

impl View for RecoveryCodesPage {
    const TEMPLATE: &'static str = "pages/settings/recovery_codes.html";

    fn samples() -> Vec<Self> {
        super::samples::account::recovery_codes()
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
