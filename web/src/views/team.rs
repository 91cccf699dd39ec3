//! `/settings/team`: who belongs to the workspace, as what, and who is invited. `/settings/workspaces`: where this person
//! belongs.

use serde::Serialize;

use super::View;
use super::common::{Choice, FormErrors};
use super::door::Door;
use super::shell::Shell;

/// `/settings/team`. Forms: `POST /settings/team/invitations` (`email`, `role`) and `…/{id}/revoke`,
/// `POST /settings/team/members/{id}/role` (`role`) and `…/{id}/remove`, `POST /settings/team/leave`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TeamPage {
    /// The frame.
    pub shell: Shell,
    /// The members, by name.
    pub members: Vec<MemberRow>,
    /// Invitations nobody has accepted yet, newest first; empty for people who may not invite.
    pub invitations: Vec<InvitationRow>,
    /// Whether this person invites, changes and removes.
    pub may_manage: bool,
    /// The roles this person may give, the one typed last marked.
    pub roles: Vec<Choice>,
    /// The address as typed.
    pub email: String,
    /// What is wrong with the invitation.
    pub errors: FormErrors,
    /// The invitation just made, whose link is shown this once.
    pub fresh: Option<FreshInvitation>,
}

/// One member.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MemberRow {
    /// Id of the person.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their role as a word: "Editor".
    pub role: String,
    /// The roles they can be given; empty where this person may not change them.
    pub choices: Vec<Choice>,
    /// Whether this is the person who looks.
    pub is_me: bool,
}

/// One open invitation.
#[derive(Debug, Clone, Default, Serialize)]
pub struct InvitationRow {
    /// Its id.
    pub id: String,
    /// Whom it is for.
    pub email: String,
    /// The role as the form sends it: `editor`.
    pub role_word: String,
    /// The role as a word: "Editor".
    pub role: String,
    /// Until when it works.
    pub expires_at: String,
    /// Whether that is past.
    pub is_expired: bool,
    /// Whether this person may take it back or make a new link.
    pub may_change: bool,
}

/// An invitation just made.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FreshInvitation {
    /// Whom it is for.
    pub email: String,
    /// The link, or only its path.
    pub link: String,
    /// Whether it is a path, because nobody told the server its address.
    pub is_path: bool,
    /// Whether it went out by mail.
    pub mailed: bool,
    /// Why it could not be mailed, where that was tried.
    pub problem: Option<String>,
}

impl View for TeamPage {
    const TEMPLATE: &'static str = "pages/settings/team.html";

    fn samples() -> Vec<Self> {
        super::samples::team::team()
    }
}

/// `/settings/workspaces`. Forms: `POST /settings/workspaces` (`name`), `…/{id}/switch`, `…/{id}/leave`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct WorkspacesPage {
    /// The frame.
    pub shell: Shell,
    /// The workspaces of this person, oldest first.
    pub rows: Vec<WorkspaceRow>,
    /// The new name as typed.
    pub name: String,
    /// What is wrong with it.
    pub errors: FormErrors,
}

/// One workspace of the person.
#[derive(Debug, Clone, Default, Serialize)]
pub struct WorkspaceRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The person's role there: "Owner".
    pub role: String,
    /// Whether the pages show it now.
    pub is_current: bool,
}

impl View for WorkspacesPage {
    const TEMPLATE: &'static str = "pages/settings/workspaces.html";

    fn samples() -> Vec<Self> {
        super::samples::team::workspaces()
    }
}

/// `/settings/workspaces` for somebody who belongs to none. Field: `name`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NoWorkspacePage {
    /// The frame.
    pub door: Door,
    /// The address they are signed in with, at which they can be invited.
    pub email: String,
    /// The new name as typed.
    pub name: String,
    /// What is wrong with it.
    pub errors: FormErrors,
}

impl View for NoWorkspacePage {
    const TEMPLATE: &'static str = "pages/no_workspace.html";

    fn samples() -> Vec<Self> {
        super::samples::team::no_workspace()
    }
}
