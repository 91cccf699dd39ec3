//! `/api/providers`

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::{ProviderId, Timestamp};
use crm_providers::providers::{NewProvider, ProviderConfig, State, TestStep};
use crm_providers::{Provider, ProviderKind};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use self::config::{ConfigBody, ConfigView};
use super::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

mod config;
mod dkim;

/// `/api/providers…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/providers").route(web::get().to(all)).route(web::post().to(create)),
        )
        .route("/providers/{id}/test", web::post().to(test))
        .service(
            web::resource("/providers/{id}/dkim")
                .route(web::get().to(dkim::get))
                .route(web::post().to(dkim::set))
                .route(web::delete().to(dkim::delete)),
        )
        .service(
            web::resource("/providers/{id}")
                .route(web::get().to(get))
                .route(web::put().to(update))
                .route(web::delete().to(delete)),
        );
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(all, create, get, update, delete, test, dkim::get, dkim::set, dkim::delete))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = Provider)]
struct View {
    id: ProviderId,
    kind: ProviderKind,
    provider_type: &'static str,
    name: String,
    is_default: bool,
    config: ConfigView,
    state: State,
    /// The address of the mailbox that is connected.
    account: Option<String>,
    last_checked_at: Option<Timestamp>,
    last_success_at: Option<Timestamp>,
    last_error: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Provider> for View {
    fn from(provider: Provider) -> Self {
        Self {
            id: provider.id,
            kind: provider.config.takes(),
            provider_type: provider.config.kind(),
            config: ConfigView::new(provider.config, provider.has_secret, provider.has_webhook_key),
            name: provider.name,
            is_default: provider.is_default,
            state: provider.state,
            account: provider.account,
            last_checked_at: provider.last_checked_at,
            last_success_at: provider.last_success_at,
            last_error: provider.last_error,
            created_at: provider.created_at,
            updated_at: provider.updated_at,
        }
    }
}

/// A provider with its version.
fn tagged(answer: impl FnOnce(View) -> HttpResponse, provider: Provider) -> HttpResponse {
    let version = provider.version();
    etag::tagged(answer(View::from(provider)), version)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProviderInput)]
struct Body {
    #[serde(default)]
    kind: ProviderKind,
    provider_type: ProviderType,
    #[serde(default)]
    name: String,
    #[serde(default)]
    is_default: bool,
    #[serde(default, deserialize_with = "crm_core::json::object")]
    config: ConfigBody,
}

#[derive(Deserialize, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ProviderType {
    Smtp,
    Mailgun,
    Gmail,
    Outlook,
    Twilio,
    Practice,
}

impl Body {
    fn provider(self) -> Result<NewProvider, AppError> {
        let secret = self.config.secret(self.provider_type);
        let webhook_key = self.config.webhook_key();
        let config = match (self.kind, self.provider_type) {
            (ProviderKind::Email, ProviderType::Practice) => ProviderConfig::Practice,
            (ProviderKind::Email, ProviderType::Smtp) => ProviderConfig::Smtp(self.config.smtp()?),
            (ProviderKind::Email, ProviderType::Mailgun) => {
                ProviderConfig::Mailgun(self.config.mailgun()?)
            }
            (ProviderKind::Email, ProviderType::Gmail) => {
                ProviderConfig::Gmail(self.config.mailbox())
            }
            (ProviderKind::Email, ProviderType::Outlook) => {
                ProviderConfig::Outlook(self.config.mailbox())
            }
            (ProviderKind::Text, ProviderType::Practice) => ProviderConfig::PracticeText,
            (ProviderKind::Text, ProviderType::Twilio) => {
                ProviderConfig::Twilio(self.config.twilio()?)
            }
            (ProviderKind::Email, ProviderType::Twilio) => {
                return Err(AppError::invalid("provider_type", "sends text messages, not e-mail"));
            }
            (
                ProviderKind::Text,
                ProviderType::Smtp
                | ProviderType::Mailgun
                | ProviderType::Gmail
                | ProviderType::Outlook,
            ) => {
                return Err(AppError::invalid("provider_type", "sends e-mail, not text messages"));
            }
        };
        let (name, is_default) = (self.name, self.is_default);
        Ok(NewProvider { name, config, secret, webhook_key, is_default })
    }
}

/// Providers.
#[utoipa::path(
    get,
    path = "/api/providers",
    operation_id = "list_providers",
    tag = "providers",
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("providers:read"))),
)]
async fn all(
    allow: Allow<rights::ProvidersRead>,
    app: Data<App>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.providers.all(allow.scope()).await?;
    Ok(answer::whole(found.into_iter().map(View::from).collect()))
}

/// Connects a provider.
#[utoipa::path(
    post,
    path = "/api/providers",
    operation_id = "create_provider",
    tag = "providers",
    request_body = Body,
    responses((status = 201, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("providers:write"))),
)]
async fn create(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let new = body.into_inner().provider()?;
    let made = app.services.providers.create(allow.scope(), new).await?;
    Ok(tagged(answer::created, made))
}

/// One provider; a secret is never shown.
#[utoipa::path(
    get,
    path = "/api/providers/{id}",
    operation_id = "get_provider",
    tag = "providers",
    params(("id" = ProviderId, Path, description = "The provider")),
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("providers:read"))),
)]
async fn get(
    allow: Allow<rights::ProvidersRead>,
    app: Data<App>,
    id: Path<ProviderId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.providers.get(allow.scope(), *id).await?;
    Ok(tagged(answer::ok, found.ok_or_else(AppError::not_found)?))
}

/// Changes a provider; without a password the old one stays.
#[utoipa::path(
    put,
    path = "/api/providers/{id}",
    operation_id = "update_provider",
    tag = "providers",
    params(("id" = ProviderId, Path, description = "The provider"), etag::IfMatch),
    request_body = Body,
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("providers:write"))),
)]
async fn update(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ProviderId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let seen = etag::if_match(&req)?;
    let change = body.into_inner().provider()?;
    let changed = app.services.providers.update(allow.scope(), *id, seen, change).await?;
    Ok(tagged(answer::ok, changed.ok_or_else(AppError::not_found)?))
}

/// Removes a provider.
#[utoipa::path(
    delete,
    path = "/api/providers/{id}",
    operation_id = "delete_provider",
    tag = "providers",
    params(("id" = ProviderId, Path, description = "The provider")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("providers:write"))),
)]
async fn delete(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    id: Path<ProviderId>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.providers.delete(allow.scope(), *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProviderTestInput)]
struct TestBody {
    to: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ProviderTest)]
struct TestView {
    ok: bool,
    steps: Vec<TestStep>,
}

/// Sends a test message and says how each step went.
#[utoipa::path(
    post,
    path = "/api/providers/{id}/test",
    operation_id = "test_provider",
    tag = "providers",
    params(("id" = ProviderId, Path, description = "The provider")),
    request_body = TestBody,
    responses((status = 200, body = answer::One<TestView>)),
    extensions(("x-permission" = json!("providers:write"))),
)]
async fn test(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    id: Path<ProviderId>,
    body: Json<TestBody>,
) -> Result<HttpResponse, AppError> {
    let steps = app.services.providers.test(allow.scope(), *id, &body.to).await?;
    let steps = steps.ok_or_else(AppError::not_found)?;
    Ok(answer::ok(TestView { ok: steps.iter().all(|step| step.ok), steps }))
}
