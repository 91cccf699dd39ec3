//! The form of a mailbox at Gmail or Outlook.

use actix_web::{HttpRequest, HttpResponse};
use crm_core::ProviderId;
use crm_providers::Provider;
use crm_providers::providers::{MailboxConfig, NewProvider, ProviderConfig};
use secrecy::SecretString;
use serde::Deserialize;

use super::mailbox_connect::redirect;
use super::provider_form::{Sent, errors, number, read, saved};
use super::providers::limit;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Section;
use crate::views::common::{Fact, FormErrors};
use crate::views::mailbox::{MailboxForm, MailboxFormPage};

const FIELDS: [&str; 9] = [
    "name",
    "client_id",
    "client_secret",
    "tenant",
    "from_name",
    "reply_to",
    "rate_per_minute",
    "rate_per_day",
    "warm_up_from",
];

/// What is known of a mailbox.
pub(super) fn about(config: &MailboxConfig, provider: &Provider) -> Vec<Fact> {
    let from = provider.account.as_ref().map_or_else(
        || "not connected".to_owned(),
        |account| format!("{} <{account}>", config.from_name),
    );
    let mut facts = vec![
        Fact::new("From", from),
        Fact::new("Client secret", if provider.has_secret { "set" } else { "not set" }),
        Fact::new("Per minute", limit(config.rate_per_minute)),
        Fact::new("Per day", limit(config.rate_per_day)),
    ];
    if let Some(first) = config.warm_up_from {
        facts.push(Fact::new("Warm-up", format!("{first} on the first day")));
    }
    facts
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    provider_type: String,
    name: String,
    client_id: String,
    client_secret: String,
    tenant: String,
    from_name: String,
    reply_to: String,
    may_look: String,
    rate_per_minute: String,
    rate_per_day: String,
    warm_up_from: String,
    is_default: String,
}

impl Typed {
    fn provider(&self) -> Result<NewProvider, AppError> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let config = MailboxConfig {
            client_id: self.client_id.trim().to_owned(),
            tenant: text(&self.tenant),
            from_name: self.from_name.trim().to_owned(),
            reply_to: text(&self.reply_to),
            may_look: !self.may_look.is_empty(),
            rate_per_minute: number("rate_per_minute", &self.rate_per_minute)?,
            rate_per_day: number("rate_per_day", &self.rate_per_day)?,
            warm_up_from: number("warm_up_from", &self.warm_up_from)?,
        };
        let config = match self.provider_type.as_str() {
            "outlook" => ProviderConfig::Outlook(config),
            _ => ProviderConfig::Gmail(config),
        };
        Ok(NewProvider {
            name: self.name.clone(),
            config,
            secret: text(&self.client_secret).map(SecretString::from),
            is_default: !self.is_default.is_empty(),
        })
    }

    fn form(&self) -> MailboxForm {
        MailboxForm {
            name: self.name.clone(),
            client_id: self.client_id.clone(),
            tenant: self.tenant.clone(),
            from_name: self.from_name.clone(),
            reply_to: self.reply_to.clone(),
            may_look: !self.may_look.is_empty(),
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
    kind: String,
    form: MailboxForm,
    secret_set: bool,
    errors: FormErrors,
}

async fn page(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ProvidersWrite>,
    shown: Shown,
) -> Result<MailboxFormPage, AppError> {
    let name = if shown.kind == "outlook" { "Outlook" } else { "Gmail" };
    let title = if shown.id.is_some() { name.to_owned() } else { format!("New {name} account") };
    Ok(MailboxFormPage {
        shell: frame::shell(app, req, allow, Section::Settings, title).await?,
        id: shown.id.map(|id| id.to_string()),
        provider_type: shown.kind,
        form: shown.form,
        secret_set: shown.secret_set,
        redirect: redirect(app),
        errors: shown.errors,
    })
}

pub(super) async fn new(
    allow: &Allow<rights::ProvidersWrite>,
    app: &App,
    req: &HttpRequest,
    kind: &str,
) -> Result<HttpResponse, AppError> {
    let (form, errors) = (MailboxForm::default(), FormErrors::none());
    let shown = Shown { id: None, kind: kind.to_owned(), form, secret_set: false, errors };
    frame::ok(app, req, &page(app, req, allow, shown).await?)
}

pub(super) async fn show(
    allow: &Allow<rights::ProvidersWrite>,
    app: &App,
    req: &HttpRequest,
    stored: Provider,
) -> Result<HttpResponse, AppError> {
    let kind = stored.config.kind().to_owned();
    let (ProviderConfig::Gmail(config) | ProviderConfig::Outlook(config)) = stored.config else {
        return Err(AppError::not_found());
    };
    let text = |number: Option<u32>| number.map(|n| n.to_string()).unwrap_or_default();
    let form = MailboxForm {
        name: stored.name,
        client_id: config.client_id,
        tenant: config.tenant.unwrap_or_default(),
        from_name: config.from_name,
        reply_to: config.reply_to.unwrap_or_default(),
        may_look: config.may_look,
        rate_per_minute: text(config.rate_per_minute),
        rate_per_day: text(config.rate_per_day),
        warm_up_from: text(config.warm_up_from),
        is_default: stored.is_default,
    };
    let (id, secret_set, errors) = (Some(stored.id), stored.has_secret, FormErrors::none());
    frame::ok(app, req, &page(app, req, allow, Shown { id, kind, form, secret_set, errors }).await?)
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
    let (kind, form) = (typed.provider_type.clone(), typed.form());
    let errors = errors(&error, &FIELDS);
    let shown = Shown { id, kind, form, secret_set: id.is_some(), errors };
    frame::again(app, req, &error, &page(app, req, allow, shown).await?)
}
