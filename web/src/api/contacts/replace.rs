//! `PUT /api/contacts/:id`

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::ContactId;

use super::View;
use super::create::Body;
use crate::api::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

/// Replaces a contact; what is left out is emptied.
#[utoipa::path(
    put,
    path = "/api/contacts/{id}",
    operation_id = "replace_contact",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact"), etag::IfMatch),
    request_body = Body,
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ContactId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let seen = etag::if_match(&req)?;
    let changed =
        app.services.contacts.replace(allow.scope(), *id, seen, body.into_inner().into()).await?;
    let contact = changed.ok_or_else(AppError::not_found)?;
    let version = contact.version;
    Ok(etag::tagged(answer::ok(View::from(contact)), version))
}
