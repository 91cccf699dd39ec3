//! The mailbox a workspace reads.

use crate::views::Section;
use crate::views::common::FormErrors;
use crate::views::incoming::{IncomingForm, IncomingPage, MailboxBox, ReadableAccount};
use crate::views::providers::{TestResult, TestStage};

pub(in super::super) fn page() -> Vec<IncomingPage> {
    let stage = |label: &str, tone: &str, detail: &str| TestStage {
        label: label.to_owned(),
        tone: tone.to_owned(),
        detail: detail.to_owned(),
    };
    let whole = IncomingPage {
        shell: super::shell(Section::Settings, "Incoming mail"),
        form: IncomingForm {
            address: "crm@kornfeld.example".to_owned(),
            host: "imap.kornfeld.example".to_owned(),
            username: "crm@kornfeld.example".to_owned(),
            ..IncomingForm::default()
        },
        errors: FormErrors::none(),
        accounts: Vec::new(),
        mailbox: Some(MailboxBox {
            address: "crm@kornfeld.example".to_owned(),
            is_account: false,
            state: "connected".to_owned(),
            last_checked_at: Some("2026-11-03T08:58:00.000Z".to_owned()),
            last_success_at: Some("2026-11-03T08:58:00.000Z".to_owned()),
            last_error: None,
            version: "1793779200000".to_owned(),
        }),
        look: Some(TestResult {
            ok: true,
            stages: vec![
                stage("Connected", "ok", "21 ms"),
                stage("Encrypted", "ok", "48 ms"),
                stage("Signed in", "ok", "84 ms"),
                stage("Folder opened", "ok", "12 ms"),
                stage("Read", "ok", "130 ms"),
            ],
            message: "3 new messages: 1 report about a message of yours, 2 answers.".to_owned(),
            reply: None,
        }),
        may_write: true,
        is_closed: true,
        public_url: None,
    };
    let failing = MailboxBox {
        state: "failing".to_owned(),
        last_error: Some(
            "the server says: [AUTHENTICATIONFAILED] Authentication failed.".to_owned(),
        ),
        ..whole.mailbox.clone().unwrap_or_default()
    };
    vec![
        IncomingPage {
            shell: super::new_shell(Section::Settings, "Incoming mail"),
            form: IncomingForm::default(),
            mailbox: None,
            look: None,
            is_closed: false,
            public_url: Some("https://crm.kornfeld.example".to_owned()),
            ..whole.clone()
        },
        IncomingPage {
            look: Some(TestResult {
                ok: false,
                stages: vec![
                    stage("Connected", "ok", "21 ms"),
                    stage("Encrypted", "ok", "48 ms"),
                    stage("Signed in", "bad", "2,310 ms"),
                ],
                message: "The server says: [AUTHENTICATIONFAILED] Authentication failed."
                    .to_owned(),
                reply: None,
            }),
            mailbox: Some(failing.clone()),
            ..whole.clone()
        },
        IncomingPage {
            accounts: vec![ReadableAccount {
                id: super::id(1),
                address: "crm@kornfeld.example".to_owned(),
                server: "imap.gmail.com".to_owned(),
            }],
            form: IncomingForm { provider_id: super::id(1), ..whole.form.clone() },
            look: None,
            ..whole.clone()
        },
        IncomingPage { mailbox: Some(failing), look: None, may_write: false, ..whole.clone() },
        IncomingPage {
            errors: FormErrors::none()
                .with("host", "Enter a host name like mail.example.com.")
                .with("password", "Enter the password again for the changed server."),
            look: None,
            ..whole.clone()
        },
        whole,
    ]
}
