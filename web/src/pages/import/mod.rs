//! `/import`: a file, what its columns mean, a trial over all rows, the run, the report.

use actix_web::web::{self, ServiceConfig};

mod check;
mod convert;
mod index;
mod map;
mod run;
mod undo;

/// `/import…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/import")
                .route(web::get().to(index::show))
                .route(web::post().to(index::upload)),
        )
        .service(
            web::resource("/import/{id}/map")
                .route(web::get().to(map::show))
                .route(web::post().to(map::submit)),
        )
        .service(
            web::resource("/import/{id}/check")
                .route(web::get().to(check::show))
                .route(web::post().to(check::again)),
        )
        .route("/import/{id}/run", web::post().to(run::start))
        .route("/import/{id}/cancel", web::post().to(run::cancel))
        .route("/import/{id}/undo", web::post().to(undo::start))
        .route("/import/{id}/errors.csv", web::get().to(run::errors_csv))
        .route("/import/{id}", web::get().to(run::show));
}
