//! `/api/custom-definitions`, `/api/contacts/:id/custom`: custom fields and their values.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::fields::{Field, FieldChange, FieldType, NewField};
use crm_core::{CustomFieldDefinitionId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

mod values;

/// `/api/custom-definitions…`, `/api/contacts/:id/custom`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/custom-definitions")
                .route(web::get().to(all))
                .route(web::post().to(create)),
        )
        .service(
            web::resource("/custom-definitions/{id}")
                .route(web::get().to(get))
                .route(web::put().to(update))
                .route(web::delete().to(delete)),
        )
        .service(
            web::resource("/contacts/{id}/custom")
                .route(web::get().to(values::get))
                .route(web::post().to(values::set)),
        );
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(all, create, get, update, delete, values::get, values::set))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = CustomDefinition)]
struct View {
    id: CustomFieldDefinitionId,
    name: String,
    label: String,
    field_type: FieldType,
    options: Vec<String>,
    is_required: bool,
    default_value: Option<String>,
    position: i64,
    /// Whether the owner of the workspace has it in all of theirs.
    is_global: bool,
    /// Since when it takes no new values.
    archived_at: Option<Timestamp>,
    /// Contacts of this workspace that have a value.
    contacts: u64,
    created_at: Timestamp,
}

impl From<Field> for View {
    fn from(field: Field) -> Self {
        Self {
            id: field.id,
            name: field.name,
            label: field.label,
            field_type: field.field_type,
            options: field.options,
            is_required: field.is_required,
            default_value: field.default_value,
            position: field.position,
            is_global: field.is_global,
            archived_at: field.archived_at,
            contacts: field.contacts,
            created_at: field.created_at,
        }
    }
}

/// A field with its version.
fn tagged(answer: impl FnOnce(View) -> HttpResponse, field: Field) -> HttpResponse {
    let version = field.version;
    etag::tagged(answer(View::from(field)), version)
}

/// A new field.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CustomDefinitionInput)]
struct Body {
    /// What segments, templates and files call it; made of the label where it is left out. It cannot be changed.
    #[serde(default)]
    name: Option<String>,
    label: String,
    /// It cannot be changed.
    field_type: FieldType,
    /// The choices of a select.
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    is_required: bool,
    #[serde(default)]
    default_value: Option<String>,
    /// Whether it is for all workspaces of this one's owner, who alone may say so.
    #[serde(default)]
    is_global: bool,
}

/// What of a field can be changed; what is left out is emptied.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CustomDefinitionChange)]
struct Change {
    label: String,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    is_required: bool,
    #[serde(default)]
    default_value: Option<String>,
    /// Its place, from 1; left out, it stays.
    #[serde(default)]
    position: Option<i64>,
    /// Whether it takes no new values.
    #[serde(default)]
    is_archived: bool,
}

/// All custom fields, archived ones included.
#[utoipa::path(
    get,
    path = "/api/custom-definitions",
    operation_id = "list_custom_definitions",
    tag = "fields",
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("fields:read"))),
)]
async fn all(allow: Allow<rights::FieldsRead>, app: Data<App>) -> Result<HttpResponse, AppError> {
    let fields = app.services.fields.all(allow.scope()).await?;
    Ok(answer::whole(fields.into_iter().map(View::from).collect()))
}

/// Makes a custom field.
#[utoipa::path(
    post,
    path = "/api/custom-definitions",
    operation_id = "create_custom_definition",
    tag = "fields",
    request_body = Body,
    responses((status = 201, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("fields:write"))),
)]
async fn create(
    allow: Allow<rights::FieldsWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    let new = NewField {
        name: body.name,
        label: body.label,
        field_type: body.field_type,
        options: body.options,
        is_required: body.is_required,
        default_value: body.default_value,
        is_global: body.is_global,
    };
    Ok(tagged(answer::created, app.services.fields.create(allow.scope(), new).await?))
}

/// One custom field.
#[utoipa::path(
    get,
    path = "/api/custom-definitions/{id}",
    operation_id = "get_custom_definition",
    tag = "fields",
    params(("id" = CustomFieldDefinitionId, Path, description = "The field")),
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("fields:read"))),
)]
async fn get(
    allow: Allow<rights::FieldsRead>,
    app: Data<App>,
    id: Path<CustomFieldDefinitionId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.fields.get(allow.scope(), *id).await?;
    Ok(tagged(answer::ok, found.ok_or_else(AppError::not_found)?))
}

/// Changes a custom field, archives it or takes it back.
#[utoipa::path(
    put,
    path = "/api/custom-definitions/{id}",
    operation_id = "update_custom_definition",
    tag = "fields",
    params(("id" = CustomFieldDefinitionId, Path, description = "The field"), etag::IfMatch),
    request_body = Change,
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("fields:write"))),
)]
async fn update(
    allow: Allow<rights::FieldsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<CustomFieldDefinitionId>,
    body: Json<Change>,
) -> Result<HttpResponse, AppError> {
    let seen = etag::if_match(&req)?;
    let body = body.into_inner();
    let change = FieldChange {
        label: body.label,
        options: body.options,
        is_required: body.is_required,
        default_value: body.default_value,
        position: body.position,
        is_archived: body.is_archived,
    };
    let changed = app.services.fields.update(allow.scope(), *id, seen, change).await?;
    Ok(tagged(answer::ok, changed.ok_or_else(AppError::not_found)?))
}

/// Deletes an archived custom field and its values.
#[utoipa::path(
    delete,
    path = "/api/custom-definitions/{id}",
    operation_id = "delete_custom_definition",
    tag = "fields",
    params(("id" = CustomFieldDefinitionId, Path, description = "The field")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("fields:write"))),
)]
async fn delete(
    allow: Allow<rights::FieldsWrite>,
    app: Data<App>,
    id: Path<CustomFieldDefinitionId>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.fields.delete(allow.scope(), *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}
