//! Members, invitations, workspaces.

use super::super::common::{Choice, FormErrors};
use super::super::door::Door;
use super::super::invitation::{InvitationPage, InvitationState};
use super::super::mail::InvitationMail;
use super::super::shell::Section;
use super::super::team::{
    FreshInvitation, InvitationRow, MemberRow, NoWorkspacePage, TeamPage, WorkspaceRow,
    WorkspacesPage,
};

pub(in super::super) fn invitation_mails() -> Vec<InvitationMail> {
    let mail = InvitationMail {
        workspace_name: "Kornfeld Flour & Grain".to_owned(),
        invited_by: "Andy Kern".to_owned(),
        role: "editor".to_owned(),
        role_says: "Editors work with contacts.".to_owned(),
        link: "https://crm.kornfeld.example/invitation/sample".to_owned(),
        days: 7,
    };
    let hostile = InvitationMail {
        workspace_name: "<b>Free money</b>\r\nBcc: all@example.org".to_owned(),
        ..mail.clone()
    };
    vec![mail, hostile]
}

pub(in super::super) fn invitation() -> Vec<InvitationPage> {
    use InvitationState::{Gone, Join, Register, SignIn, WrongAccount};
    [Register, SignIn, Join, WrongAccount, Gone]
        .into_iter()
        .map(|state| InvitationPage {
            door: Door {
                csrf_token: "sample".to_owned(),
                version: "0.1.0".to_owned(),
                ..Door::default()
            },
            action: "/invitation/sample".to_owned(),
            workspace_name: "Kornfeld Flour & Grain".to_owned(),
            invited_by: "Andy Kern".to_owned(),
            role: "Editor".to_owned(),
            role_says: "Works with contacts.".to_owned(),
            email: "monalisa@kornfeld.example".to_owned(),
            signed_in_as: if state == Join {
                "monalisa@kornfeld.example".to_owned()
            } else {
                "andy@kornfeld.example".to_owned()
            },
            name: "Monalisa".to_owned(),
            state,
            errors: match state {
                Register => FormErrors::none().with("password", "Use at least 10 characters."),
                _ => FormErrors::none(),
            },
        })
        .collect()
}

fn roles() -> Vec<Choice> {
    [("owner", "Owner"), ("editor", "Editor"), ("viewer", "Viewer")]
        .into_iter()
        .map(|(word, name)| {
            Choice::new(word, name, word == "editor").with_hint("Works with contacts.")
        })
        .collect()
}

fn member(number: usize, name: &str, role: &str, choices: Vec<Choice>) -> MemberRow {
    MemberRow {
        id: super::id(number),
        name: name.to_owned(),
        email: format!("person{number}@kornfeld.example"),
        role: role.to_owned(),
        choices,
        is_me: number == 1,
    }
}

pub(in super::super) fn team() -> Vec<TeamPage> {
    let shell = super::shell(Section::Settings, "Team");
    let invitation = |number: usize, is_expired: bool| InvitationRow {
        id: super::id(number),
        email: format!("invited{number}@kornfeld.example"),
        role_word: "editor".to_owned(),
        role: "Editor".to_owned(),
        expires_at: super::NOW.to_owned(),
        is_expired,
        may_change: number != 23,
    };
    let page = TeamPage {
        shell,
        members: vec![
            member(1, "Andy Kern", "Owner", roles()),
            member(2, "Maximiliane-Theresia Hohenthanner-Schwarzenberger", "Editor", roles()),
        ],
        invitations: vec![invitation(21, false), invitation(22, true), invitation(23, false)],
        may_manage: true,
        roles: roles(),
        email: String::new(),
        errors: FormErrors::none(),
        fresh: None,
    };
    let fresh = FreshInvitation {
        email: "invited21@kornfeld.example".to_owned(),
        link: "/invitation/sample".to_owned(),
        is_path: true,
        mailed: false,
        problem: None,
    };
    let mailed = FreshInvitation {
        link: "https://crm.kornfeld.example/invitation/sample".to_owned(),
        is_path: false,
        mailed: true,
        ..fresh.clone()
    };
    let failed = FreshInvitation {
        mailed: false,
        problem: Some("The server does not answer.".to_owned()),
        ..mailed.clone()
    };
    let looking = TeamPage {
        members: vec![
            member(2, "Monalisa", "Admin", Vec::new()),
            member(1, "Andy Kern", "Viewer", Vec::new()),
        ],
        invitations: Vec::new(),
        may_manage: false,
        ..page.clone()
    };
    let mut pages = vec![looking];
    pages.extend(
        [fresh, mailed, failed].map(|fresh| TeamPage { fresh: Some(fresh), ..page.clone() }),
    );
    pages.push(TeamPage {
        email: "nobody".to_owned(),
        errors: FormErrors::none()
            .with("email", "Enter an address like name@example.com.")
            .with("role", "Choose a role."),
        ..page
    });
    pages
}

pub(in super::super) fn workspaces() -> Vec<WorkspacesPage> {
    let row = |number: usize, name: &str, role: &str| WorkspaceRow {
        id: super::id(number),
        name: name.to_owned(),
        role: role.to_owned(),
        is_current: number == 11,
    };
    let page = WorkspacesPage {
        shell: super::shell(Section::Settings, "Workspaces"),
        rows: vec![row(11, "Kornfeld Flour & Grain", "Owner"), row(12, "Tins & Tools", "Viewer")],
        ..WorkspacesPage::default()
    };
    let errors = FormErrors::none().with("name", "A workspace with this name already exists.");
    vec![page.clone(), WorkspacesPage { name: "Tins & Tools".to_owned(), errors, ..page }]
}

pub(in super::super) fn no_workspace() -> Vec<NoWorkspacePage> {
    let door =
        Door { csrf_token: "sample".to_owned(), version: "0.1.0".to_owned(), ..Door::default() };
    vec![NoWorkspacePage {
        door,
        email: "andy@kornfeld.example".to_owned(),
        ..NoWorkspacePage::default()
    }]
}
