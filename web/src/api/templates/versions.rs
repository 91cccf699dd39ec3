//! `GET /api/templates/{id}/versions…`, `POST /api/templates/{id}/versions/{version}/restore`

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::templates::{self, ChangedField, NewTemplate, TemplateVersion};
use crm_core::{TemplateId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{answer, etag};
use super::View;
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, Query, rights};
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[schema(as = TemplateVersion)]
pub(super) struct Brief {
    version: i64,
    name: String,
    saved_by: Option<UserId>,
    saved_at: Timestamp,
    /// The version it was brought back from.
    restored_from: Option<i64>,
    /// The language model whose draft is in it, as who saved it said.
    drafted_with: Option<String>,
}

impl From<TemplateVersion> for Brief {
    fn from(version: TemplateVersion) -> Self {
        Self {
            version: version.version,
            name: version.name,
            saved_by: version.saved_by,
            saved_at: version.saved_at,
            restored_from: version.restored_from,
            drafted_with: version.drafted_with,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = TemplateVersionContent)]
pub(super) struct Full {
    #[serde(flatten)]
    brief: Brief,
    content: NewTemplate,
    /// In what the version named by `against` differs from this one: `removed` is only there, `added` only here.
    #[schema(required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<ChangedField>>,
}

/// What it was before each change, newest first.
#[utoipa::path(
    get,
    path = "/api/templates/{id}/versions",
    operation_id = "list_template_versions",
    tag = "templates",
    params(("id" = TemplateId, Path, description = "The template"), PageQuery),
    responses((status = 200, body = answer::Many<Brief>)),
    extensions(("x-permission" = json!("templates:read"))),
)]
pub(super) async fn list(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    id: Path<TemplateId>,
    params: Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    let request = params.request()?;
    let found = app.services.templates.versions(allow.scope(), *id, request).await?;
    Ok(answer::page(found.ok_or_else(AppError::not_found)?, Brief::from))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Against {
    /// Another version of the template, to compare with.
    #[param(minimum = 1)]
    against: Option<i64>,
}

/// One of its versions, and what differs in it from another one.
#[utoipa::path(
    get,
    path = "/api/templates/{id}/versions/{version}",
    operation_id = "get_template_version",
    tag = "templates",
    params(
        ("id" = TemplateId, Path, description = "The template"),
        ("version" = i64, Path, description = "The number of the version"),
        Against,
    ),
    responses((status = 200, body = answer::One<Full>)),
    extensions(("x-permission" = json!("templates:read"))),
)]
pub(super) async fn get(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    path: Path<(TemplateId, i64)>,
    params: Query<Against>,
) -> Result<HttpResponse, AppError> {
    let (id, version) = path.into_inner();
    let service = &app.services.templates;
    let found = service.version(allow.scope(), id, version).await?;
    let (brief, content) = found.ok_or_else(AppError::not_found)?;
    let changes = match params.against {
        None => None,
        Some(other) => {
            let other = service.version(allow.scope(), id, other).await?;
            let unknown = || AppError::invalid("against", "there is no such version");
            let (_, older) = other.ok_or_else(unknown)?;
            Some(templates::changes(&older, &content))
        }
    };
    Ok(answer::ok(Full { brief: brief.into(), content, changes }))
}

/// Makes it what it was in one of its versions, as a new version.
#[utoipa::path(
    post,
    path = "/api/templates/{id}/versions/{version}/restore",
    operation_id = "restore_template_version",
    tag = "templates",
    params(
        ("id" = TemplateId, Path, description = "The template"),
        ("version" = i64, Path, description = "The number of the version"),
        etag::IfMatch,
    ),
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("templates:write"))),
)]
pub(super) async fn restore(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    req: HttpRequest,
    path: Path<(TemplateId, i64)>,
) -> Result<HttpResponse, AppError> {
    let seen = etag::if_match(&req)?;
    let (id, version) = path.into_inner();
    let restored = app.services.templates.restore(allow.scope(), id, version, seen).await?;
    let template = restored.ok_or_else(AppError::not_found)?;
    let version = template.version;
    Ok(etag::tagged(answer::ok(View::from(template)), version))
}
