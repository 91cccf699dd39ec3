//! `GET /settings/providers/new`, `POST /settings/providers`, `GET, POST /settings/providers/{id}`: an SMTP server, and
//! the way to the forms of others by `provider_type`.

use std::collections::HashMap;

use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::ProviderId;
use crm_providers::providers::{NewProvider, ProviderConfig, Security, SmtpConfig};
use secrecy::SecretString;
use serde::Deserialize;

use super::{mailbox_form, mailgun_form, twilio_form};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::common::FormErrors;
use crate::views::providers::{ProviderFormPage, SmtpForm};
use crate::views::{Flash, Section};

const FIELDS: [&str; 13] = [
    "name",
    "host",
    "port",
    "security",
    "username",
    "password",
    "from_email",
    "from_name",
    "reply_to",
    "connections",
    "rate_per_minute",
    "rate_per_day",
    "warm_up_from",
];

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    host: String,
    port: String,
    security: String,
    username: String,
    password: String,
    from_email: String,
    from_name: String,
    reply_to: String,
    connections: String,
    rate_per_minute: String,
    rate_per_day: String,
    warm_up_from: String,
    is_default: String,
}

impl Typed {
    fn provider(&self) -> Result<NewProvider, AppError> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let config = SmtpConfig {
            host: self.host.trim().to_owned(),
            port: self
                .port
                .trim()
                .parse()
                .map_err(|_| AppError::invalid("port", "enter a port from 1 to 65535"))?,
            security: match self.security.as_str() {
                "none" => Security::None,
                "tls" => Security::Tls,
                _ => Security::Starttls,
            },
            username: text(&self.username),
            from_email: self.from_email.trim().to_owned(),
            from_name: self.from_name.trim().to_owned(),
            reply_to: text(&self.reply_to),
            connections: number("connections", &self.connections)?,
            rate_per_minute: number("rate_per_minute", &self.rate_per_minute)?,
            rate_per_day: number("rate_per_day", &self.rate_per_day)?,
            warm_up_from: number("warm_up_from", &self.warm_up_from)?,
        };
        Ok(NewProvider {
            name: self.name.clone(),
            config: ProviderConfig::Smtp(config),
            secret: Some(self.password.clone())
                .filter(|text| !text.is_empty())
                .map(SecretString::from),
            is_default: !self.is_default.is_empty(),
        })
    }

    fn form(&self) -> SmtpForm {
        SmtpForm {
            name: self.name.clone(),
            host: self.host.clone(),
            port: self.port.clone(),
            security: self.security.clone(),
            username: self.username.clone(),
            from_email: self.from_email.clone(),
            from_name: self.from_name.clone(),
            reply_to: self.reply_to.clone(),
            connections: self.connections.clone(),
            rate_per_minute: self.rate_per_minute.clone(),
            rate_per_day: self.rate_per_day.clone(),
            warm_up_from: self.warm_up_from.clone(),
            is_default: !self.is_default.is_empty(),
        }
    }
}

/// A form as it was sent. What it holds depends on the type of the provider.
pub(super) type Sent = HashMap<String, String>;

/// Reads a form; what is missing is empty, what is unknown is left.
pub(super) fn read<T: serde::de::DeserializeOwned>(sent: &Sent) -> Result<T, AppError> {
    let sent = serde_json::to_value(sent).and_then(serde_json::from_value);
    sent.map_err(AppError::internal)
}

fn kind(sent: &Sent) -> &str {
    sent.get("provider_type").map_or("smtp", String::as_str)
}

pub(super) fn number(field: &'static str, text: &str) -> Result<Option<u32>, AppError> {
    match text.trim() {
        "" => Ok(None),
        text => {
            text.parse().map(Some).map_err(|_| AppError::invalid(field, "enter a whole number"))
        }
    }
}

/// Errors of the service name settings as `config.<name>`; the form has plain names.
pub(super) fn errors(error: &AppError, fields: &'static [&'static str]) -> FormErrors {
    let mut plain = error.clone();
    plain.fields = error
        .fields
        .iter()
        .map(|(field, problem)| (field.trim_start_matches("config.").to_owned(), problem.clone()))
        .collect();
    frame::form_errors(&plain, fields)
}

/// The page of a new or a stored server.
struct About {
    id: Option<ProviderId>,
    form: SmtpForm,
    password_set: bool,
    errors: FormErrors,
}

async fn page(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ProvidersWrite>,
    about: About,
) -> Result<ProviderFormPage, AppError> {
    let title = if about.id.is_some() { "Mail server" } else { "New mail server" };
    Ok(ProviderFormPage {
        shell: frame::shell(app, req, allow, Section::Settings, title).await?,
        id: about.id.map(|id| id.to_string()),
        form: about.form,
        password_set: about.password_set,
        errors: about.errors,
    })
}

pub(super) async fn new(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    wanted: Query<Sent>,
) -> Result<HttpResponse, AppError> {
    match kind(&wanted) {
        "mailgun" => return mailgun_form::new(&allow, &app, &req).await,
        kind @ ("gmail" | "outlook") => return mailbox_form::new(&allow, &app, &req, kind).await,
        "twilio" => return twilio_form::new(&allow, &app, &req).await,
        _ => {}
    }
    let about = About {
        id: None,
        form: SmtpForm::default(),
        password_set: false,
        errors: FormErrors::none(),
    };
    let view = page(&app, &req, &allow, about).await?;
    frame::ok(&app, &req, &view)
}

pub(super) fn saved(app: &App) -> HttpResponse {
    let said = Flash::ok("The provider is saved. Send a test to see whether it answers.");
    frame::lead_to(app, "/settings/providers", Some(said))
}

pub(super) async fn create(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    sent: Form<Sent>,
) -> Result<HttpResponse, AppError> {
    match kind(&sent) {
        "mailgun" => return mailgun_form::create(&allow, &app, &req, &sent).await,
        "gmail" | "outlook" => return mailbox_form::create(&allow, &app, &req, &sent).await,
        "twilio" => return twilio_form::create(&allow, &app, &req, &sent).await,
        _ => {}
    }
    let typed: Typed = read(&sent)?;
    let made = match typed.provider() {
        Ok(new) => app.services.providers.create(allow.scope(), new).await.map_err(AppError::from),
        Err(error) => Err(error),
    };
    match made {
        Ok(_) => Ok(saved(&app)),
        Err(error) if error.is_correctable() => {
            let about = About {
                id: None,
                form: typed.form(),
                password_set: false,
                errors: errors(&error, &FIELDS),
            };
            let view = page(&app, &req, &allow, about).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn show(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ProviderId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.providers.get(allow.scope(), *id).await?;
    let stored = found.ok_or_else(AppError::not_found)?;
    let config = match stored.config {
        ProviderConfig::Smtp(config) => config,
        ProviderConfig::Mailgun(_) => return mailgun_form::show(&allow, &app, &req, stored).await,
        ProviderConfig::Gmail(_) | ProviderConfig::Outlook(_) => {
            return mailbox_form::show(&allow, &app, &req, stored).await;
        }
        ProviderConfig::Twilio(_) => return twilio_form::show(&allow, &app, &req, stored).await,
        ProviderConfig::Practice | ProviderConfig::PracticeText => {
            return Err(AppError::not_found());
        }
    };
    let text = |number: Option<u32>| number.map(|n| n.to_string()).unwrap_or_default();
    let security = match config.security {
        Security::None => "none",
        Security::Starttls => "starttls",
        Security::Tls => "tls",
    };
    let form = SmtpForm {
        name: stored.name,
        host: config.host,
        port: config.port.to_string(),
        security: security.to_owned(),
        username: config.username.unwrap_or_default(),
        from_email: config.from_email,
        from_name: config.from_name,
        reply_to: config.reply_to.unwrap_or_default(),
        connections: text(config.connections),
        rate_per_minute: text(config.rate_per_minute),
        rate_per_day: text(config.rate_per_day),
        warm_up_from: text(config.warm_up_from),
        is_default: stored.is_default,
    };
    let about =
        About { id: Some(*id), form, password_set: stored.has_secret, errors: FormErrors::none() };
    let view = page(&app, &req, &allow, about).await?;
    frame::ok(&app, &req, &view)
}

pub(super) async fn save(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ProviderId>,
    sent: Form<Sent>,
) -> Result<HttpResponse, AppError> {
    match kind(&sent) {
        "mailgun" => return mailgun_form::save(&allow, &app, &req, *id, &sent).await,
        "gmail" | "outlook" => return mailbox_form::save(&allow, &app, &req, *id, &sent).await,
        "twilio" => return twilio_form::save(&allow, &app, &req, *id, &sent).await,
        _ => {}
    }
    let typed: Typed = read(&sent)?;
    let changed = match typed.provider() {
        Ok(change) => {
            let providers = &app.services.providers;
            providers.update(allow.scope(), *id, None, change).await.map_err(AppError::from)
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(changed) => {
            changed.ok_or_else(AppError::not_found)?;
            Ok(saved(&app))
        }
        Err(error) if error.is_correctable() => {
            let about = About {
                id: Some(*id),
                form: typed.form(),
                password_set: false,
                errors: errors(&error, &FIELDS),
            };
            let view = page(&app, &req, &allow, about).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}
