//! Pages before and outside the shell: sign in, first run, unsubscribe.

use serde::Serialize;

use super::View;
use super::common::{Choice, FormErrors};
use super::shell::{Flash, Theme};

/// What surrounds a page without navigation.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Door {
    /// The person's choice of colours, where known.
    pub theme: Theme,
    /// Goes into the hidden field of the form.
    pub csrf_token: String,
    /// What the last action said; shown once.
    pub flash: Option<Flash>,
    /// Version of the program.
    pub version: String,
}

/// `/login`: fields `email`, `password`, `next`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LoginPage {
    /// The frame.
    pub door: Door,
    /// The address as typed.
    pub email: String,
    /// Path to go to afterwards; empty for the dashboard.
    pub next: String,
    /// What is wrong. Wrong passwords are one neutral sentence under `password`.
    pub errors: FormErrors,
}

impl View for LoginPage {
    const TEMPLATE: &'static str = "pages/login.html";

    fn samples() -> Vec<Self> {
        super::samples::door::login()
    }
}

/// `/login/code`: fields `code`, `next`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SecondStepPage {
    /// The frame.
    pub door: Door,
    /// Path to go to afterwards; empty for the dashboard.
    pub next: String,
    /// What is wrong.
    pub errors: FormErrors,
}

impl View for SecondStepPage {
    const TEMPLATE: &'static str = "pages/login_code.html";

    fn samples() -> Vec<Self> {
        super::samples::door::second_step()
    }
}

/// `/setup`: fields `setup_code`, `name`, `email`, `password`, `workspace_name`, `time_zone`, `currency`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SetupPage {
    /// The frame.
    pub door: Door,
    /// What was typed.
    pub form: SetupForm,
    /// Names offered for `time_zone`; see [`super::common::time_zones`].
    pub time_zones: Vec<String>,
    /// Currencies offered.
    pub currencies: Vec<Choice>,
    /// What is wrong.
    pub errors: FormErrors,
}

/// What was typed on the first-run page. The password is never shown again.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SetupForm {
    /// The code the terminal printed.
    pub setup_code: String,
    /// Name of the first user.
    pub name: String,
    /// Address of the first user.
    pub email: String,
    /// Name of the first workspace.
    pub workspace_name: String,
    /// IANA zone name.
    pub time_zone: String,
}

impl View for SetupPage {
    const TEMPLATE: &'static str = "pages/setup.html";

    fn samples() -> Vec<Self> {
        super::samples::door::setup()
    }
}

/// `/u/{token}`: what the link in a message leads to. The token is the proof, so the form carries nothing else.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UnsubscribePage {
    /// The frame; its token may be empty.
    pub door: Door,
    /// Who sent the message.
    pub workspace_name: String,
    /// Whose address it is.
    pub address: String,
    /// Where the form posts to: this page.
    pub action: String,
    /// Where this page stands.
    pub state: UnsubscribeState,
}

/// Where an unsubscribe page stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnsubscribeState {
    /// Asks for the button; a GET changes nothing.
    #[default]
    Ask,
    /// The address will get no more.
    Done,
    /// The link is broken or not ours.
    Invalid,
}

impl View for UnsubscribePage {
    const TEMPLATE: &'static str = "pages/unsubscribe.html";

    fn samples() -> Vec<Self> {
        super::samples::door::unsubscribe()
    }
}
