//! The application: every route, and what surrounds the handlers. `main` and the tests build the same one.

use std::sync::Arc;

use actix_session::SessionMiddleware;
use actix_session::config::{CookieContentSecurity, PersistentSession, TtlExtensionPolicy};
use actix_web::body::MessageBody;
use actix_web::cookie::{Key, SameSite, time::Duration};
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{Data, PayloadConfig};
use actix_web::{App as Actix, web};

use crate::extract::{form_config, json_config, path_config, query_config};
use crate::middleware::session_store::DatabaseSessions;
use crate::middleware::{authenticate, body, error_pages, forgery, headers, idempotency};
use crate::state::App;
use crate::{api, pages, views};

/// Builds the application around its shared state.
pub fn build(
    state: Data<App>,
) -> Actix<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let sessions = sessions(&state);
    Actix::new()
        .app_data(state)
        .app_data(json_config())
        .app_data(query_config())
        .app_data(form_config())
        .app_data(path_config())
        .app_data(PayloadConfig::new(body::MAX_BODY))
        .service(web::scope("/api").configure(api::routes).default_service(web::to(api::nothing)))
        .route("/health", web::get().to(api::health))
        .route("/assets/{file}", web::get().to(views::assets::serve))
        .route("/favicon.ico", web::get().to(views::assets::favicon))
        .configure(pages::routes)
        .default_service(web::to(pages::nothing))
        // The last one added sees a request first.
        .wrap(from_fn(idempotency::remember))
        .wrap(from_fn(forgery::check))
        .wrap(from_fn(body::read))
        .wrap(from_fn(authenticate::authenticate))
        .wrap(from_fn(error_pages::show))
        .wrap(sessions)
        .wrap(from_fn(headers::add))
        .wrap(Compress::default())
}

fn sessions(state: &App) -> SessionMiddleware<DatabaseSessions> {
    let https = state.config.is_https();
    // Browsers refuse the prefix without https, so that a plain installation has another name.
    let name = if https { "__Host-pi-crm" } else { "pi-crm" };
    let key = Key::derive_from(state.config.secrets.signing_key());
    let lifetime = Duration::try_from(crm_core::accounts::IDLE_LIFETIME).unwrap_or(Duration::DAY);
    SessionMiddleware::builder(DatabaseSessions::new(Arc::clone(&state.services.accounts)), key)
        .cookie_name(name.to_owned())
        .cookie_secure(https)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_content_security(CookieContentSecurity::Private)
        .session_lifecycle(
            PersistentSession::default()
                .session_ttl(lifetime)
                .session_ttl_extension_policy(TtlExtensionPolicy::OnStateChanges),
        )
        .build()
}
