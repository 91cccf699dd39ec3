//! `GET /settings/providers`, and what can be done with one: test, make default, delete.

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::{Permission, ProviderId, Scope};
use crm_providers::providers::{NewProvider, ProviderConfig, Security, TestStep};
use crm_providers::spending::Spending;
use crm_providers::{Provider, ProviderKind};
use serde::Deserialize;

use crate::error::AppError;
use crate::extract::{Allow, Right, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::common::Fact;
use crate::views::providers::{ProviderCard, ProvidersPage, TestResult, TestStage};
use crate::views::{Flash, Section};

pub(super) async fn show(
    allow: Allow<rights::ProvidersRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let view = page(&app, &req, &allow, None).await?;
    frame::ok(&app, &req, &view)
}

async fn page<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    tested: Option<(ProviderId, String, TestResult)>,
) -> Result<ProvidersPage, AppError> {
    let found = app.services.providers.all(allow.scope()).await?;
    let mine = &allow.identity().user.email;
    let mut providers: Vec<ProviderCard> = Vec::with_capacity(found.len());
    for provider in found {
        let id = provider.id;
        let mut card = card(provider, mine);
        if let Some(spending) = app.services.providers.spending(allow.scope(), id).await? {
            card.facts.push(Fact::new("This month", spent(&spending)));
        }
        if let Some((tested_id, to, result)) = &tested
            && *tested_id == id
        {
            card.test_to.clone_from(to);
            card.test = Some(result.clone());
        }
        providers.push(card);
    }
    Ok(ProvidersPage {
        shell: frame::shell(app, req, allow, Section::Settings, "Providers").await?,
        providers,
        may_write: allow.scope().allows(Permission::ProvidersWrite),
    })
}

fn card(provider: Provider, mine: &str) -> ProviderCard {
    let (summary, facts) = match &provider.config {
        ProviderConfig::Practice => {
            ("E-mail stays here, to be read as the recipient would see it".to_owned(), Vec::new())
        }
        ProviderConfig::PracticeText => ("Text messages stay here".to_owned(), Vec::new()),
        ProviderConfig::Smtp(config) => {
            let security = match config.security {
                Security::None => "not encrypted",
                Security::Starttls => "STARTTLS",
                Security::Tls => "TLS",
            };
            let password = if provider.has_secret { "set" } else { "not set" };
            let mut facts = vec![
                Fact::new("From", format!("{} <{}>", config.from_name, config.from_email)),
                Fact::new("Encryption", security),
                Fact::new("Password", password),
            ];
            facts.extend(limits(config.rate_per_minute, config.rate_per_day, config.warm_up_from));
            (format!("SMTP, {}:{}", config.host, config.port), facts)
        }
        ProviderConfig::Gmail(config) => {
            ("Mailbox at Google".to_owned(), super::mailbox_form::about(config, &provider))
        }
        ProviderConfig::Outlook(config) => {
            ("Mailbox at Microsoft".to_owned(), super::mailbox_form::about(config, &provider))
        }
        ProviderConfig::Mailgun(config) => super::mailgun_form::about(config, provider.has_secret),
        ProviderConfig::Twilio(config) => super::twilio_form::about(config, provider.has_secret),
    };
    let provider_kind = provider.config.takes();
    ProviderCard {
        id: provider.id.to_string(),
        provider_type: provider.config.kind().to_owned(),
        name: provider.name,
        summary,
        is_default: provider.is_default,
        facts,
        account: provider.account,
        state: provider.state.as_str().to_owned(),
        last_checked_at: provider.last_checked_at.map(|at| at.to_string()),
        last_success_at: provider.last_success_at.map(|at| at.to_string()),
        last_error: provider.last_error,
        test_to: match provider_kind {
            ProviderKind::Email => mine.to_owned(),
            ProviderKind::Text => String::new(),
        },
        test: None,
    }
}

#[derive(Deserialize)]
pub(super) struct To {
    #[serde(default)]
    to: String,
}

pub(super) async fn test(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ProviderId>,
    form: Form<To>,
) -> Result<HttpResponse, AppError> {
    let result = match app
        .services
        .providers
        .test(allow.scope(), *id, &form.to)
        .await
        .map_err(AppError::from)
    {
        Ok(steps) => result(&steps.ok_or_else(AppError::not_found)?, &form.to),
        Err(error) if error.is_correctable() => TestResult {
            ok: false,
            message: frame::sentence(&error.message),
            ..TestResult::default()
        },
        Err(error) => return Err(error),
    };
    let view = page(&app, &req, &allow, Some((*id, form.into_inner().to, result))).await?;
    frame::ok(&app, &req, &view)
}

fn result(steps: &[TestStep], to: &str) -> TestResult {
    let stages = steps.iter().map(|step| TestStage {
        label: label(step.step).to_owned(),
        tone: if step.ok { "ok" } else { "bad" }.to_owned(),
        detail: format!("{} ms", step.millis),
    });
    let failed = steps.iter().find(|step| !step.ok);
    TestResult {
        ok: failed.is_none(),
        stages: stages.collect(),
        message: match failed {
            None => format!("The message to {to} was accepted."),
            Some(step) => frame::sentence(&step.message),
        },
        reply: failed.or(steps.last()).map(|step| step.message.clone()),
    }
}

fn label(step: &str) -> &'static str {
    match step {
        "connect" => "Connected",
        "tls" => "Encrypted",
        "sign_in" => "Signed in",
        "sign" => "Signed",
        _ => "Accepted",
    }
}

/// What text messages cost this month.
fn spent(spending: &Spending) -> String {
    let parts = match spending.most {
        Some(most) => format!("{} of {most} text parts", spending.parts),
        None => format!("{} text parts", spending.parts),
    };
    match spending.price {
        Some(price) => format!("{parts}, about {}", price.of(spending.parts)),
        None => parts,
    }
}

/// How much may leave by a provider.
pub(super) fn limits(
    per_minute: Option<u32>,
    per_day: Option<u32>,
    warm_up_from: Option<u32>,
) -> impl Iterator<Item = Fact> {
    let warm_up =
        warm_up_from.map(|first| Fact::new("Warm-up", format!("{first} on the first day")));
    [Fact::new("Per minute", limit(per_minute)), Fact::new("Per day", limit(per_day))]
        .into_iter()
        .chain(warm_up)
}

/// A limit in words.
fn limit(limit: Option<u32>) -> String {
    limit.map_or_else(|| "no limit".to_owned(), |most| most.to_string())
}

async fn find(app: &App, scope: &Scope, id: ProviderId) -> Result<Provider, AppError> {
    app.services.providers.get(scope, id).await?.ok_or_else(AppError::not_found)
}

pub(super) async fn make_default(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    id: Path<ProviderId>,
) -> Result<HttpResponse, AppError> {
    let provider = find(&app, allow.scope(), *id).await?;
    let seen = provider.version();
    let said = Flash::ok(format!("Campaigns use {} unless they say otherwise.", provider.name));
    let change = NewProvider {
        name: provider.name,
        config: provider.config,
        secret: None,
        webhook_key: None,
        is_default: true,
    };
    app.services.providers.update(allow.scope(), *id, Some(seen), change).await?;
    Ok(frame::lead_to(&app, "/settings/providers", Some(said)))
}

pub(super) async fn delete(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    id: Path<ProviderId>,
) -> Result<HttpResponse, AppError> {
    let provider = find(&app, allow.scope(), *id).await?;
    let said = match app.services.providers.delete(allow.scope(), *id).await.map_err(AppError::from)
    {
        Ok(_) => Flash::ok(format!("{} is deleted.", provider.name)),
        Err(error) if error.is_correctable() => Flash::bad(frame::sentence(&error.message)),
        Err(error) => return Err(error),
    };
    Ok(frame::lead_to(&app, "/settings/providers", Some(said)))
}
