//! The form of a Mailgun account.

use actix_web::{HttpRequest, HttpResponse};
use crm_core::ProviderId;
use crm_providers::Provider;
use crm_providers::mailgun::{EU, US};
use crm_providers::providers::{MailgunConfig, NewProvider, ProviderConfig};
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
use crate::views::mailgun::{MailgunForm, MailgunFormPage};

const FIELDS: [&str; 10] = [
    "name",
    "domain",
    "api_key",
    "base_url",
    "from_email",
    "from_name",
    "reply_to",
    "rate_per_minute",
    "rate_per_day",
    "warm_up_from",
];

/// One line about an account, and what is known of it.
pub(super) fn about(config: &MailgunConfig, has_key: bool) -> (String, Vec<Fact>) {
    let region = match config.base_url.as_deref() {
        None | Some(US) => "US",
        Some(EU) => "EU",
        Some(other) => other,
    };
    let mut facts = vec![
        Fact::new("From", format!("{} <{}>", config.from_name, config.from_email)),
        Fact::new("API key", if has_key { "set" } else { "not set" }),
        Fact::new("Per minute", limit(config.rate_per_minute)),
        Fact::new("Per day", limit(config.rate_per_day)),
    ];
    if let Some(first) = config.warm_up_from {
        facts.push(Fact::new("Warm-up", format!("{first} on the first day")));
    }
    (format!("Mailgun, {}, {region}", config.domain), facts)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    name: String,
    domain: String,
    api_key: String,
    region: String,
    base_url: String,
    from_email: String,
    from_name: String,
    reply_to: String,
    rate_per_minute: String,
    rate_per_day: String,
    warm_up_from: String,
    is_default: String,
}

impl Typed {
    fn provider(&self) -> Result<NewProvider, AppError> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let config = MailgunConfig {
            domain: self.domain.clone(),
            base_url: match self.region.as_str() {
                "eu" => Some(EU.to_owned()),
                "other" => match text(&self.base_url) {
                    None => return Err(AppError::invalid("base_url", "enter the address")),
                    given => given,
                },
                _ => None,
            },
            from_email: self.from_email.trim().to_owned(),
            from_name: self.from_name.trim().to_owned(),
            reply_to: text(&self.reply_to),
            rate_per_minute: number("rate_per_minute", &self.rate_per_minute)?,
            rate_per_day: number("rate_per_day", &self.rate_per_day)?,
            warm_up_from: number("warm_up_from", &self.warm_up_from)?,
        };
        Ok(NewProvider {
            name: self.name.clone(),
            config: ProviderConfig::Mailgun(config),
            secret: Some(self.api_key.trim().to_owned())
                .filter(|text| !text.is_empty())
                .map(SecretString::from),
            is_default: !self.is_default.is_empty(),
        })
    }

    fn form(&self) -> MailgunForm {
        MailgunForm {
            name: self.name.clone(),
            domain: self.domain.clone(),
            region: self.region.clone(),
            base_url: self.base_url.clone(),
            from_email: self.from_email.clone(),
            from_name: self.from_name.clone(),
            reply_to: self.reply_to.clone(),
            rate_per_minute: self.rate_per_minute.clone(),
            rate_per_day: self.rate_per_day.clone(),
            warm_up_from: self.warm_up_from.clone(),
            is_default: !self.is_default.is_empty(),
        }
    }
}

/// What the page shows beside the frame.
struct Shown {
    id: Option<ProviderId>,
    form: MailgunForm,
    key_set: bool,
    errors: FormErrors,
}

async fn page(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ProvidersWrite>,
    shown: Shown,
) -> Result<MailgunFormPage, AppError> {
    let title = if shown.id.is_some() { "Mailgun" } else { "New Mailgun account" };
    Ok(MailgunFormPage {
        shell: frame::shell(app, req, allow, Section::Settings, title).await?,
        id: shown.id.map(|id| id.to_string()),
        form: shown.form,
        key_set: shown.key_set,
        errors: shown.errors,
    })
}

pub(super) async fn new(
    allow: &Allow<rights::ProvidersWrite>,
    app: &App,
    req: &HttpRequest,
) -> Result<HttpResponse, AppError> {
    let form = MailgunForm::default();
    let shown = Shown { id: None, form, key_set: false, errors: FormErrors::none() };
    frame::ok(app, req, &page(app, req, allow, shown).await?)
}

pub(super) async fn show(
    allow: &Allow<rights::ProvidersWrite>,
    app: &App,
    req: &HttpRequest,
    stored: Provider,
) -> Result<HttpResponse, AppError> {
    let ProviderConfig::Mailgun(config) = stored.config else {
        return Err(AppError::not_found());
    };
    let text = |number: Option<u32>| number.map(|n| n.to_string()).unwrap_or_default();
    let (region, base_url) = match config.base_url {
        None => ("us", String::new()),
        Some(url) if url == US => ("us", String::new()),
        Some(url) if url == EU => ("eu", String::new()),
        Some(url) => ("other", url),
    };
    let form = MailgunForm {
        name: stored.name,
        domain: config.domain,
        region: region.to_owned(),
        base_url,
        from_email: config.from_email,
        from_name: config.from_name,
        reply_to: config.reply_to.unwrap_or_default(),
        rate_per_minute: text(config.rate_per_minute),
        rate_per_day: text(config.rate_per_day),
        warm_up_from: text(config.warm_up_from),
        is_default: stored.is_default,
    };
    let key_set = stored.has_secret;
    let shown = Shown { id: Some(stored.id), form, key_set, errors: FormErrors::none() };
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
    let shown = Shown { id, form: typed.form(), key_set: id.is_some(), errors };
    frame::again(app, req, &error, &page(app, req, allow, shown).await?)
}
