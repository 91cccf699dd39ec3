//! The small forms on a contact's page: note, stage, tags, delete.

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::timeline::LogContent;
use crm_core::{ContactId, ListId};
use serde::Deserialize;

use super::{convert, show};
use crate::api::contacts::privacy;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Flash;
use crate::views::contact::Composer;

pub(super) fn back(
    app: &App,
    id: ContactId,
    done: Result<(), AppError>,
    said: &str,
) -> Result<HttpResponse, AppError> {
    let message = match done {
        Ok(()) => Flash::ok(said),
        Err(error) if error.is_correctable() => Flash::bad(frame::sentence(&error.message)),
        Err(error) => return Err(error),
    };
    Ok(frame::lead_to(app, &format!("/contacts/{id}"), Some(message)))
}

#[derive(Deserialize)]
pub(super) struct Note {
    #[serde(default)]
    text: String,
}

pub(super) async fn note(
    allow: Allow<rights::LogsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ContactId>,
    form: Form<Note>,
) -> Result<HttpResponse, AppError> {
    let text = form.into_inner().text;
    let content = LogContent::Note { text: text.clone() };
    match app.services.timeline.add(allow.scope(), *id, content, None).await.map_err(AppError::from)
    {
        Ok(_) => back(&app, *id, Ok(()), "The note is on the timeline."),
        Err(error) if error.is_correctable() => {
            let composer = Composer { text, ..Composer::default() };
            show::again(&app, &req, &allow, *id, &error, composer).await
        }
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
pub(super) struct InList {
    list_id: ListId,
}

pub(super) async fn stage(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ContactId>,
    form: Form<InList>,
) -> Result<HttpResponse, AppError> {
    let moved = app.services.lists.assign(allow.scope(), *id, form.list_id).await;
    back(&app, *id, moved.map_err(AppError::from), "Moved.")
}

pub(super) async fn add_tag(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ContactId>,
    form: Form<InList>,
) -> Result<HttpResponse, AppError> {
    let added = app.services.lists.assign(allow.scope(), *id, form.list_id).await;
    back(&app, *id, added.map_err(AppError::from), "Added to the list.")
}

pub(super) async fn remove_tag(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    path: Path<(ContactId, ListId)>,
) -> Result<HttpResponse, AppError> {
    let (id, list) = path.into_inner();
    let removed = app.services.lists.unassign(allow.scope(), id, list).await;
    back(&app, id, removed.map_err(AppError::from), "Taken out of the list.")
}

pub(super) async fn delete(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let contact = convert::find(&app, allow.scope(), *id).await?;
    app.services.contacts.delete(allow.scope(), *id).await?;
    let said = Flash::ok(format!("{} is deleted.", contact.display_name()));
    Ok(frame::lead_to(&app, "/contacts", Some(said)))
}

#[derive(Deserialize)]
pub(super) struct Confirmed {
    #[serde(default)]
    confirm: String,
}

/// Forgets somebody for good, where the word was written.
pub(super) async fn erase(
    allow: Allow<rights::WorkspaceWrite>,
    app: Data<App>,
    id: Path<ContactId>,
    form: Form<Confirmed>,
) -> Result<HttpResponse, AppError> {
    convert::find(&app, allow.scope(), *id).await?;
    if form.confirm.trim() != privacy::WORD {
        let said = format!("Nothing was erased: write the word {}.", privacy::WORD);
        return Ok(frame::lead_to(&app, &format!("/contacts/{id}"), Some(Flash::bad(said))));
    }
    app.services.privacy.erase(allow.scope(), *id).await?;
    let said = Flash::ok("Erased. Nothing but a fingerprint of the address is kept.");
    Ok(frame::lead_to(&app, "/contacts", Some(said)))
}
