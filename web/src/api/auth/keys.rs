//! `/api/auth/keys`: a person's own API keys. Only a session may see or change them, never a key.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::keys::{ApiKey, NewKey};
use crm_core::{ApiKeyId, KeyScope, Timestamp};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Json, SignedIn};
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
struct View {
    id: ApiKeyId,
    description: String,
    prefix: String,
    scopes: Vec<KeyScope>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

impl From<ApiKey> for View {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            description: key.description,
            prefix: key.prefix,
            scopes: key.scopes.into_iter().collect(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// The one answer that holds the key itself.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyMade)]
struct MadeView<'a> {
    key: &'a str,
    #[serde(flatten)]
    view: View,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApiKeyInput)]
pub(super) struct Body {
    description: String,
    scopes: Vec<String>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

/// One's own API keys.
#[utoipa::path(
    get,
    path = "/api/auth/keys",
    operation_id = "list_keys",
    tag = "auth",
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn list(caller: SignedIn, app: Data<App>) -> Result<HttpResponse, AppError> {
    let keys = app.services.keys.list(caller.identity.user.id).await?;
    Ok(answer::whole(keys.into_iter().map(View::from).collect()))
}

/// Makes an API key; this answer alone holds it.
#[utoipa::path(
    post,
    path = "/api/auth/keys",
    operation_id = "create_key",
    tag = "auth",
    request_body = Body,
    responses((status = 201, body = answer::One<MadeView<'static>>)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn create(
    caller: SignedIn,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let Body { description, scopes, expires_at } = body.into_inner();
    let new = NewKey { description, scopes, expires_at };
    let made = app.services.keys.create(&caller.actor, caller.identity.user.id, new).await?;
    Ok(answer::created(MadeView { key: made.secret.expose_secret(), view: made.key.into() }))
}

/// Revokes an API key at once.
#[utoipa::path(
    delete,
    path = "/api/auth/keys/{id}",
    operation_id = "revoke_key",
    tag = "auth",
    params(("id" = ApiKeyId, Path, description = "The key")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn revoke(
    caller: SignedIn,
    app: Data<App>,
    id: Path<ApiKeyId>,
) -> Result<HttpResponse, AppError> {
    let user = caller.identity.user.id;
    let there = app.services.keys.revoke(&caller.actor, user, *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}
