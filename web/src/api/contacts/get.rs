//! `GET /api/contacts/:id`

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use crm_core::ContactId;

use super::View;
use crate::api::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::state::App;

/// One contact. An id that was merged into another one answers 307 with where it is now.
#[utoipa::path(
    get,
    path = "/api/contacts/{id}",
    operation_id = "get_contact",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact")),
    responses(
        (status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version"))),
        (status = 307, description = "It was merged; `Location` is where it is now"),
    ),
    extensions(("x-permission" = json!("contacts:read"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let Some(contact) = app.services.contacts.get(allow.scope(), *id).await? else {
        let moved = app.services.merges.moved_to(allow.scope(), *id).await?;
        let now = moved.ok_or_else(AppError::not_found)?;
        let at = format!("/api/contacts/{now}?workspace_id={}", allow.scope().workspace_id());
        return Ok(HttpResponse::TemporaryRedirect()
            .insert_header((header::LOCATION, at))
            .json(()));
    };
    let version = contact.version;
    Ok(etag::tagged(answer::ok(View::from(contact)), version))
}
