//! `GET, POST, DELETE /api/providers/:id/dkim`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::{ProviderId, Scope, Timestamp};
use crm_providers::providers::{KeySource, SigningChange, SigningKey};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

/// What mail of a server is signed with, and the record the DNS has to show. The private half is never shown.
#[derive(Serialize, ToSchema)]
#[schema(as = SigningKey)]
pub(super) struct View {
    provider_id: ProviderId,
    selector: String,
    domain: Option<String>,
    is_on: bool,
    /// Where the record goes: `picrm._domainkey.example.org`.
    record_name: Option<String>,
    /// What stands in it.
    record_value: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<SigningKey> for View {
    fn from(key: SigningKey) -> Self {
        Self {
            record_name: key.record_name(),
            record_value: key.record_value(),
            provider_id: key.provider_id,
            selector: key.selector,
            domain: key.domain,
            is_on: key.is_on,
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SigningKeyInput)]
pub(super) struct Body {
    /// Whether to sign.
    is_on: bool,
    /// The name the key is found under; `picrm` unless said.
    #[serde(default)]
    selector: String,
    /// A private key to sign with, PEM; one is made where there is none.
    private_key: Option<String>,
    /// Make a new key in the place of the one that is there.
    #[serde(default)]
    new_key: bool,
}

async fn exists(app: &App, scope: &Scope, id: ProviderId) -> Result<(), AppError> {
    let found = app.services.providers.get(scope, id).await?;
    found.map(drop).ok_or_else(AppError::not_found)
}

/// What mail of a server is signed with; null where it has no key.
#[utoipa::path(
    get,
    path = "/api/providers/{id}/dkim",
    operation_id = "get_signing_key",
    tag = "providers",
    params(("id" = ProviderId, Path, description = "The provider")),
    responses((status = 200, body = answer::One<Option<View>>)),
    extensions(("x-permission" = json!("providers:read"))),
)]
pub(super) async fn get(
    allow: Allow<rights::ProvidersRead>,
    app: Data<App>,
    id: Path<ProviderId>,
) -> Result<HttpResponse, AppError> {
    exists(&app, allow.scope(), *id).await?;
    let found = app.services.providers.signing_key(allow.scope(), *id).await?;
    Ok(answer::ok(found.map(View::from)))
}

/// Sets how mail of a server (SMTP) is signed; a key is made where there is none. Other providers sign by themselves.
#[utoipa::path(
    post,
    path = "/api/providers/{id}/dkim",
    operation_id = "set_signing_key",
    tag = "providers",
    params(("id" = ProviderId, Path, description = "The provider")),
    request_body = Body,
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("providers:write"))),
)]
pub(super) async fn set(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    id: Path<ProviderId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let Body { is_on, selector, private_key, new_key } = body.into_inner();
    let key = match private_key {
        Some(pem) => KeySource::Paste(SecretString::from(pem)),
        None if new_key => KeySource::Generate,
        None => KeySource::Keep,
    };
    let change = SigningChange { selector, key, is_on };
    let set = app.services.providers.set_signing_key(allow.scope(), *id, change).await?;
    Ok(answer::ok(View::from(set.ok_or_else(AppError::not_found)?)))
}

/// Forgets the key; mail is signed no more.
#[utoipa::path(
    delete,
    path = "/api/providers/{id}/dkim",
    operation_id = "delete_signing_key",
    tag = "providers",
    params(("id" = ProviderId, Path, description = "The provider")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("providers:write"))),
)]
pub(super) async fn delete(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    id: Path<ProviderId>,
) -> Result<HttpResponse, AppError> {
    exists(&app, allow.scope(), *id).await?;
    app.services.providers.delete_signing_key(allow.scope(), *id).await?;
    Ok(answer::done())
}
