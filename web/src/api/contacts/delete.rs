//! `DELETE /api/contacts/:id`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::ContactId;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::state::App;

/// Deletes a contact.
#[utoipa::path(
    delete,
    path = "/api/contacts/{id}",
    operation_id = "delete_contact",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.contacts.delete(allow.scope(), *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}
