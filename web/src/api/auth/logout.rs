//! `POST /api/auth/logout`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::answer;
use crate::error::AppError;
use crate::extract::SignedIn;
use crate::middleware::session_store;
use crate::pages::frame;
use crate::state::App;

/// Signs out.
#[utoipa::path(
    post,
    path = "/api/auth/logout",
    operation_id = "logout",
    tag = "auth",
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn handle(
    _: SignedIn,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    session_store::sign_out(&req, app.services.accounts.as_ref(), frame::origin(&req)).await?;
    let mut answer = answer::done();
    session_store::clear_browser(&mut answer);
    Ok(answer)
}
