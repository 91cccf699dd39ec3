//! `POST /api/auth/invitation`: joining a workspace when there is an account already.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::{answer, workspaces};
use crate::error::AppError;
use crate::extract::{Json, SignedIn};
use crate::pages::invitation;
use crate::state::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InvitationAcceptance)]
pub(super) struct Body {
    /// The token of the invitation: the last part of its link.
    invitation: String,
}

/// Joins the workspace one was invited to.
///
/// The invitation has to be for the address of whoever is signed in. It works once.
#[utoipa::path(
    post,
    path = "/api/auth/invitation",
    operation_id = "accept_invitation",
    tag = "auth",
    request_body = Body,
    responses((status = 200, body = answer::One<workspaces::View>)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn accept(
    caller: SignedIn,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let membership = invitation::accept(&app, &body.invitation, &caller.actor).await?;
    Ok(answer::ok(workspaces::View::from(membership)))
}
