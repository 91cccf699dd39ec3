//! `/setup`: the first run. Open only while there is no user, and only to whoever reads the terminal.

use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::web::{Data, Form, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use crm_core::accounts::{NewUser, NewWorkspace, Origin, User};
use crm_core::token;
use secrecy::SecretString;
use serde::Deserialize;

use super::frame;
use crate::error::AppError;
use crate::middleware::session_store;
use crate::state::App;
use crate::views::Flash;
use crate::views::common::{Choice, FormErrors, time_zones};
use crate::views::door::{SetupForm, SetupPage};

/// Currencies offered on the first-run page; the settings take any.
const CURRENCIES: [(&str, &str); 10] = [
    ("EUR", "Euro"),
    ("USD", "US dollar"),
    ("GBP", "Pound sterling"),
    ("CHF", "Swiss franc"),
    ("PLN", "Polish złoty"),
    ("SEK", "Swedish krona"),
    ("JPY", "Japanese yen"),
    ("CAD", "Canadian dollar"),
    ("AUD", "Australian dollar"),
    ("INR", "Indian rupee"),
];

/// Whether the first run is still to come, and the code that lets it happen.
pub struct SetupGate {
    code: Option<String>,
    open: AtomicBool,
}

impl SetupGate {
    /// A gate that is open while there is no user; its code is a new one at every start.
    pub fn new(is_set_up: bool) -> Self {
        let code = (!is_set_up).then(|| token::readable_code(3));
        Self { code, open: AtomicBool::new(!is_set_up) }
    }

    /// The code, while the gate is open.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref().filter(|_| self.is_open())
    }

    /// Whether there is no user yet.
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Whether this is the code; case and dashes do not matter.
    fn admits(&self, typed: &str) -> bool {
        let plain = |text: &str| text.replace(['-', ' '], "").to_uppercase();
        self.code().is_some_and(|code| token::equal(&plain(code), &plain(typed)))
    }
}

/// Makes the first user with the code from the terminal.
///
/// # Errors
/// 409 where there is a user already, 422 for a wrong code or bad input, 429 after too many tries.
pub async fn first_run(
    app: &App,
    code: &str,
    user: NewUser,
    workspace: NewWorkspace,
    from: Origin,
) -> Result<User, AppError> {
    app.limits.login("setup", from.ip_address.as_deref())?;
    if !app.setup.is_open() {
        return Err(AppError::conflict("invalid_state", "this installation is set up already"));
    }
    if !app.setup.admits(code) {
        return Err(AppError::invalid("setup_code", "this is not the code the terminal shows"));
    }
    let user = app.services.accounts.first_run(user, workspace, from).await?;
    app.setup.open.store(false, Ordering::Release);
    Ok(user)
}

/// `/setup`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/setup").route(web::get().to(show)).route(web::post().to(submit)));
}

async fn show(app: Data<App>, req: HttpRequest) -> Result<HttpResponse, AppError> {
    if !app.setup.is_open() {
        return Err(AppError::not_found());
    }
    let form = SetupForm { time_zone: "Europe/Vienna".to_owned(), ..SetupForm::default() };
    frame::ok(&app, &req, &view(&app, &req, form, "EUR", FormErrors::none()))
}

fn view(
    app: &App,
    req: &HttpRequest,
    form: SetupForm,
    currency: &str,
    errors: FormErrors,
) -> SetupPage {
    let currencies = currencies(currency);
    SetupPage { door: frame::door(app, req), form, time_zones: time_zones(), currencies, errors }
}

/// The currencies offered, `chosen` among them and marked.
pub(super) fn currencies(chosen: &str) -> Vec<Choice> {
    let mut offered: Vec<Choice> = CURRENCIES
        .iter()
        .map(|(code, name)| Choice::new(*code, format!("{code} · {name}"), *code == chosen))
        .collect();
    if !chosen.is_empty() && !offered.iter().any(|choice| choice.selected) {
        offered.push(Choice::new(chosen, chosen, true));
    }
    offered
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Submitted {
    setup_code: String,
    name: String,
    email: String,
    password: String,
    workspace_name: String,
    time_zone: String,
    currency: String,
}

async fn submit(
    app: Data<App>,
    req: HttpRequest,
    form: Form<Submitted>,
) -> Result<HttpResponse, AppError> {
    if !app.setup.is_open() {
        return Err(AppError::not_found());
    }
    let form = form.into_inner();
    let user = NewUser {
        email: form.email.clone(),
        name: form.name.clone(),
        password: SecretString::from(form.password),
        is_admin: true,
    };
    let workspace = NewWorkspace {
        currency: form.currency.clone(),
        time_zone: form.time_zone.clone(),
        ..NewWorkspace::named(form.workspace_name.clone())
    };
    let from = frame::origin(&req);
    match first_run(&app, &form.setup_code, user, workspace, from.clone()).await {
        Ok(user) => {
            session_store::sign_in(&req, app.services.accounts.as_ref(), user, from).await?;
            let welcome = Flash::ok("You are set up. Begin by importing your contacts.");
            Ok(frame::lead_to(&app, "/dashboard", Some(welcome)))
        }
        Err(error) if error.status().is_client_error() => {
            let fields = [
                "setup_code",
                "name",
                "email",
                "password",
                "workspace_name",
                "time_zone",
                "currency",
            ];
            let errors = frame::form_errors(&error, &fields);
            let typed = SetupForm {
                setup_code: form.setup_code,
                name: form.name,
                email: form.email,
                workspace_name: form.workspace_name,
                time_zone: form.time_zone,
            };
            frame::again(&app, &req, &error, &view(&app, &req, typed, &form.currency, errors))
        }
        Err(error) => Err(error),
    }
}
