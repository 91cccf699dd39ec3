//! `GET /api/auth/sessions`, `DELETE /api/auth/sessions`, `DELETE /api/auth/sessions/{id}`

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::Timestamp;
use crm_core::accounts::OpenSession;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::door;
use crate::error::AppError;
use crate::extract::SignedIn;
use crate::state::App;

/// A session as its owner, or an administrator, sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(in crate::api) struct View {
    id: String,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    ip_address: Option<String>,
    user_agent: Option<String>,
    /// Whether it is the one the request came with.
    is_current: bool,
}

impl View {
    pub(in crate::api) fn of(session: OpenSession, own: Option<&str>) -> Self {
        Self {
            is_current: own == Some(session.id.as_str()),
            id: session.id,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            ip_address: session.ip_address,
            user_agent: session.user_agent,
        }
    }
}

/// How many sessions ended.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionsEnded)]
pub(in crate::api) struct Ended {
    pub(in crate::api) ended: u64,
}

/// One's own sessions.
#[utoipa::path(
    get,
    path = "/api/auth/sessions",
    operation_id = "list_sessions",
    tag = "auth",
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn list(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let own = door::own_session(&app, &req);
    let found = app.services.credentials.sessions(caller.identity.user.id).await?;
    let views = found.into_iter().map(|session| View::of(session, own.as_deref())).collect();
    Ok(answer::whole::<View>(views))
}

/// Ends all of one's sessions but this one.
#[utoipa::path(
    delete,
    path = "/api/auth/sessions",
    operation_id = "end_other_sessions",
    tag = "auth",
    responses((status = 200, body = answer::One<Ended>)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn end_others(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let own = door::own_session(&app, &req);
    let user_id = caller.identity.user.id;
    let ended =
        app.services.credentials.end_sessions(&caller.actor, user_id, own.as_deref()).await?;
    Ok(answer::ok(Ended { ended }))
}

/// Ends one of one's sessions.
#[utoipa::path(
    delete,
    path = "/api/auth/sessions/{id}",
    operation_id = "end_session",
    tag = "auth",
    params(("id" = String, Path, description = "The session")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn end(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    door::end_session(&app, &req, &caller.actor, caller.identity.user.id, &id).await?;
    Ok(answer::done())
}
