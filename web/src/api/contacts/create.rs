//! `POST /api/contacts`

use std::collections::BTreeMap;
use utoipa::ToSchema;

use actix_web::HttpResponse;
use actix_web::web::Data;
use crm_contacts::contacts::{CustomValue, NewContact};
use crm_core::{ListId, UserId};
use serde::Deserialize;

use super::View;
use crate::api::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

/// All fields of a contact; those left out are empty.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContactInput)]
pub(super) struct Body {
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
    #[serde(default)]
    primary_email: Option<String>,
    #[serde(default)]
    primary_phone: Option<String>,
    #[serde(default)]
    company: Option<String>,
    #[serde(default)]
    owner_id: Option<UserId>,
    #[serde(default)]
    value_minor: Option<i64>,
    #[serde(default)]
    custom: BTreeMap<String, CustomValue>,
    #[serde(default)]
    list_ids: Vec<ListId>,
}

impl From<Body> for NewContact {
    fn from(body: Body) -> Self {
        Self {
            first_name: body.first_name.unwrap_or_default(),
            last_name: body.last_name.unwrap_or_default(),
            primary_email: body.primary_email,
            primary_phone: body.primary_phone,
            company: body.company.unwrap_or_default(),
            owner_id: body.owner_id,
            value_minor: body.value_minor,
            custom: body.custom,
            list_ids: body.list_ids,
        }
    }
}

/// Makes a contact.
#[utoipa::path(
    post,
    path = "/api/contacts",
    operation_id = "create_contact",
    tag = "contacts",
    request_body = Body,
    responses((status = 201, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let made = app.services.contacts.create(allow.scope(), body.into_inner().into()).await?;
    let version = made.version;
    Ok(etag::tagged(answer::created(View::from(made)), version))
}
