//! `/reset…`: a new password for somebody who forgot theirs, and the mail with the link.

use serde::Serialize;

use super::View;
use super::common::FormErrors;
use super::door::Door;
use super::mail::MailView;

/// `/reset`: field `email`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ResetPage {
    /// The frame.
    pub door: Door,
    /// Whether links can be mailed at all.
    pub by_mail: bool,
    /// The address as typed.
    pub email: String,
    /// What is wrong.
    pub errors: FormErrors,
}

impl View for ResetPage {
    const TEMPLATE: &'static str = "pages/reset.html";

    fn samples() -> Vec<Self> {
        super::samples::reset::reset()
    }
}

/// `/reset/code`, `/reset/{token}`: fields `token`, `by_code`, `new_password`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewPasswordPage {
    /// The frame.
    pub door: Door,
    /// The token of the link, or the code as typed.
    pub token: String,
    /// Whether it is typed.
    pub by_code: bool,
    /// Whether the link does not work any more.
    pub is_gone: bool,
    /// Fewest characters of a password.
    pub min_password_length: usize,
    /// What is wrong.
    pub errors: FormErrors,
}

impl View for NewPasswordPage {
    const TEMPLATE: &'static str = "pages/new_password.html";

    fn samples() -> Vec<Self> {
        super::samples::reset::new_password()
    }
}

/// The link to a new password.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ResetMail {
    /// Whom it is for.
    pub name: String,
    /// Where to choose a new password.
    pub link: String,
    /// For how many minutes the link works.
    pub minutes: u64,
}

impl MailView for ResetMail {
    const NAME: &'static str = "password_reset";

    fn samples() -> Vec<Self> {
        super::samples::reset::mails()
    }
}
