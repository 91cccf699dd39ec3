//! `/contacts`: the table, one contact, and the forms on it.

use actix_web::web::{self, ServiceConfig};

pub(super) mod convert;
mod custom;
mod form;
mod index;
mod log;
mod parts;
mod show;

pub(super) use show::task_again;

/// `/contacts…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/contacts")
                .route(web::get().to(index::show))
                .route(web::post().to(form::create)),
        )
        .service(
            web::resource("/contacts/new")
                .route(web::get().to(form::new))
                .route(web::post().to(form::create)),
        )
        .route("/contacts/{id}/edit", web::get().to(form::edit))
        .route("/contacts/{id}/delete", web::post().to(parts::delete))
        .route("/contacts/{id}/notes", web::post().to(parts::note))
        .route("/contacts/{id}/calls", web::post().to(log::call))
        .route("/logs/{id}/edit", web::get().to(log::edit))
        .route("/logs/{id}/delete", web::post().to(log::delete))
        .route("/logs/{id}", web::post().to(log::save))
        .route("/contacts/{id}/stage", web::post().to(parts::stage))
        .route("/contacts/{id}/lists", web::post().to(parts::add_tag))
        .route("/contacts/{id}/lists/{list}/remove", web::post().to(parts::remove_tag))
        .service(
            web::resource("/contacts/{id}")
                .route(web::get().to(show::show))
                .route(web::post().to(form::save)),
        );
}
