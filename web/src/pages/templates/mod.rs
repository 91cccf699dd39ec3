//! `/templates`: what messages are written from.

use actix_web::web::{self, ServiceConfig};

mod blocks;
mod check;
mod clash;
pub(super) mod draft;
mod edit;
mod form;
mod index;
mod page;
mod people;
mod preview;
mod versions;

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
        .route("/templates/check", web::post().to(check::show))
        .route("/templates/blocks", web::post().to(blocks::change))
        .route("/templates/people", web::get().to(people::find))
        .route("/templates/{id}/versions", web::get().to(versions::list))
        .route("/templates/{id}/versions/{version}", web::get().to(versions::show))
        .route("/templates/{id}/versions/{version}/restore", web::post().to(versions::restore))
        .route("/templates/{id}/duplicate", web::post().to(edit::duplicate))
        .route("/templates/draft", web::post().to(draft::draft))
        .route("/templates/{id}/delete", web::post().to(edit::delete))
        .service(
            web::resource("/templates/{id}")
                .route(web::get().to(edit::show))
                .route(web::post().to(edit::save)),
        );
}
