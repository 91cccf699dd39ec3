//! `/api/auth`: registering, signing in and out, one's own password and sessions.

use actix_web::web::{self, ServiceConfig};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::middleware::session_store::SessionUser;

mod invitation;
mod keys;
mod login;
mod logout;
mod me;
mod password;
mod register;
mod reset;
mod second_factor;
pub(in crate::api) mod sessions;

/// `/api/auth/…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/auth/register", web::post().to(register::handle))
        .route("/auth/login", web::post().to(login::handle))
        .route("/auth/logout", web::post().to(logout::handle))
        .route("/auth/me", web::get().to(me::handle))
        .route("/auth/me", web::patch().to(me::change))
        .route("/auth/password", web::post().to(password::handle))
        .route("/auth/invitation", web::post().to(invitation::accept))
        .route("/auth/reset", web::post().to(reset::ask))
        .route("/auth/reset/use", web::post().to(reset::redeem))
        .route("/auth/second-factor", web::get().to(second_factor::state))
        .route("/auth/second-factor", web::post().to(second_factor::begin))
        .route("/auth/second-factor/confirm", web::post().to(second_factor::confirm))
        .route("/auth/second-factor/recovery-codes", web::post().to(second_factor::renew))
        .route("/auth/second-factor/disable", web::post().to(second_factor::disable))
        .route("/auth/sessions", web::get().to(sessions::list))
        .route("/auth/sessions", web::delete().to(sessions::end_others))
        .route("/auth/sessions/{id}", web::delete().to(sessions::end))
        .service(
            web::resource("/auth/keys")
                .route(web::get().to(keys::list))
                .route(web::post().to(keys::create)),
        )
        .route("/auth/keys/{id}", web::delete().to(keys::revoke));
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(
    register::handle,
    login::handle,
    logout::handle,
    me::handle,
    me::change,
    password::handle,
    invitation::accept,
    reset::ask,
    reset::redeem,
    second_factor::state,
    second_factor::begin,
    second_factor::confirm,
    second_factor::renew,
    second_factor::disable,
    sessions::list,
    sessions::end_others,
    sessions::end,
    keys::list,
    keys::create,
    keys::revoke
))]
pub(super) struct Document;

/// A person, and the token their browser repeats; a caller with an API key needs none.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
struct SessionView {
    user: SessionUser,
    #[serde(skip_serializing_if = "String::is_empty")]
    csrf_token: String,
}
