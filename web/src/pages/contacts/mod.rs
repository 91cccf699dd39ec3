//! `/contacts`: the table, one contact, and the forms on it.

use actix_web::web::{self, ServiceConfig};

mod bulk;
mod cells;
mod columns;
mod consent;
pub(super) mod convert;
mod custom;
mod filter;
mod form;
mod index;
mod log;
mod merge;
mod message;
mod parts;
mod show;
mod summary;
mod texts;
mod trash;
mod typed;

pub(super) use message::row as message_row;
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
        .route("/contacts/columns", web::post().to(columns::save))
        .route("/contacts/duplicates", web::get().to(merge::duplicates))
        .route("/contacts/duplicates/dismiss", web::post().to(merge::dismiss))
        .service(
            web::resource("/contacts/merge")
                .route(web::get().to(merge::show))
                .route(web::post().to(merge::merge)),
        )
        .route("/contacts/merges/{id}/undo", web::post().to(merge::undo))
        .service(
            web::resource("/contacts/bulk")
                .route(web::get().to(bulk::ask))
                .route(web::post().to(bulk::start)),
        )
        .route("/contacts/bulk/{id}", web::get().to(bulk::show))
        .route("/contacts/bulk/{id}/undo", web::post().to(bulk::undo))
        .route("/contacts/trash", web::get().to(trash::show))
        .route("/contacts/trash/{id}/restore", web::post().to(trash::restore))
        .route("/contacts/trash/{id}/purge", web::post().to(trash::purge))
        .route("/contacts/{id}/edit", web::get().to(form::edit))
        .service(
            web::resource("/contacts/{id}/cells/{column}")
                .route(web::get().to(cells::open))
                .route(web::post().to(cells::save)),
        )
        .route("/contacts/{id}/delete", web::post().to(parts::delete))
        .route("/contacts/{id}/erase", web::post().to(parts::erase))
        .route("/contacts/{id}/notes", web::post().to(parts::note))
        .route("/contacts/{id}/calls", web::post().to(log::call))
        .route("/contacts/{id}/summary", web::post().to(summary::ask))
        .route("/contacts/{id}/consents", web::post().to(consent::record))
        .route("/contacts/{id}/messages", web::post().to(message::send))
        .route("/messages/{id}/undo", web::post().to(message::undo))
        .route("/messages/{id}/decide", web::post().to(message::decide))
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
