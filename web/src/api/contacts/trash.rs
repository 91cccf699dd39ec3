//! `GET /api/contacts/trash`, `POST /api/contacts/trash/:id/restore`, `DELETE /api/contacts/trash/:id`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_contacts::trash::Deleted;
use crm_core::{ContactId, Timestamp, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::View;
use crate::api::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, Query, rights};
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[schema(as = DeletedContact)]
struct DeletedView {
    id: ContactId,
    name: String,
    deleted_by: Option<UserId>,
    deleted_at: Timestamp,
    /// When it is removed for good.
    gone_at: Timestamp,
}

impl From<Deleted> for DeletedView {
    fn from(deleted: Deleted) -> Self {
        Self {
            id: deleted.id,
            name: deleted.name,
            deleted_by: deleted.deleted_by,
            deleted_at: deleted.deleted_at,
            gone_at: deleted.gone_at,
        }
    }
}

/// Deleted contacts, the newest first. They can be brought back for thirty days.
#[utoipa::path(
    get,
    path = "/api/contacts/trash",
    operation_id = "list_deleted_contacts",
    tag = "contacts",
    params(PageQuery),
    responses((status = 200, body = answer::Many<DeletedView>)),
    extensions(("x-permission" = json!("contacts:read"))),
)]
pub(super) async fn list(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    page: Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.trash.list(allow.scope(), page.into_inner().request()?).await?;
    Ok(answer::page(found, DeletedView::from))
}

/// Brings a deleted contact back with everything that went with it.
#[utoipa::path(
    post,
    path = "/api/contacts/trash/{id}/restore",
    operation_id = "restore_contact",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The deleted contact")),
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn restore(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let contact = app.services.trash.restore(allow.scope(), *id).await?;
    let version = contact.version;
    Ok(etag::tagged(answer::ok(View::from(contact)), version))
}

/// Removes a deleted contact for good.
#[utoipa::path(
    delete,
    path = "/api/contacts/trash/{id}",
    operation_id = "purge_contact",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The deleted contact")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn purge(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.trash.purge(allow.scope(), *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}
