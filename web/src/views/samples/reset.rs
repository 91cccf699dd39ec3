//! A new password for somebody who forgot theirs.

use super::super::common::FormErrors;
use super::super::door::Door;
use super::super::reset::{NewPasswordPage, ResetMail, ResetPage};
use super::super::shell::Flash;

fn door() -> Door {
    Door { csrf_token: "sample".to_owned(), version: "0.1.0".to_owned(), ..Door::default() }
}

pub(in super::super) fn reset() -> Vec<ResetPage> {
    let page = ResetPage { door: door(), by_mail: true, ..ResetPage::default() };
    let asked = ResetPage {
        door: Door { flash: Some(Flash::info("A link is on its way.")), ..door() },
        email: "andy@kornfeld.example".to_owned(),
        errors: FormErrors::none().with("email", "Too many attempts; try again in 3 minutes."),
        ..page.clone()
    };
    vec![page.clone(), asked, ResetPage { by_mail: false, ..page }]
}

pub(in super::super) fn new_password() -> Vec<NewPasswordPage> {
    let page = NewPasswordPage {
        door: door(),
        token: "sample".to_owned(),
        min_password_length: 10,
        ..NewPasswordPage::default()
    };
    let wrong = NewPasswordPage {
        by_code: true,
        errors: FormErrors::none()
            .with("token", "This link or code does not work any more.")
            .with("new_password", "Use at least 10 characters."),
        ..page.clone()
    };
    vec![page.clone(), wrong, NewPasswordPage { is_gone: true, ..page }]
}

pub(in super::super) fn mails() -> Vec<ResetMail> {
    let mail = ResetMail {
        name: "Andy Kern".to_owned(),
        link: "https://crm.kornfeld.example/reset/sample".to_owned(),
        minutes: 60,
    };
    let hostile =
        ResetMail { name: "<b>Andy</b>\r\nBcc: all@example.org".to_owned(), ..mail.clone() };
    vec![mail, hostile]
}
