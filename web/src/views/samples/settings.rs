//! Settings of the workspace, providers, colours.

use super::super::common::{Choice, Fact, FormErrors, currencies, time_zones};
use super::super::mailgun::{MailgunForm, MailgunFormPage};
use super::super::providers::{
    ProviderCard, ProviderFormPage, ProvidersPage, SmtpForm, TestResult, TestStage,
};
use super::super::settings::{
    AppearancePage, DeleteWorkspace, WorkspaceForm, WorkspaceSettingsPage,
};
use super::super::shell::{Section, Shell, Theme};
use super::super::twilio::{TwilioForm, TwilioFormPage};

fn shell(title: &str) -> Shell {
    super::shell(Section::Settings, title)
}

fn test(ok: bool) -> TestResult {
    let stages = [
        ("Connected", true, "84 ms"),
        ("Encrypted", true, "TLS 1.3"),
        ("Signed in", ok, if ok { "63 ms" } else { "535 from the server" }),
        ("Accepted", ok, if ok { "250 queued as 8F2A1" } else { "not reached" }),
    ];
    TestResult {
        ok,
        stages: stages
            .into_iter()
            .map(|(label, good, detail)| TestStage {
                label: label.to_owned(),
                tone: match (good, label) {
                    (true, _) => "ok",
                    (false, "Signed in") => "bad",
                    _ => "mute",
                }
                .to_owned(),
                detail: detail.to_owned(),
            })
            .collect(),
        message: if ok {
            "The server accepted the message."
        } else {
            "The server refused user name and password."
        }
        .to_owned(),
        reply: (!ok).then(|| "535 5.7.8 Error: authentication failed".to_owned()),
    }
}

pub(in super::super) fn providers() -> Vec<ProvidersPage> {
    let smtp = |result: Option<TestResult>| ProviderCard {
        id: super::id(1),
        provider_type: "smtp".to_owned(),
        name: "Own mail server".to_owned(),
        summary: "SMTP, mail.kornfeld.example:587".to_owned(),
        is_default: true,
        facts: vec![
            Fact::new("Sends as", "Monalisa Rossi <hello@kornfeld.example>"),
            Fact::new("Password", "Set"),
            Fact::new("Budget", "4 a minute, 2,000 a day"),
        ],
        account: None,
        state: "connected".to_owned(),
        last_checked_at: Some("2026-11-03T13:02:00.000Z".to_owned()),
        last_success_at: Some("2026-11-03T13:02:00.000Z".to_owned()),
        last_error: None,
        test_to: "andy@kornfeld.example".to_owned(),
        test: result,
    };
    let practice = ProviderCard {
        id: super::id(2),
        provider_type: "practice".to_owned(),
        name: "Practice".to_owned(),
        state: "connected".to_owned(),
        ..ProviderCard::default()
    };
    let mailbox = |number: usize, state: &str, account: Option<&str>| ProviderCard {
        id: super::id(number),
        provider_type: "gmail".to_owned(),
        name: "Gmail".to_owned(),
        summary: "Gmail".to_owned(),
        state: state.to_owned(),
        account: account.map(ToOwned::to_owned),
        test_to: "andy@kornfeld.example".to_owned(),
        ..ProviderCard::default()
    };
    let lost = ProviderCard {
        last_error: Some("invalid_grant: Token has been expired or revoked.".to_owned()),
        ..mailbox(6, "needs_reconnect", Some("ada@kornfeld.example"))
    };
    let mailboxes = vec![
        mailbox(4, "not_configured", None),
        mailbox(5, "ready", None),
        lost,
        mailbox(7, "connected", Some("ada@kornfeld.example")),
    ];
    vec![
        ProvidersPage { shell: shell("Providers"), providers: mailboxes, may_write: true },
        ProvidersPage {
            shell: shell("Providers"),
            providers: vec![smtp(Some(test(true))), practice.clone()],
            may_write: true,
        },
        ProvidersPage {
            shell: shell("Providers"),
            providers: vec![
                ProviderCard {
                    is_default: false,
                    state: "ready".to_owned(),
                    last_checked_at: None,
                    last_success_at: None,
                    ..smtp(Some(test(false)))
                },
                ProviderCard {
                    id: super::id(3),
                    state: "failing".to_owned(),
                    last_error: Some("The server does not answer.".to_owned()),
                    ..smtp(None)
                },
                practice,
            ],
            may_write: true,
        },
    ]
}

pub(in super::super) fn provider() -> Vec<ProviderFormPage> {
    vec![
        ProviderFormPage { shell: shell("Add mail server"), ..ProviderFormPage::default() },
        ProviderFormPage {
            shell: shell("Own mail server"),
            id: Some(super::id(1)),
            form: SmtpForm { name: "Own mail server".to_owned(), ..SmtpForm::default() },
            password_set: true,
            errors: FormErrors::none()
                .with("host", "This address is in a private network. Ask whoever runs the server to allow it.")
                .with("security", "Choose one."),
        },
    ]
}

pub(in super::super) fn mailgun() -> Vec<MailgunFormPage> {
    vec![
        MailgunFormPage { shell: shell("New Mailgun account"), ..MailgunFormPage::default() },
        MailgunFormPage {
            shell: shell("Mailgun"),
            id: Some(super::id(1)),
            form: MailgunForm {
                name: "Mailgun".to_owned(),
                domain: "mg.kornfeld.example".to_owned(),
                region: "other".to_owned(),
                base_url: "https://10.0.0.1".to_owned(),
                ..MailgunForm::default()
            },
            key_set: true,
            webhook_key_set: true,
            hook: Some(
                "https://crm.example.org/hooks/mailgun/01935f2a-0000-7000-8000-000000000001"
                    .to_owned(),
            ),
            errors: FormErrors::none()
                .with("base_url", "This address is in a private network.")
                .with("api_key", "Enter the key again for the changed address."),
        },
    ]
}

pub(in super::super) fn workspace() -> Vec<WorkspaceSettingsPage> {
    let page = WorkspaceSettingsPage {
        shell: shell("Workspace"),
        form: WorkspaceForm {
            name: "Kornfeld Flour & Grain".to_owned(),
            time_zone: "Europe/Vienna".to_owned(),
            own_approval: "default".to_owned(),
            audience_drift_percent: "10".to_owned(),
            unknown_policy: "ask".to_owned(),
            track_opens: true,
            track_clicks: false,
            postal_address: "Kornfeld Flour & Grain\nMill Lane 1\n4020 Linz, Austria".to_owned(),
            require_postal_address: true,
            consent_email: false,
            consent_text: true,
            quiet: true,
            quiet_from: "21:00".to_owned(),
            quiet_to: "08:00".to_owned(),
        },
        has_public_url: true,
        time_zones: time_zones(),
        currencies: currencies("EUR"),
        regions: vec![Choice::new("AT", "Austria", true)],
        errors: FormErrors::none(),
        may_write: true,
        danger: Some(DeleteWorkspace {
            contacts: 1_240,
            campaigns: 1,
            templates: 3,
            ..DeleteWorkspace::default()
        }),
    };
    let mut refused = page.clone();
    if let Some(danger) = &mut refused.danger {
        "Kornfeld".clone_into(&mut danger.typed);
        "This is not the name of the workspace.".clone_into(&mut danger.error);
    }
    let mut wrong = page.clone();
    wrong.errors = FormErrors::none().with("time_zone", "Europe/Wien is not a zone name.");
    wrong.may_write = false;
    wrong.danger = None;
    vec![page, refused, wrong]
}

pub(in super::super) fn appearance() -> Vec<AppearancePage> {
    [Theme::Auto, Theme::Light, Theme::Dark]
        .into_iter()
        .map(|theme| AppearancePage { shell: Shell { theme, ..shell("Appearance") } })
        .collect()
}

pub(in super::super) fn twilio() -> Vec<TwilioFormPage> {
    let form = TwilioForm {
        name: "Texts".to_owned(),
        account_sid: "AC0123456789abcdef0123456789abcdef".to_owned(),
        from: "+12025550100".to_owned(),
        ..TwilioForm::default()
    };
    let hook = "https://crm.example.com/hooks/twilio/0193563d-8a00-7000-8000-000000000001";
    vec![
        TwilioFormPage { shell: shell("New Twilio account"), ..TwilioFormPage::default() },
        TwilioFormPage {
            shell: shell("Twilio"),
            id: Some(super::id(1)),
            form: form.clone(),
            token_set: true,
            webhook_key_set: false,
            hook: Some(hook.to_owned()),
            errors: FormErrors::none(),
        },
        TwilioFormPage {
            shell: shell("Twilio"),
            id: Some(super::id(1)),
            form,
            errors: FormErrors::none()
                .with("from", "Enter a number or a messaging service, not both."),
            ..TwilioFormPage::default()
        },
    ]
}
