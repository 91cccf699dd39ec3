//! The REST API. Every answer is an envelope: `{"data": …, "error": null}`, or `{"data": null, "error": {…}}`.

use actix_web::http::StatusCode;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::error::AppError;
use crate::state::App;

pub mod ai;
pub mod answer;
pub mod audit;
pub mod auth;
pub mod backups;
pub mod campaigns;
pub mod contacts;
pub mod domains;
pub mod double;
pub mod etag;
pub mod export;
pub mod fields;
mod file;
pub mod import;
pub mod incoming;
pub mod insights;
pub mod lists;
pub mod logs;
pub mod messages;
pub mod openapi;
pub mod practice;
pub mod providers;
pub mod segments;
pub mod suppressions;
pub mod tasks;
pub mod templates;
pub mod users;
pub mod workspaces;

/// Everything under `/api`.
pub fn routes(config: &mut ServiceConfig) {
    auth::routes(config);
    users::routes(config);
    backups::routes(config);
    workspaces::routes(config);
    lists::routes(config);
    fields::routes(config);
    contacts::routes(config);
    logs::routes(config);
    tasks::routes(config);
    templates::routes(config);
    segments::routes(config);
    campaigns::routes(config);
    messages::routes(config);
    insights::routes(config);
    suppressions::routes(config);
    providers::routes(config);
    incoming::routes(config);
    domains::routes(config);
    ai::routes(config);
    import::routes(config);
    export::routes(config);
    practice::routes(config);
    audit::routes(config);
    openapi::routes(config);
}

/// No route has this address.
///
/// # Errors
/// Always 404.
pub async fn nothing(_: HttpRequest) -> Result<HttpResponse, AppError> {
    Err(AppError::not_found())
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// `GET /health`: whether the database answers.
pub async fn health(app: Data<App>) -> HttpResponse {
    match app.services.ctx.db.ping().await {
        Ok(()) => HttpResponse::Ok().json(Health { status: "ok" }),
        Err(err) => {
            tracing::error!(%err, "the database does not answer");
            HttpResponse::build(StatusCode::SERVICE_UNAVAILABLE).json(Health { status: "database" })
        }
    }
}
