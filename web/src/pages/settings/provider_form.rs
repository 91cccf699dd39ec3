//! `GET /settings/providers/new`, `POST /settings/providers`, `GET, POST /settings/providers/{id}`: the forms of providers,
//! each type's by `provider_type`.

use std::collections::HashMap;

use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::ProviderId;
use crm_providers::providers::ProviderConfig;

use super::{mailbox_form, mailgun_form, provider_page, smtp_form, twilio_form};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Flash;
use crate::views::common::FormErrors;

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

/// A text that may be left out, without space around it.
pub(super) fn filled(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A number that may be left out.
pub(super) fn number(field: &'static str, text: &str) -> Result<Option<u32>, AppError> {
    match text.trim() {
        "" => Ok(None),
        text => {
            text.parse().map(Some).map_err(|_| AppError::invalid(field, "enter a whole number"))
        }
    }
}

/// The same as a form shows it.
pub(super) fn text(number: Option<u32>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// A box as it is sent: something where it is ticked.
pub(super) fn checked(is: bool) -> String {
    if is { "true" } else { "" }.to_owned()
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

/// Back to the providers.
pub(super) fn saved(app: &App) -> HttpResponse {
    let said = Flash::ok("The provider is saved. Send a test to see whether it answers.");
    frame::lead_to(app, "/settings/providers", Some(said))
}

pub(super) async fn new(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    wanted: Query<Sent>,
) -> Result<HttpResponse, AppError> {
    let asked = (&allow, app.get_ref(), &req);
    let kind = kind(&wanted);
    match kind {
        "mailgun" => provider_page::new::<mailgun_form::Typed>(asked, kind).await,
        "gmail" | "outlook" => provider_page::new::<mailbox_form::Typed>(asked, kind).await,
        "twilio" => provider_page::new::<twilio_form::Typed>(asked, kind).await,
        _ => provider_page::new::<smtp_form::Typed>(asked, kind).await,
    }
}

pub(super) async fn create(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    sent: Form<Sent>,
) -> Result<HttpResponse, AppError> {
    let asked = (&allow, app.get_ref(), &req);
    match kind(&sent) {
        "mailgun" => provider_page::create::<mailgun_form::Typed>(asked, &sent).await,
        "gmail" | "outlook" => provider_page::create::<mailbox_form::Typed>(asked, &sent).await,
        "twilio" => provider_page::create::<twilio_form::Typed>(asked, &sent).await,
        _ => provider_page::create::<smtp_form::Typed>(asked, &sent).await,
    }
}

pub(super) async fn show(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ProviderId>,
) -> Result<HttpResponse, AppError> {
    let asked = (&allow, app.get_ref(), &req);
    let found = app.services.providers.get(allow.scope(), *id).await?;
    let stored = found.ok_or_else(AppError::not_found)?;
    match stored.config {
        ProviderConfig::Smtp(_) => provider_page::show::<smtp_form::Typed>(asked, stored).await,
        ProviderConfig::Mailgun(_) => {
            provider_page::show::<mailgun_form::Typed>(asked, stored).await
        }
        ProviderConfig::Gmail(_) | ProviderConfig::Outlook(_) => {
            provider_page::show::<mailbox_form::Typed>(asked, stored).await
        }
        ProviderConfig::Twilio(_) => provider_page::show::<twilio_form::Typed>(asked, stored).await,
        ProviderConfig::Practice | ProviderConfig::PracticeText => Err(AppError::not_found()),
    }
}

pub(super) async fn save(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ProviderId>,
    sent: Form<Sent>,
) -> Result<HttpResponse, AppError> {
    let asked = (&allow, app.get_ref(), &req);
    match kind(&sent) {
        "mailgun" => provider_page::save::<mailgun_form::Typed>(asked, *id, &sent).await,
        "gmail" | "outlook" => provider_page::save::<mailbox_form::Typed>(asked, *id, &sent).await,
        "twilio" => provider_page::save::<twilio_form::Typed>(asked, *id, &sent).await,
        _ => provider_page::save::<smtp_form::Typed>(asked, *id, &sent).await,
    }
}
