//! `/settings`: the person's password, sessions, API keys, workspaces and colours; the workspace, its team and its providers.

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::accounts::Entry;

use super::frame;
use crate::error::AppError;
use crate::extract::SignedIn;
use crate::middleware::authenticate::Identity;
use crate::state::App;
use crate::views::{Section, Shell};

mod ai;
mod appearance;
mod audit;
mod audit_names;
mod backups;
mod fields;
mod incoming;
mod keys;
mod mailbox_connect;
mod mailbox_form;
mod mailgun_form;
mod people;
mod profile;
mod provider_form;
mod provider_page;
mod providers;
mod second_factor;
mod security;
mod sending;
mod sessions;
mod smtp_form;
mod team;
mod twilio_form;
mod workspace;
mod workspaces;

/// `/settings…`
pub fn routes(config: &mut ServiceConfig) {
    incoming::routes(config);
    backups::routes(config);
    people::routes(config);
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
        .route("/settings/providers/{id}/connect", web::post().to(mailbox_connect::connect))
        .route("/settings/providers/{id}/disconnect", web::post().to(mailbox_connect::disconnect))
        .route("/oauth/callback", web::get().to(mailbox_connect::back))
        .service(
            web::resource("/settings/providers/{id}")
                .route(web::get().to(provider_form::show))
                .route(web::post().to(provider_form::save)),
        )
        .route("/settings/providers/{id}/dkim", web::post().to(sending::sign))
        .route("/settings/providers/{id}/dkim/delete", web::post().to(sending::unsign))
        .route("/settings/sending", web::get().to(sending::show))
        .route("/settings/sending/check", web::post().to(sending::check))
        .service(
            web::resource("/settings/ai")
                .route(web::get().to(ai::show))
                .route(web::post().to(ai::save)),
        )
        .service(
            web::resource("/settings/keys")
                .route(web::get().to(keys::show))
                .route(web::post().to(keys::create)),
        )
        .route("/settings/keys/new", web::get().to(keys::new))
        .route("/settings/keys/{id}/revoke", web::post().to(keys::revoke))
        .service(
            web::resource("/settings/workspace")
                .route(web::get().to(workspace::show))
                .route(web::post().to(workspace::save)),
        )
        .route("/settings/workspace/delete", web::post().to(workspace::delete))
        .route("/settings/team", web::get().to(team::show))
        .route("/settings/team/leave", web::post().to(team::leave))
        .route("/settings/team/members/{id}/role", web::post().to(team::change_role))
        .route("/settings/team/members/{id}/remove", web::post().to(team::remove))
        .service(
            web::resource("/settings/team/invitations")
                // Reloading the page that shows a new link must not end in an error.
                .route(web::get().to(team::show))
                .route(web::post().to(team::invite)),
        )
        .route("/settings/team/invitations/{id}/revoke", web::post().to(team::revoke))
        .service(
            web::resource("/settings/workspaces")
                .route(web::get().to(workspaces::show))
                .route(web::post().to(workspaces::create)),
        )
        .route("/settings/workspaces/{id}/switch", web::post().to(workspaces::switch))
        .route("/settings/workspaces/{id}/leave", web::post().to(workspaces::leave))
        .service(
            web::resource("/settings/appearance")
                .route(web::get().to(appearance::show))
                .route(web::post().to(appearance::save)),
        )
        .service(
            web::resource("/settings/profile")
                .route(web::get().to(profile::show))
                .route(web::post().to(profile::save)),
        )
        .service(
            web::resource("/settings/fields")
                .route(web::get().to(fields::show))
                .route(web::post().to(fields::create)),
        )
        .route("/settings/fields/{id}/move", web::post().to(fields::shift))
        .route("/settings/fields/{id}/archive", web::post().to(fields::archive))
        .route("/settings/fields/{id}/restore", web::post().to(fields::restore))
        .route("/settings/fields/{id}/delete", web::post().to(fields::delete))
        .service(
            web::resource("/settings/fields/{id}")
                .route(web::get().to(fields::edit))
                .route(web::post().to(fields::save)),
        )
        .route("/settings/audit", web::get().to(audit::show))
        .route("/settings/security", web::get().to(security::show))
        .route("/settings/security/password", web::post().to(security::change_password))
        .service(
            web::resource("/settings/security/second-factor")
                .route(web::get().to(second_factor::show))
                .route(web::post().to(second_factor::begin)),
        )
        .route("/settings/security/second-factor/confirm", web::post().to(second_factor::confirm))
        .route("/settings/security/second-factor/disable", web::post().to(second_factor::disable))
        .route("/settings/security/recovery-codes", web::post().to(second_factor::renew))
        .route("/settings/sessions", web::get().to(sessions::show))
        .route("/settings/sessions/end-others", web::post().to(sessions::end_others))
        .route("/settings/sessions/{id}/end", web::post().to(sessions::end));
}

/// The frame of a page about the person, in whatever workspace they are.
async fn own_shell(
    app: &App,
    req: &HttpRequest,
    caller: &SignedIn,
    title: &str,
) -> Result<Shell, AppError> {
    shell_of(app, req, &caller.identity, title).await
}

/// The same where only the person is known.
async fn shell_of(
    app: &App,
    req: &HttpRequest,
    identity: &Identity,
    title: &str,
) -> Result<Shell, AppError> {
    let Entry::Entered(scope) = &identity.entry else { return Err(AppError::not_found()) };
    frame::build(app, req, identity, scope, Section::Settings, title.to_owned()).await
}

/// The first page of the settings.
async fn first() -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("Location", "/settings/workspace")).finish()
}
