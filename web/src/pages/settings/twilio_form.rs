//! The form of a Twilio account.

use actix_web::{HttpRequest, HttpResponse};
use crm_core::ProviderId;
use crm_providers::Provider;
use crm_providers::providers::{NewProvider, ProviderConfig, TwilioConfig};
use secrecy::SecretString;
use serde::Deserialize;

use super::provider_form::{Sent, errors, number, read, saved};
use super::providers::limit;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Section;
use crate::views::common::{Fact, FormErrors};
use crate::views::twilio::{TwilioForm, TwilioFormPage};

const FIELDS: [&str; 8] = [
    "name",
    "account_sid",
    "auth_token",
    "from",
    "messaging_service_sid",
    "base_url",
    "rate_per_minute",
    "rate_per_day",
];

/// One line about an account, and what is known of it.
pub(super) fn about(config: &TwilioConfig, has_token: bool) -> (String, Vec<Fact>) {
    let sender = config.messaging_service_sid.as_ref().or(config.from.as_ref());
    let facts = vec![
        Fact::new("From", sender.cloned().unwrap_or_default()),
        Fact::new("Auth token", if has_token { "set" } else { "not set" }),
        Fact::new("Per minute", limit(config.rate_per_minute)),
        Fact::new("Per day", limit(config.rate_per_day)),
    ];
    (format!("Twilio, {}", config.account_sid), facts)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    name: String,
    account_sid: String,
    auth_token: String,
    from: String,
    messaging_service_sid: String,
    base_url: String,
    rate_per_minute: String,
    rate_per_day: String,
    is_default: String,
}

impl Typed {
    fn provider(&self) -> Result<NewProvider, AppError> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let config = TwilioConfig {
            account_sid: self.account_sid.clone(),
            from: text(&self.from),
            messaging_service_sid: text(&self.messaging_service_sid),
            base_url: text(&self.base_url),
            rate_per_minute: number("rate_per_minute", &self.rate_per_minute)?,
            rate_per_day: number("rate_per_day", &self.rate_per_day)?,
        };
        Ok(NewProvider {
            name: self.name.clone(),
            config: ProviderConfig::Twilio(config),
            secret: text(&self.auth_token).map(SecretString::from),
            is_default: !self.is_default.is_empty(),
        })
    }

    fn form(&self) -> TwilioForm {
        TwilioForm {
            name: self.name.clone(),
            account_sid: self.account_sid.clone(),
            from: self.from.clone(),
            messaging_service_sid: self.messaging_service_sid.clone(),
            base_url: self.base_url.clone(),
            rate_per_minute: self.rate_per_minute.clone(),
            rate_per_day: self.rate_per_day.clone(),
            is_default: !self.is_default.is_empty(),
        }
    }
}

/// What the page shows beside the frame.
struct Shown {
    id: Option<ProviderId>,
    form: TwilioForm,
    token_set: bool,
    errors: FormErrors,
}

async fn page(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ProvidersWrite>,
    shown: Shown,
) -> Result<TwilioFormPage, AppError> {
    let title = if shown.id.is_some() { "Twilio" } else { "New Twilio account" };
    let public = app.config.public_url.as_deref();
    let hook = shown.id.zip(public).map(|(id, public)| format!("{public}/hooks/twilio/{id}"));
    Ok(TwilioFormPage {
        shell: frame::shell(app, req, allow, Section::Settings, title).await?,
        id: shown.id.map(|id| id.to_string()),
        form: shown.form,
        token_set: shown.token_set,
        hook,
        errors: shown.errors,
    })
}

pub(super) async fn new(
    allow: &Allow<rights::ProvidersWrite>,
    app: &App,
    req: &HttpRequest,
) -> Result<HttpResponse, AppError> {
    let form = TwilioForm::default();
    let shown = Shown { id: None, form, token_set: false, errors: FormErrors::none() };
    frame::ok(app, req, &page(app, req, allow, shown).await?)
}

pub(super) async fn show(
    allow: &Allow<rights::ProvidersWrite>,
    app: &App,
    req: &HttpRequest,
    stored: Provider,
) -> Result<HttpResponse, AppError> {
    let ProviderConfig::Twilio(config) = stored.config else {
        return Err(AppError::not_found());
    };
    let text = |number: Option<u32>| number.map(|n| n.to_string()).unwrap_or_default();
    let form = TwilioForm {
        name: stored.name,
        account_sid: config.account_sid,
        from: config.from.unwrap_or_default(),
        messaging_service_sid: config.messaging_service_sid.unwrap_or_default(),
        base_url: config.base_url.unwrap_or_default(),
        rate_per_minute: text(config.rate_per_minute),
        rate_per_day: text(config.rate_per_day),
        is_default: stored.is_default,
    };
    let token_set = stored.has_secret;
    let shown = Shown { id: Some(stored.id), form, token_set, errors: FormErrors::none() };
    frame::ok(app, req, &page(app, req, allow, shown).await?)
}

pub(super) async fn create(
    allow: &Allow<rights::ProvidersWrite>,
    app: &App,
    req: &HttpRequest,
    sent: &Sent,
) -> Result<HttpResponse, AppError> {
    let typed: Typed = read(sent)?;
    let made = match typed.provider() {
        Ok(new) => app.services.providers.create(allow.scope(), new).await.map_err(AppError::from),
        Err(error) => Err(error),
    };
    match made {
        Ok(_) => Ok(saved(app)),
        Err(error) => again(allow, app, req, (None, &typed), error).await,
    }
}

pub(super) async fn save(
    allow: &Allow<rights::ProvidersWrite>,
    app: &App,
    req: &HttpRequest,
    id: ProviderId,
    sent: &Sent,
) -> Result<HttpResponse, AppError> {
    let typed: Typed = read(sent)?;
    let changed = match typed.provider() {
        Ok(change) => {
            let providers = &app.services.providers;
            providers.update(allow.scope(), id, None, change).await.map_err(AppError::from)
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(changed) => {
            changed.ok_or_else(AppError::not_found)?;
            Ok(saved(app))
        }
        Err(error) => again(allow, app, req, (Some(id), &typed), error).await,
    }
}

/// The form once more, with what is wrong.
async fn again(
    allow: &Allow<rights::ProvidersWrite>,
    app: &App,
    req: &HttpRequest,
    (id, typed): (Option<ProviderId>, &Typed),
    error: AppError,
) -> Result<HttpResponse, AppError> {
    if !error.is_correctable() {
        return Err(error);
    }
    let errors = errors(&error, &FIELDS);
    let shown = Shown { id, form: typed.form(), token_set: id.is_some(), errors };
    frame::again(app, req, &error, &page(app, req, allow, shown).await?)
}
