//! `/api/ai`: whether there are AI drafts, from which model, and what they cost.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_ai::drafts::{
    AiSettings, DEFAULT_MONTHLY_TOKENS, KeyChange, NewAiSettings, NotReady, Price, Usage, Use, cost,
};
use crm_core::{AiUsageId, Timestamp, UserId};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

/// What stands where a key would.
const HIDDEN: &str = "••••";

/// `/api/ai…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/ai/settings")
                .route(web::get().to(settings))
                .route(web::put().to(change)),
        )
        .route("/ai/usage", web::get().to(usage));
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(settings, change, usage))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = AiSettings)]
struct View {
    /// Whether drafts are on.
    enabled: bool,
    /// Whether there would be a draft now.
    ready: bool,
    /// Why there would be none: `off` or `no_key`.
    reason: Option<&'static str>,
    /// The workspace's own server; `null` is the installation's.
    base_url: Option<String>,
    /// The workspace's own model; `null` is the server's.
    model: Option<String>,
    /// Dots where the workspace has a key of its own.
    api_key: Option<&'static str>,
    /// Most tokens in a calendar month (UTC); 0 is no limit.
    monthly_tokens: u64,
    /// What a million tokens cost to be read, such as `0.15`; `null` is unknown.
    price_read: Option<String>,
    /// What a million tokens cost to be written; `null` is unknown.
    price_written: Option<String>,
}

impl From<AiSettings> for View {
    fn from(settings: AiSettings) -> Self {
        Self {
            enabled: settings.is_enabled,
            ready: settings.not_ready.is_none(),
            reason: settings.not_ready.map(|why| match why {
                NotReady::Off => "off",
                NotReady::NoKey => "no_key",
            }),
            base_url: settings.base_url,
            model: settings.model,
            api_key: settings.has_key.then_some(HIDDEN),
            monthly_tokens: settings.monthly_tokens,
            price_read: settings.price_read.map(|price| price.to_string()),
            price_written: settings.price_written.map(|price| price.to_string()),
        }
    }
}

/// Settings in a request. What is left out goes back to the installation's, but for the key, which stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AiSettingsInput)]
struct Body {
    enabled: bool,
    #[serde(default)]
    base_url: Option<String>,
    #[serde(default)]
    model: Option<String>,
    /// A new key; empty takes the stored one away.
    #[serde(default)]
    api_key: Option<String>,
    #[serde(default)]
    monthly_tokens: Option<u64>,
    /// What a million tokens cost to be read, in whatever currency the bill is, such as `0.15`.
    #[serde(default)]
    price_read: Option<String>,
    /// What a million tokens cost to be written.
    #[serde(default)]
    price_written: Option<String>,
}

/// A price of a request; `field` is what an error is about.
fn price(field: &str, text: Option<&str>) -> Result<Option<Price>, AppError> {
    let given = text.map(str::trim).filter(|text| !text.is_empty());
    let parsed = given.map(str::parse::<Price>).transpose();
    parsed.map_err(|error| AppError::invalid(field, error.to_string()))
}

impl TryFrom<Body> for NewAiSettings {
    type Error = AppError;

    fn try_from(body: Body) -> Result<Self, AppError> {
        Ok(Self {
            is_enabled: body.enabled,
            base_url: body.base_url.unwrap_or_default(),
            model: body.model.unwrap_or_default(),
            key: match body.api_key {
                None => KeyChange::Keep,
                Some(key) if key == HIDDEN => KeyChange::Keep,
                Some(key) if key.is_empty() => KeyChange::Clear,
                Some(key) => KeyChange::Set(SecretString::from(key)),
            },
            monthly_tokens: body.monthly_tokens.unwrap_or(DEFAULT_MONTHLY_TOKENS),
            price_read: price("price_read", body.price_read.as_deref())?,
            price_written: price("price_written", body.price_written.as_deref())?,
        })
    }
}

/// Whether there are AI drafts, and from which model.
#[utoipa::path(
    get,
    path = "/api/ai/settings",
    operation_id = "get_ai_settings",
    tag = "ai",
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("providers:read"))),
)]
async fn settings(
    allow: Allow<rights::ProvidersRead>,
    app: Data<App>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.drafts.settings(allow.scope()).await?;
    let version = found.version;
    Ok(etag::tagged(answer::ok(View::from(found)), version))
}

/// Changes them. A key is never shown again, and goes with the address it was given for.
#[utoipa::path(
    put,
    path = "/api/ai/settings",
    operation_id = "update_ai_settings",
    tag = "ai",
    params(etag::IfMatch),
    request_body = Body,
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("providers:write"))),
)]
async fn change(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let seen = etag::if_match(&req)?;
    let change = body.into_inner().try_into()?;
    let changed = app.services.drafts.change_settings(allow.scope(), seen, change).await?;
    let version = changed.version;
    Ok(etag::tagged(answer::ok(View::from(changed)), version))
}

#[derive(Serialize, ToSchema)]
#[schema(as = AiUsage)]
struct UsageView {
    /// The beginning of this month, in UTC.
    since: Timestamp,
    /// Tokens used since then.
    tokens: u64,
    /// Those of them that were read.
    prompt_tokens: u64,
    /// Those of them that were written.
    completion_tokens: u64,
    /// What they cost at the prices of the settings, about; `null` where there are none.
    cost: Option<String>,
    /// Answers asked for since then.
    uses: u64,
    /// Most tokens a month; 0 is no limit.
    monthly_tokens: u64,
    /// The last uses, newest first.
    last: Vec<UseView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AiUse)]
struct UseView {
    id: AiUsageId,
    at: Timestamp,
    user_id: Option<UserId>,
    /// What for: `template_draft`, `insights` or `timeline_summary`.
    purpose: String,
    model: String,
    /// `running`, `done`, `stopped`, or why there was no draft.
    outcome: String,
    prompt_tokens: u64,
    completion_tokens: u64,
    /// Whether the server did not say how many there were.
    is_estimate: bool,
}

impl From<Use> for UseView {
    fn from(one: Use) -> Self {
        Self {
            id: one.id,
            at: one.at,
            user_id: one.user_id,
            purpose: one.purpose,
            model: one.model,
            outcome: one.outcome,
            prompt_tokens: one.tokens.prompt,
            completion_tokens: one.tokens.completion,
            is_estimate: one.is_estimate,
        }
    }
}

/// What AI has cost this month: who asked when, what for, which model, and how many tokens.
#[utoipa::path(
    get,
    path = "/api/ai/usage",
    operation_id = "get_ai_usage",
    tag = "ai",
    responses((status = 200, body = answer::One<UsageView>)),
    extensions(("x-permission" = json!("providers:read"))),
)]
async fn usage(
    allow: Allow<rights::ProvidersRead>,
    app: Data<App>,
) -> Result<HttpResponse, AppError> {
    let settings = app.services.drafts.settings(allow.scope()).await?;
    let used = app.services.drafts.usage(allow.scope()).await?;
    let Usage { since, tokens, read, written, uses, last } = used;
    Ok(answer::ok(UsageView {
        since,
        tokens,
        prompt_tokens: read,
        completion_tokens: written,
        cost: cost((read, settings.price_read), (written, settings.price_written)),
        uses,
        monthly_tokens: settings.monthly_tokens,
        last: last.into_iter().map(UseView::from).collect(),
    }))
}
