//! `GET /api/contacts/:id`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::ContactId;

use super::View;
use crate::api::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::state::App;

/// One contact.
#[utoipa::path(
    get,
    path = "/api/contacts/{id}",
    operation_id = "get_contact",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact")),
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("contacts:read"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.contacts.get(allow.scope(), *id).await?;
    let contact = found.ok_or_else(AppError::not_found)?;
    let version = contact.version;
    Ok(etag::tagged(answer::ok(View::from(contact)), version))
}
