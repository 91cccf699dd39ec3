//! `POST /import/{id}/undo`, and how far undoing is.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_contacts::import::{Import, UndoState};
use crm_core::{ContactId, ImportId, PageRequest, Scope};

use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Flash;
use crate::views::imports::{ImportUndo, KeptContact};

/// Contacts left as they are that the page names; the API has all of them.
const SHOWN: u64 = 100;

pub(super) async fn start(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ImportId>,
) -> Result<HttpResponse, AppError> {
    let asked = app.services.imports.undo(allow.scope(), *id).await?;
    asked.ok_or_else(AppError::not_found)?;
    (app.poke)();
    let said = Flash::info("The import is being undone.");
    Ok(frame::lead_to(&app, &format!("/import/{id}"), Some(said)))
}

/// Whether an import is being undone.
pub(super) fn is_working(import: &Import) -> bool {
    import.undo.is_some_and(|undo| undo.state == UndoState::Undoing)
}

/// What the page shows of it.
pub(super) async fn view(
    app: &App,
    scope: &Scope,
    import: &Import,
) -> Result<Option<ImportUndo>, AppError> {
    let Some(undo) = import.undo else { return Ok(None) };
    let page = PageRequest { limit: SHOWN, cursor: None };
    let kept = app.services.imports.kept(scope, import.id, page).await?.items;
    let ids: Vec<ContactId> = kept.iter().map(|kept| kept.contact_id).collect();
    let contacts = app.services.contacts.get_many(scope, &ids).await?;
    let name = |id: ContactId| {
        let found = contacts.iter().find(|contact| contact.id == id);
        found.map_or_else(|| "Deleted since".to_owned(), crm_contacts::Contact::display_name)
    };
    Ok(Some(ImportUndo {
        state: undo.state.as_str().to_owned(),
        removed: undo.removed,
        restored: undo.restored,
        kept: undo.kept,
        gone: undo.gone,
        contacts: kept
            .into_iter()
            .map(|kept| KeptContact {
                url: format!("/contacts/{}", kept.contact_id),
                name: name(kept.contact_id),
                reason: kept.reason,
            })
            .collect(),
    }))
}
