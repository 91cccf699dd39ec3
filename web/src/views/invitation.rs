//! `/invitation/{token}`: joining a workspace.

use serde::Serialize;

use super::View;
use super::common::FormErrors;
use super::door::Door;

/// `/invitation/{token}`: what an invitation's link leads to. Fields for new people: `name`, `password`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct InvitationPage {
    /// The frame.
    pub door: Door,
    /// Where the form posts to: this page.
    pub action: String,
    /// The workspace.
    pub workspace_name: String,
    /// Who invites.
    pub invited_by: String,
    /// As what: "Editor".
    pub role: String,
    /// What that may do, as a sentence.
    pub role_says: String,
    /// Whom the invitation is for.
    pub email: String,
    /// The address of who is signed in.
    pub signed_in_as: String,
    /// The name as typed.
    pub name: String,
    /// Where the page stands.
    pub state: InvitationState,
    /// What is wrong.
    pub errors: FormErrors,
}

/// Where an invitation's page stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// Nobody is signed in and nobody has the address: name and password are asked for.
    #[default]
    Register,
    /// Nobody is signed in, and somebody has the address.
    SignIn,
    /// The right person is signed in.
    Join,
    /// Somebody else is signed in.
    WrongAccount,
    /// The link is not valid, or not any more.
    Gone,
}

impl View for InvitationPage {
    const TEMPLATE: &'static str = "pages/invitation.html";

    fn samples() -> Vec<Self> {
        super::samples::team::invitation()
    }
}
