//! `GET, POST /api/contacts/:id/custom`: the values one contact has.

use std::borrow::Cow;
use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_contacts::Contact;
use crm_contacts::contacts::{ContactChange, CustomValue};
use crm_core::ContactId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::api::openapi::shapes;
use crate::api::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[serde(transparent)]
#[schema(as = CustomValues)]
struct View(BTreeMap<String, CustomValue>);

/// Fields by name; `null` removes a value.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Body(BTreeMap<String, Option<CustomValue>>);

impl utoipa::PartialSchema for Body {
    fn schema() -> RefOr<Schema> {
        shapes::custom_changes().into()
    }
}

impl ToSchema for Body {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("CustomValuesChange")
    }
}

fn tagged(contact: Contact) -> HttpResponse {
    etag::tagged(answer::ok(View(contact.custom)), contact.version)
}

/// The custom fields of a contact.
#[utoipa::path(
    get,
    path = "/api/contacts/{id}/custom",
    operation_id = "get_custom_values",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact")),
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "The contact's version")))),
    extensions(("x-permission" = json!("contacts:read"))),
)]
pub(super) async fn get(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.contacts.get(allow.scope(), *id).await?;
    Ok(tagged(found.ok_or_else(AppError::not_found)?))
}

/// Sets some custom fields of a contact; the others stay.
#[utoipa::path(
    post,
    path = "/api/contacts/{id}/custom",
    operation_id = "set_custom_values",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact")),
    request_body = Body,
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "The contact's version")))),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn set(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ContactId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let change = ContactChange { custom: body.into_inner().0, ..ContactChange::default() };
    let changed = app.services.contacts.change(allow.scope(), *id, None, change).await?;
    Ok(tagged(changed.ok_or_else(AppError::not_found)?))
}
