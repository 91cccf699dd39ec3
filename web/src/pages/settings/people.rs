//! `/settings/people`: everybody with an account, where they are signed in, and ending that. For whoever runs the server.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::UserId;

use super::{sessions, shell_of};
use crate::door;
use crate::error::AppError;
use crate::extract::Administrator;
use crate::pages::frame;
use crate::state::App;
use crate::views::Flash;
use crate::views::people::{PeoplePage, PersonCard};

const HERE: &str = "/settings/people";

/// `/settings/people…`
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/settings/people", web::get().to(show))
        .route("/settings/people/{user_id}/sessions/end", web::post().to(end_all))
        .route("/settings/people/{user_id}/sessions/{id}/end", web::post().to(end));
}

async fn show(
    admin: Administrator,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let own = door::own_session(&app, &req);
    let mut people = Vec::new();
    for user in app.services.accounts.users().await? {
        let open = app.services.credentials.sessions(user.id).await?;
        people.push(PersonCard {
            id: user.id.to_string(),
            is_me: user.id == admin.identity.user.id,
            name: user.name,
            email: user.email,
            is_admin: user.is_admin,
            is_disabled: user.disabled_at.is_some(),
            sessions: open.into_iter().map(|one| sessions::row(one, own.as_deref())).collect(),
        });
    }
    let shell = shell_of(&app, &req, &admin.identity, "People").await?;
    frame::ok(&app, &req, &PeoplePage { shell, people })
}

async fn end(
    admin: Administrator,
    app: Data<App>,
    req: HttpRequest,
    path: Path<(UserId, String)>,
) -> Result<HttpResponse, AppError> {
    let (user_id, id) = path.into_inner();
    if door::end_session(&app, &req, &admin.actor, user_id, &id).await? {
        return Ok(frame::lead_to(&app, "/login", None));
    }
    Ok(frame::lead_to(&app, HERE, Some(Flash::ok("The session has ended."))))
}

async fn end_all(
    admin: Administrator,
    app: Data<App>,
    req: HttpRequest,
    user_id: Path<UserId>,
) -> Result<HttpResponse, AppError> {
    // Whoever ends all of their own keeps the one they do it with.
    let own = door::own_session(&app, &req);
    app.services.credentials.end_sessions(&admin.actor, *user_id, own.as_deref()).await?;
    Ok(frame::lead_to(&app, HERE, Some(Flash::ok("All those sessions have ended."))))
}
