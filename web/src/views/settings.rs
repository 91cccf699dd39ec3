//! `/settings/workspace`: name, place, and the rules of approval and sending. `/settings/appearance`: colours.

use serde::Serialize;

use super::View;
use super::common::{Choice, FormErrors};
use super::shell::Shell;

/// `/settings/workspace`. Fields: `name`, `time_zone`, `currency`, `default_region`, `own_approval` (`default`, `yes`
/// or `no`), `audience_drift_percent`, `unknown_policy` (`ask` or `resend`), `postal_address`, `require_postal_address`,
/// `consent_email`, `consent_text`, `quiet`, `quiet_from`, `quiet_to`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct WorkspaceSettingsPage {
    /// The frame.
    pub shell: Shell,
    /// What was typed, or what is stored.
    pub form: WorkspaceForm,
    /// Names offered for `time_zone`.
    pub time_zones: Vec<String>,
    /// Currencies offered, the chosen one marked.
    pub currencies: Vec<Choice>,
    /// Regions offered for phone numbers without a country, the chosen one marked.
    pub regions: Vec<Choice>,
    /// What is wrong.
    pub errors: FormErrors,
    /// Whether this person may change the settings.
    pub may_write: bool,
    /// Deleting the workspace, for people who may.
    pub danger: Option<DeleteWorkspace>,
    /// Whether the installation has an address recipients can reach.
    pub has_public_url: bool,
}

/// `POST /settings/workspace/delete`: field `confirm`, and what would go.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DeleteWorkspace {
    /// How many contacts there are.
    pub contacts: u64,
    /// How many campaigns.
    pub campaigns: u64,
    /// How many templates.
    pub templates: u64,
    /// The name as typed.
    pub typed: String,
    /// What is wrong with it; empty where nothing is.
    pub error: String,
}

/// The settings of a workspace as typed.
#[expect(clippy::struct_excessive_bools, reason = "each is a box of the form")]
#[derive(Debug, Clone, Default, Serialize)]
pub struct WorkspaceForm {
    /// Name.
    pub name: String,
    /// IANA zone name.
    pub time_zone: String,
    /// `default` (yes with one member, no with more), `yes` or `no`.
    pub own_approval: String,
    /// By how many percent an audience may change after approval.
    pub audience_drift_percent: String,
    /// `ask` or `resend`.
    pub unknown_policy: String,
    /// Whether opens of campaigns are noted.
    pub track_opens: bool,
    /// Whether followed links are noted.
    pub track_clicks: bool,
    /// Where the sender is reached by post, in lines.
    pub postal_address: String,
    /// Whether mail to many is refused without one.
    pub require_postal_address: bool,
    /// Whether campaigns by e-mail go only to those who consented.
    pub consent_email: bool,
    /// Whether campaigns by text message do.
    pub consent_text: bool,
    /// Whether quiet hours are kept.
    pub quiet: bool,
    /// When they begin: 21:00.
    pub quiet_from: String,
    /// When they end: 08:00.
    pub quiet_to: String,
}

impl View for WorkspaceSettingsPage {
    const TEMPLATE: &'static str = "pages/settings/workspace.html";

    fn samples() -> Vec<Self> {
        super::samples::settings::workspace()
    }
}

/// `/settings/appearance`. Field: `theme` (`auto`, `light` or `dark`); the current one is `shell.theme`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AppearancePage {
    /// The frame.
    pub shell: Shell,
}

impl View for AppearancePage {
    const TEMPLATE: &'static str = "pages/settings/appearance.html";

    fn samples() -> Vec<Self> {
        super::samples::settings::appearance()
    }
}
