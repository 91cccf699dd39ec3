//! `/settings`: providers, the workspace, and the person's colours.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};

mod appearance;
mod provider_form;
mod providers;
mod workspace;

/// `/settings…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/settings", web::get().to(first))
        .service(
            web::resource("/settings/providers")
                .route(web::get().to(providers::show))
                .route(web::post().to(provider_form::create)),
        )
        .route("/settings/providers/new", web::get().to(provider_form::new))
        .route("/settings/providers/{id}/test", web::post().to(providers::test))
        .route("/settings/providers/{id}/default", web::post().to(providers::make_default))
        .route("/settings/providers/{id}/delete", web::post().to(providers::delete))
        .service(
            web::resource("/settings/providers/{id}")
                .route(web::get().to(provider_form::show))
                .route(web::post().to(provider_form::save)),
        )
        .service(
            web::resource("/settings/workspace")
                .route(web::get().to(workspace::show))
                .route(web::post().to(workspace::save)),
        )
        .service(
            web::resource("/settings/appearance")
                .route(web::get().to(appearance::show))
                .route(web::post().to(appearance::save)),
        );
}

/// The first page of the settings.
async fn first() -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("Location", "/settings/workspace")).finish()
}
