//! `GET /templates/people`: whom the preview can be made for, by a part of a name.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::Contact;
use crm_contacts::contacts::ContactQuery;
use crm_core::{ContactId, PageRequest, Permission, Scope};
use serde::Deserialize;

use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::common::Choice;

/// Most people offered at once.
pub(super) const MOST: u64 = 20;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Params {
    who: String,
}

pub(super) async fn find(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    req: HttpRequest,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    allow.also(Permission::ContactsRead)?;
    let found = choices(search(&app, allow.scope(), &params.who).await?, None);
    let html =
        app.views.component("templates.people", "people", &found).map_err(|err| broken(&err))?;
    Ok(frame::html_answer(&app, &req, StatusCode::OK, html))
}

/// What could not be rendered.
pub(super) fn broken(err: &crate::views::ViewError) -> AppError {
    let cause = std::error::Error::source(err).map(ToString::to_string).unwrap_or_default();
    AppError::internal(format!("{err}: {cause}"))
}

/// The newest contacts with this in their name, address, phone number or company.
pub(super) async fn search(app: &App, scope: &Scope, who: &str) -> Result<Vec<Contact>, AppError> {
    let page = PageRequest { limit: MOST, cursor: None };
    let query = ContactQuery { search: who.trim().to_owned(), page, ..ContactQuery::default() };
    Ok(app.services.contacts.list(scope, query).await?.items)
}

/// Contacts to choose from, the chosen one marked, or else the first.
pub(super) fn choices(found: Vec<Contact>, chosen: Option<ContactId>) -> Vec<Choice> {
    let chosen = chosen.or_else(|| found.first().map(|contact| contact.id));
    let choice = |contact: Contact| {
        Choice::new(contact.id.to_string(), contact.display_name(), chosen == Some(contact.id))
    };
    found.into_iter().map(choice).collect()
}
