//! `/templates`: what messages are written from.

use actix_web::web::{self, ServiceConfig};

pub(super) mod draft;
mod edit;
mod index;
mod preview;

/// `/templates…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/templates")
                .route(web::get().to(index::show))
                .route(web::post().to(edit::create)),
        )
        .route("/templates/new", web::get().to(edit::new))
        .route("/templates/preview", web::post().to(preview::show))
        .route("/templates/draft", web::post().to(draft::draft))
        .route("/templates/{id}/delete", web::post().to(edit::delete))
        .service(
            web::resource("/templates/{id}")
                .route(web::get().to(edit::show))
                .route(web::post().to(edit::save)),
        );
}
