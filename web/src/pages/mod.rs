//! The dashboard: pages and the forms on them. Each form posts, does one thing, and leads on (303) with a message; with
//! a mistake in it, it comes back (422) with what was typed.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::error::AppError;

pub mod campaigns;
pub mod contacts;
pub mod dashboard;
pub mod errors;
pub mod flash;
pub mod frame;
pub mod hooks;
pub mod import;
pub mod inbox;
pub mod insights;
pub mod invitation;
pub mod lists;
mod local_time;
pub mod login;
mod meanwhile;
pub mod pipeline;
pub mod practice;
pub mod reset;
mod second_step;
pub mod segments;
pub mod settings;
pub mod setup;
pub mod suppressions;
pub mod tasks;
pub mod templates;
pub mod tracking;
pub mod unsubscribe;

/// Every page.
pub fn routes(config: &mut web::ServiceConfig) {
    login::routes(config);
    reset::routes(config);
    setup::routes(config);
    unsubscribe::routes(config);
    hooks::routes(config);
    tracking::routes(config);
    invitation::routes(config);
    dashboard::routes(config);
    inbox::routes(config);
    insights::routes(config);
    contacts::routes(config);
    segments::routes(config);
    lists::routes(config);
    import::routes(config);
    tasks::routes(config);
    pipeline::routes(config);
    templates::routes(config);
    campaigns::routes(config);
    suppressions::routes(config);
    practice::routes(config);
    settings::routes(config);
}

/// No page has this address.
pub async fn nothing(_: HttpRequest) -> Result<HttpResponse, AppError> {
    Err(AppError::not_found())
}
