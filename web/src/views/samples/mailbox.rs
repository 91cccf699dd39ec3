//! Samples of the pages of mailboxes.

use super::super::common::FormErrors;
use super::super::mailbox::{MailboxForm, MailboxFormPage, MailboxGoPage};
use super::super::shell::{Section, Shell};

fn shell(title: &str) -> Shell {
    super::shell(Section::Settings, title)
}

const REDIRECT: &str = "https://crm.kornfeld.example/oauth/callback";

pub(in super::super) fn forms() -> Vec<MailboxFormPage> {
    let page = |title: &str, kind: &str| MailboxFormPage {
        shell: shell(title),
        provider_type: kind.to_owned(),
        redirect: REDIRECT.to_owned(),
        ..MailboxFormPage::default()
    };
    vec![
        page("New Gmail account", "gmail"),
        MailboxFormPage {
            id: Some(super::id(1)),
            form: MailboxForm {
                name: "Outlook".to_owned(),
                client_id: "0f1e2d3c".to_owned(),
                may_look: true,
                ..MailboxForm::default()
            },
            secret_set: true,
            errors: FormErrors::none()
                .with("client_secret", "Enter the client secret of this client ID.")
                .with("tenant", "Enter the directory (tenant) ID, or leave it empty."),
            ..page("Outlook", "outlook")
        },
    ]
}

pub(in super::super) fn go() -> Vec<MailboxGoPage> {
    vec![MailboxGoPage {
        shell: shell("Connect Gmail"),
        name: "Gmail".to_owned(),
        service: "Google".to_owned(),
        url: "https://accounts.google.com/o/oauth2/v2/auth?client_id=x".to_owned(),
    }]
}
