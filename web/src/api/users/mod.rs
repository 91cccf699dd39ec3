//! `/api/users`: the people of the installation, for whoever runs it.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::accounts::User;
use crm_core::{Timestamp, UserId};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::answer;
use super::auth::sessions::{Ended, View};
use crate::door;
use crate::error::AppError;
use crate::extract::Administrator;
use crate::state::App;

/// `/api/users…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/users", web::get().to(list))
        .route("/users/{user_id}/sessions", web::get().to(sessions))
        .route("/users/{user_id}/sessions", web::delete().to(end_all))
        .route("/users/{user_id}/sessions/{id}", web::delete().to(end));
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(list, sessions, end_all, end))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = User)]
struct UserView {
    id: UserId,
    email: String,
    name: String,
    is_admin: bool,
    created_at: Timestamp,
    disabled_at: Option<Timestamp>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            is_admin: user.is_admin,
            created_at: user.created_at,
            disabled_at: user.disabled_at,
        }
    }
}

/// The people of this installation.
#[utoipa::path(
    get,
    path = "/api/users",
    operation_id = "list_users",
    tag = "users",
    responses((status = 200, body = answer::Many<UserView>)),
    extensions(("x-permission" = json!("administrator"))),
)]
async fn list(_: Administrator, app: Data<App>) -> Result<HttpResponse, AppError> {
    let users = app.services.accounts.users().await?;
    Ok(answer::whole::<UserView>(users.into_iter().map(UserView::from).collect()))
}

/// Somebody's sessions.
#[utoipa::path(
    get,
    path = "/api/users/{user_id}/sessions",
    operation_id = "list_sessions_of_user",
    tag = "users",
    params(("user_id" = UserId, Path, description = "The person")),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("administrator"))),
)]
async fn sessions(
    _: Administrator,
    app: Data<App>,
    req: HttpRequest,
    user_id: Path<UserId>,
) -> Result<HttpResponse, AppError> {
    let credentials = &app.services.credentials;
    let user = credentials.user(*user_id).await?.ok_or_else(AppError::not_found)?;
    let own = door::own_session(&app, &req);
    let found = credentials.sessions(user.id).await?;
    let views = found.into_iter().map(|session| View::of(session, own.as_deref())).collect();
    Ok(answer::whole::<View>(views))
}

/// Ends somebody's sessions.
#[utoipa::path(
    delete,
    path = "/api/users/{user_id}/sessions",
    operation_id = "end_sessions_of_user",
    tag = "users",
    params(("user_id" = UserId, Path, description = "The person")),
    responses((status = 200, body = answer::One<Ended>)),
    extensions(("x-permission" = json!("administrator"))),
)]
async fn end_all(
    admin: Administrator,
    app: Data<App>,
    req: HttpRequest,
    user_id: Path<UserId>,
) -> Result<HttpResponse, AppError> {
    // An administrator who ends all of their own sessions keeps the one they do it with.
    let own = door::own_session(&app, &req);
    let ended =
        app.services.credentials.end_sessions(&admin.actor, *user_id, own.as_deref()).await?;
    Ok(answer::ok(Ended { ended }))
}

/// Ends one of somebody's sessions.
#[utoipa::path(
    delete,
    path = "/api/users/{user_id}/sessions/{id}",
    operation_id = "end_session_of_user",
    tag = "users",
    params(("user_id" = UserId, Path, description = "The person"), ("id" = String, Path, description = "The session")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("administrator"))),
)]
async fn end(
    admin: Administrator,
    app: Data<App>,
    req: HttpRequest,
    path: Path<(UserId, String)>,
) -> Result<HttpResponse, AppError> {
    let (user_id, id) = path.into_inner();
    door::end_session(&app, &req, &admin.actor, user_id, &id).await?;
    Ok(answer::done())
}
