//! `POST /api/import/{id}/undo`, `GET /api/import/{id}/kept`

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, http::StatusCode};
use crm_contacts::import::{KeptContact, Undo, UndoState};
use crm_core::{ContactId, ImportId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, Query, rights};
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[schema(as = ImportUndo)]
pub(super) struct View {
    state: UndoState,
    /// Contacts the import had made and that are no more.
    removed: u64,
    /// Contacts that are as before the import.
    restored: u64,
    /// Contacts left as they are; `/kept` names them.
    kept: u64,
    /// Contacts that had been deleted already.
    gone: u64,
    finished_at: Option<Timestamp>,
}

impl From<Undo> for View {
    fn from(undo: Undo) -> Self {
        Self {
            state: undo.state,
            removed: undo.removed,
            restored: undo.restored,
            kept: undo.kept,
            gone: undo.gone,
            finished_at: undo.finished_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = KeptContact)]
pub(super) struct Kept {
    contact_id: ContactId,
    /// A row of the file that is about it, the header being 1.
    row_no: u64,
    /// Why it was left as it is.
    reason: String,
}

impl From<KeptContact> for Kept {
    fn from(kept: KeptContact) -> Self {
        Self { contact_id: kept.contact_id, row_no: kept.row_no, reason: kept.reason }
    }
}

/// Undoes an import that has ended.
///
/// Contacts it made are removed and those it changed become what they were, but for those somebody has changed since.
/// It goes on in the background; the import's `undo` says how far it is.
#[utoipa::path(
    post,
    path = "/api/import/{id}/undo",
    operation_id = "undo_import",
    tag = "import",
    params(("id" = ImportId, Path, description = "The import")),
    responses((status = 202, body = answer::One<super::View>)),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ImportId>,
) -> Result<HttpResponse, AppError> {
    let asked = app.services.imports.undo(allow.scope(), *id).await?;
    let import = asked.ok_or_else(AppError::not_found)?;
    (app.poke)();
    Ok(answer::with(StatusCode::ACCEPTED, super::View::from(import)))
}

/// The contacts undoing left as they are.
#[utoipa::path(
    get,
    path = "/api/import/{id}/kept",
    operation_id = "list_kept_contacts",
    tag = "import",
    params(("id" = ImportId, Path, description = "The import"), PageQuery),
    responses((status = 200, body = answer::Many<Kept>)),
    extensions(("x-permission" = json!("contacts:read"))),
)]
pub(super) async fn kept(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    id: Path<ImportId>,
    params: Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    let imports = &app.services.imports;
    imports.get(allow.scope(), *id).await?.ok_or_else(AppError::not_found)?;
    let found = imports.kept(allow.scope(), *id, params.request()?).await?;
    Ok(answer::page(found, Kept::from))
}
