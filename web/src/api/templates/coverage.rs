//! `GET /api/templates/{id}/coverage`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_campaigns::templates::Coverage;
use crm_contacts::Segment;
use crm_core::{Permission, Scope, SegmentId, TemplateId};
use serde::Deserialize;

use super::super::answer;
use crate::error::AppError;
use crate::extract::{Allow, Query, rights};
use crate::state::App;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Params {
    /// Only contacts of this saved segment.
    segment_id: Option<SegmentId>,
}

/// For how many contacts each of its variables has no value.
#[utoipa::path(
    get,
    path = "/api/templates/{id}/coverage",
    operation_id = "get_template_coverage",
    tag = "templates",
    params(("id" = TemplateId, Path, description = "The template"), Params),
    responses((status = 200, body = answer::One<Coverage>)),
    extensions(("x-permission" = json!("templates:read"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    id: Path<TemplateId>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    allow.also(Permission::ContactsRead)?;
    let found = app.services.templates.get(allow.scope(), *id).await?;
    let template = found.ok_or_else(AppError::not_found)?;
    let segment = segment(&app, allow.scope(), params.segment_id).await?;
    let coverage =
        app.services.templates.coverage(allow.scope(), &template.content, &segment).await?;
    Ok(answer::ok(coverage))
}

/// The rule of a saved segment; everybody where none is named.
async fn segment(app: &App, scope: &Scope, id: Option<SegmentId>) -> Result<Segment, AppError> {
    let Some(id) = id else { return Ok(Segment::everybody()) };
    let saved = app.services.saved_segments.get(scope, id).await?;
    let unknown = || AppError::invalid("segment_id", "there is no such segment");
    Ok(saved.ok_or_else(unknown)?.segment)
}
