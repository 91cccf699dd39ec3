//! Sign in, first run, unsubscribe, errors.

use super::super::common::{FormErrors, currencies, time_zones};
use super::super::door::{
    Door, LoginPage, SecondStepPage, SetupForm, SetupPage, UnsubscribePage, UnsubscribeState,
};
use super::super::errors::{DoorErrorPage, ErrorPage, Problem};
use super::super::shell::{Flash, Section};

fn door() -> Door {
    Door { csrf_token: "sample".to_owned(), version: "0.1.0".to_owned(), ..Door::default() }
}

pub(in super::super) fn login() -> Vec<LoginPage> {
    vec![
        LoginPage {
            door: Door { flash: Some(Flash::info("You are signed out.")), ..door() },
            ..LoginPage::default()
        },
        LoginPage {
            door: door(),
            email: "andy@kornfeld.example".to_owned(),
            next: "/contacts".to_owned(),
            errors: FormErrors::none().with("password", "Email and password do not match."),
        },
    ]
}

pub(in super::super) fn second_step() -> Vec<SecondStepPage> {
    vec![
        SecondStepPage { door: door(), ..SecondStepPage::default() },
        SecondStepPage {
            door: door(),
            next: "/contacts".to_owned(),
            errors: FormErrors::none().with("code", "This code is not right."),
        },
    ]
}

pub(in super::super) fn setup() -> Vec<SetupPage> {
    let wrong = FormErrors::none()
        .with("setup_code", "This is not the code from the terminal.")
        .with("password", "Use at least 10 characters.");
    vec![
        SetupPage {
            door: door(),
            time_zones: time_zones(),
            currencies: currencies("EUR"),
            ..SetupPage::default()
        },
        SetupPage {
            door: door(),
            form: SetupForm {
                setup_code: "7F3A-91C4".to_owned(),
                name: "Andy Kern".to_owned(),
                email: "andy@kornfeld.example".to_owned(),
                workspace_name: "Kornfeld Flour & Grain".to_owned(),
                time_zone: "Europe/Vienna".to_owned(),
            },
            time_zones: time_zones(),
            currencies: currencies("XOF"),
            errors: wrong,
        },
    ]
}

pub(in super::super) fn unsubscribe() -> Vec<UnsubscribePage> {
    [UnsubscribeState::Ask, UnsubscribeState::Done, UnsubscribeState::Invalid]
        .into_iter()
        .map(|state| UnsubscribePage {
            door: door(),
            workspace_name: "Kornfeld Flour & Grain".to_owned(),
            address: "hannes@baeckerei-gruber.example".to_owned(),
            action: "/u/sample".to_owned(),
            state,
        })
        .collect()
}

fn problem(status: u16) -> Problem {
    let (title, message) = Problem::words(status);
    Problem {
        status,
        title: title.to_owned(),
        message: message.to_owned(),
        request_id: "019a3c7e-8e1b".to_owned(),
        at: super::NOW.to_owned(),
        back_url: "/dashboard".to_owned(),
    }
}

pub(in super::super) fn errors() -> Vec<ErrorPage> {
    [400, 403, 404, 409, 413, 429, 500, 503]
        .into_iter()
        .map(|status| ErrorPage {
            shell: super::shell(Section::Elsewhere, "Error"),
            problem: problem(status),
        })
        .collect()
}

pub(in super::super) fn door_errors() -> Vec<DoorErrorPage> {
    [404, 401, 500]
        .into_iter()
        .map(|status| DoorErrorPage { door: door(), problem: problem(status) })
        .collect()
}
