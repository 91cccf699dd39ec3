//! `GET /api/auth/me`

use actix_web::HttpResponse;

use super::SessionView;
use crate::api::answer;
use crate::error::AppError;
use crate::extract::SignedIn;

pub(super) async fn handle(caller: SignedIn) -> Result<HttpResponse, AppError> {
    let identity = caller.identity;
    Ok(answer::ok(SessionView { user: identity.user, csrf_token: identity.csrf_token }))
}
