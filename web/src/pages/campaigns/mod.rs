//! `/campaigns`: from draft through approval to the report.

use actix_web::web::{self, ServiceConfig};

mod audience;
mod convert;
mod events;
mod form;
mod index;
mod moves;
mod recipients;
mod report;
mod sample;
mod schedule;
mod show;
mod subject;
mod watched;

pub use watched::Watched;

/// `/campaigns…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/campaigns")
                .route(web::get().to(index::show))
                .route(web::post().to(form::create)),
        )
        .route("/campaigns/audience", web::post().to(audience::count))
        .route("/campaigns/new", web::get().to(form::new))
        .route("/campaigns/{id}/edit", web::get().to(form::edit))
        .route("/campaigns/{id}/events", web::get().to(events::stream))
        .route("/campaigns/{id}/recipients", web::get().to(recipients::show))
        .route("/campaigns/{id}/recipients/{row}/resend", web::post().to(moves::resend))
        .route("/campaigns/{id}/recipients/{row}/mark-sent", web::post().to(moves::mark_sent))
        .route("/campaigns/{id}/samples/{number}", web::get().to(sample::show))
        .route("/campaigns/{id}/submit", web::post().to(moves::submit))
        .route("/campaigns/{id}/approve", web::post().to(moves::approve))
        .route("/campaigns/{id}/reject", web::post().to(moves::reject))
        .route("/campaigns/{id}/send", web::post().to(moves::send))
        .route("/campaigns/{id}/pause", web::post().to(moves::pause))
        .route("/campaigns/{id}/resume", web::post().to(moves::resume))
        .route("/campaigns/{id}/cancel", web::post().to(moves::cancel))
        .route("/campaigns/{id}/subject", web::post().to(subject::choose))
        .route("/campaigns/{id}/duplicate", web::post().to(moves::duplicate))
        .route("/campaigns/{id}/follow-up", web::post().to(moves::follow_up))
        .route("/campaigns/{id}/delete", web::post().to(moves::delete))
        .service(
            web::resource("/campaigns/{id}")
                .route(web::get().to(show::show))
                .route(web::post().to(form::save)),
        );
}
