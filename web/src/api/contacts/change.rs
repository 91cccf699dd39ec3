//! `PATCH /api/contacts/:id`

use std::collections::BTreeMap;
use utoipa::ToSchema;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::contacts::{ContactChange, CustomValue};
use crm_core::{ContactId, ListId, UserId};
use serde::Deserialize;

use super::View;
use crate::api::openapi::shapes;
use crate::api::{answer, double, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::option_option,
    reason = "absent, null and set are three different wishes of a PATCH"
)]
#[schema(as = ContactChange)]
pub(super) struct Body {
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
    #[serde(default, deserialize_with = "double::option")]
    primary_email: Option<Option<String>>,
    #[serde(default, deserialize_with = "double::option")]
    primary_phone: Option<Option<String>>,
    #[serde(default)]
    company: Option<String>,
    #[serde(default, deserialize_with = "double::option")]
    owner_id: Option<Option<UserId>>,
    #[serde(default, deserialize_with = "double::option")]
    value_minor: Option<Option<i64>>,
    /// Field → its value; `null` removes it.
    #[serde(default)]
    #[schema(schema_with = shapes::custom_changes)]
    custom: BTreeMap<String, Option<CustomValue>>,
    #[serde(default)]
    list_ids: Option<Vec<ListId>>,
}

impl From<Body> for ContactChange {
    fn from(body: Body) -> Self {
        Self {
            first_name: body.first_name,
            last_name: body.last_name,
            primary_email: body.primary_email,
            primary_phone: body.primary_phone,
            company: body.company,
            owner_id: body.owner_id,
            value_minor: body.value_minor,
            custom: body.custom,
            list_ids: body.list_ids,
        }
    }
}

/// Changes some fields of a contact.
#[utoipa::path(
    patch,
    path = "/api/contacts/{id}",
    operation_id = "change_contact",
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
        app.services.contacts.change(allow.scope(), *id, seen, body.into_inner().into()).await?;
    let contact = changed.ok_or_else(AppError::not_found)?;
    let version = contact.version;
    Ok(etag::tagged(answer::ok(View::from(contact)), version))
}
