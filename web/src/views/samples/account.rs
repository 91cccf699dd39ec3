//! A person's own settings.

use super::super::account::{
    FactorView, ProfilePage, RecoveryCodesPage, SecondFactorPage, SecurityPage, SessionRow,
    SessionsPage,
};
use super::super::common::FormErrors;
use super::super::people::{PeoplePage, PersonCard};
use super::super::shell::{Flash, Section, Shell};

fn shell(title: &str) -> Shell {
    super::shell(Section::Settings, title)
}

pub(in super::super) fn profile() -> Vec<ProfilePage> {
    let page = ProfilePage {
        shell: shell("Profile"),
        name: "Andy Kern".to_owned(),
        email: "andy@kornfeld.example".to_owned(),
        errors: FormErrors::none(),
    };
    let wrong = ProfilePage {
        errors: FormErrors::none()
            .with("email", "A user with this e-mail address already exists.")
            .with("current_password", "This is not your current password."),
        ..page.clone()
    };
    vec![page, wrong]
}

pub(in super::super) fn security() -> Vec<SecurityPage> {
    let page = SecurityPage {
        shell: shell("Security"),
        min_password_length: 10,
        email: "andy@kornfeld.example".to_owned(),
        errors: FormErrors::none(),
        second_factor: None,
        factor_errors: FormErrors::none(),
    };
    let wrong = SecurityPage {
        errors: FormErrors::none()
            .with("current_password", "This is not your current password.")
            .with("new_password", "Use at least 10 characters."),
        ..page.clone()
    };
    let with_factor = SecurityPage {
        second_factor: Some(FactorView {
            confirmed_at: "2026-10-30T08:00:00.000Z".to_owned(),
            recovery_codes_left: 2,
        }),
        factor_errors: FormErrors::none()
            .with("factor_password", "This is not your current password."),
        ..page.clone()
    };
    vec![page, wrong, with_factor]
}

pub(in super::super) fn second_factor() -> Vec<SecondFactorPage> {
    let page = SecondFactorPage {
        shell: shell("Second factor"),
        secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP".to_owned(),
        picture: "M0 0h7v7h-7zM10 2h3v1h-3z".to_owned(),
        picture_size: 33,
        errors: FormErrors::none(),
    };
    let wrong = SecondFactorPage {
        errors: FormErrors::none().with("code", "This code is not right."),
        ..page.clone()
    };
    vec![page, wrong]
}

pub(in super::super) fn recovery_codes() -> Vec<RecoveryCodesPage> {
    let codes = (10..20).map(|n| format!("ABCD-EFGH-JKLM-NP{n}")).collect();
    let page = RecoveryCodesPage { shell: shell("Recovery codes"), codes, is_new: true };
    vec![page.clone(), RecoveryCodesPage { is_new: false, ..page }]
}

pub(in super::super) fn people() -> Vec<PeoplePage> {
    let person = |id: &str, name: &str, sessions| PersonCard {
        id: id.to_owned(),
        name: name.to_owned(),
        email: "andy@kornfeld.example".to_owned(),
        is_admin: id == "one",
        is_disabled: id == "two",
        is_me: id == "one",
        sessions,
    };
    let sessions = sessions().into_iter().flat_map(|page| page.sessions).collect();
    let people =
        vec![person("one", "Andy Kern", sessions), person("two", "<b>ܡܪܝܡ</b>", Vec::new())];
    vec![PeoplePage { shell: shell("People"), people }]
}

pub(in super::super) fn sessions() -> Vec<SessionsPage> {
    let row = |number: usize, browser: &str, ip_address: &str| SessionRow {
        id: format!("sample{number}"),
        browser: browser.to_owned(),
        ip_address: ip_address.to_owned(),
        created_at: "2026-10-30T08:00:00.000Z".to_owned(),
        last_seen_at: super::NOW.to_owned(),
        is_current: number == 0,
    };
    let one = SessionsPage {
        shell: shell("Sessions"),
        sessions: vec![row(0, "Firefox on Linux", "192.168.1.20")],
        idle_days: 30,
        absolute_days: 90,
    };
    let mut many = one.clone();
    many.shell.flash = Some(Flash::ok("The session has ended."));
    many.sessions.extend([
        row(1, "Safari on iPhone", "2001:db8:85a3:8d3:1319:8a2e:370:7348"),
        row(2, "Some program", ""),
    ]);
    vec![one, many]
}
