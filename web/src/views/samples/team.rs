//! Members, invitations, workspaces.

use super::super::common::FormErrors;
use super::super::door::Door;
use super::super::invitation::{InvitationPage, InvitationState};
use super::super::mail::InvitationMail;

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
