//! `/settings/ai`: whether there are AI drafts, from which model, and what they cost.

use std::collections::HashMap;

use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use crm_ai::drafts::{AiSettings, KeyChange, NewAiSettings, Price, Use, cost};
use crm_core::{Permission, Scope, UserId};
use secrecy::SecretString;
use serde::Deserialize;

use crate::error::AppError;
use crate::extract::{Allow, Right, rights};
use crate::pages::frame;
use crate::pages::templates::draft;
use crate::state::App;
use crate::views::ai::{AiSettingsForm, AiSettingsPage, AiUsageBox, AiUseRow};
use crate::views::common::FormErrors;
use crate::views::{Flash, Section};

const FIELDS: [&str; 6] =
    ["base_url", "model", "api_key", "monthly_tokens", "price_read", "price_written"];

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    enabled: String,
    base_url: String,
    model: String,
    api_key: String,
    clear_key: String,
    monthly_tokens: String,
    price_read: String,
    price_written: String,
    version: String,
}

impl Typed {
    fn settings(&self) -> Result<NewAiSettings, AppError> {
        let key = match self.api_key.trim() {
            "" if !self.clear_key.is_empty() => KeyChange::Clear,
            "" => KeyChange::Keep,
            key => KeyChange::Set(SecretString::from(key.to_owned())),
        };
        let digits = self.monthly_tokens.replace([' ', ',', '\u{a0}', '\u{202f}'], "");
        Ok(NewAiSettings {
            is_enabled: !self.enabled.is_empty(),
            base_url: self.base_url.clone(),
            model: self.model.clone(),
            key,
            monthly_tokens: digits.parse().map_err(|_| {
                AppError::invalid("monthly_tokens", "enter a whole number up to 1,000,000,000")
            })?,
            price_read: price("price_read", &self.price_read)?,
            price_written: price("price_written", &self.price_written)?,
        })
    }

    fn form(&self) -> AiSettingsForm {
        AiSettingsForm {
            enabled: !self.enabled.is_empty(),
            base_url: self.base_url.clone(),
            model: self.model.clone(),
            monthly_tokens: self.monthly_tokens.clone(),
            price_read: self.price_read.clone(),
            price_written: self.price_written.clone(),
        }
    }
}

fn price(field: &str, typed: &str) -> Result<Option<Price>, AppError> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    typed.parse::<Price>().map(Some).map_err(|error| AppError::invalid(field, error.to_string()))
}

fn form(settings: &AiSettings) -> AiSettingsForm {
    AiSettingsForm {
        enabled: settings.is_enabled,
        base_url: settings.base_url.clone().unwrap_or_default(),
        model: settings.model.clone().unwrap_or_default(),
        monthly_tokens: settings.monthly_tokens.to_string(),
        price_read: settings.price_read.map(|price| price.to_string()).unwrap_or_default(),
        price_written: settings.price_written.map(|price| price.to_string()).unwrap_or_default(),
    }
}

pub(super) async fn show(
    allow: Allow<rights::ProvidersRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let settings = app.services.drafts.settings(allow.scope()).await?;
    let typed = (form(&settings), FormErrors::none());
    let view = view(&app, &req, &allow, settings, typed).await?;
    frame::ok(&app, &req, &view)
}

async fn view<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    settings: AiSettings,
    (form, errors): (AiSettingsForm, FormErrors),
) -> Result<AiSettingsPage, AppError> {
    let scope = allow.scope();
    let default = app.services.drafts.default_address();
    Ok(AiSettingsPage {
        shell: frame::shell(app, req, allow, Section::Settings, "AI").await?,
        has_key: settings.has_key,
        default_address: default,
        reason: draft::reason(&settings),
        usage: usage(app, scope, &settings).await?,
        model: settings.effective_model,
        version: settings.version,
        may_write: scope.allows(Permission::ProvidersWrite),
        form,
        errors,
    })
}

async fn usage(app: &App, scope: &Scope, settings: &AiSettings) -> Result<AiUsageBox, AppError> {
    let used = app.services.drafts.usage(scope).await?;
    let members = app.services.accounts.members(scope).await?;
    let names: HashMap<UserId, String> =
        members.into_iter().map(|member| (member.user_id, member.name)).collect();
    Ok(AiUsageBox {
        since: used.since.to_string(),
        tokens: used.tokens,
        read: used.read,
        written: used.written,
        cost: cost((used.read, settings.price_read), (used.written, settings.price_written)),
        cap: settings.monthly_tokens,
        uses: used.uses,
        rows: used.last.into_iter().map(|one| row(one, &names)).collect(),
    })
}

fn row(one: Use, names: &HashMap<UserId, String>) -> AiUseRow {
    let (tone, outcome) = words(&one.outcome);
    let who = match one.user_id {
        None if one.purpose == "insights" => "pi-crm",
        None => "Somebody who has left",
        Some(id) => names.get(&id).map_or("Somebody who has left", String::as_str),
    };
    AiUseRow {
        at: one.at.to_string(),
        who: who.to_owned(),
        purpose: purpose(&one.purpose).to_owned(),
        model: one.model,
        tone: tone.to_owned(),
        outcome: outcome.to_owned(),
        tokens: one.tokens.prompt.saturating_add(one.tokens.completion),
        is_estimate: one.is_estimate,
    }
}

/// What a use was for, in words.
fn purpose(word: &str) -> &'static str {
    match word {
        "insights" => "Insights",
        "timeline_summary" => "Summary",
        _ => "Draft",
    }
}

/// How a use ended, in words.
fn words(outcome: &str) -> (&'static str, &'static str) {
    match outcome {
        "done" => ("ok", "Written"),
        "running" => ("info", "Being written"),
        "stopped" => ("mute", "Stopped"),
        "key_refused" => ("bad", "Key refused"),
        "busy" => ("bad", "Server busy"),
        "no_credit" => ("bad", "No credit left"),
        "unknown_model" => ("bad", "Unknown model"),
        "refused" => ("bad", "Request refused"),
        "unreachable" => ("bad", "Not reached"),
        "blocked" => ("bad", "Address blocked"),
        "stalled" => ("bad", "No answer"),
        "too_slow" => ("bad", "Too slow"),
        "rubbish" => ("bad", "No draft in it"),
        "cut_off" => ("bad", "Cut off"),
        "too_long" => ("bad", "Too long"),
        "declined" => ("bad", "Declined"),
        _ => ("bad", "Server fault"),
    }
}

pub(super) async fn save(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let drafts = &app.services.drafts;
    let seen = typed.version.parse().ok();
    let changed = match typed.settings() {
        Ok(change) => {
            drafts.change_settings(allow.scope(), seen, change).await.map_err(AppError::from)
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(settings) => {
            let said = match draft::reason(&settings) {
                off if off.is_empty() => "The settings are saved. AI drafts are on.".to_owned(),
                off => format!("The settings are saved. {off}"),
            };
            Ok(frame::lead_to(&app, "/settings/ai", Some(Flash::ok(said))))
        }
        Err(error) if error.is_correctable() || error.code == "stale" => {
            let stored = drafts.settings(allow.scope()).await?;
            let typed = (typed.form(), frame::form_errors(&error, &FIELDS));
            let view = view(&app, &req, &allow, stored, typed).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}
