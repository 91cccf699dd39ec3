//! `POST /api/templates/{id}/duplicate`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::TemplateId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::{answer, etag};
use super::View;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TemplateDuplicateInput)]
pub(super) struct Body {
    /// What it is called; left out, it is the name of the other with "copy" behind it.
    #[serde(default)]
    name: Option<String>,
}

/// Makes another template of the same content.
#[utoipa::path(
    post,
    path = "/api/templates/{id}/duplicate",
    operation_id = "duplicate_template",
    tag = "templates",
    params(("id" = TemplateId, Path, description = "The template")),
    request_body = Option<Body>,
    responses((status = 201, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("templates:write"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    id: Path<TemplateId>,
    body: Option<Json<Body>>,
) -> Result<HttpResponse, AppError> {
    let name = body.map(Json::into_inner).unwrap_or_default().name;
    let made = app.services.templates.duplicate(allow.scope(), *id, name).await?;
    let made = made.ok_or_else(AppError::not_found)?;
    let version = made.version;
    Ok(etag::tagged(answer::created(View::from(made)), version))
}
