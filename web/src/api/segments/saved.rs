//! `/api/segments`: segments with a name.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::Segment;
use crm_contacts::segments::SegmentNode;
use crm_contacts::segments::saved::{NewSavedSegment, SavedSegment};
use crm_core::{SegmentId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::from_value;
use crate::api::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[schema(as = SavedSegment)]
struct View {
    id: SegmentId,
    name: String,
    #[schema(value_type = SegmentNode)]
    segment_json: Segment,
    created_by: Option<UserId>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<SavedSegment> for View {
    fn from(saved: SavedSegment) -> Self {
        Self {
            id: saved.id,
            name: saved.name,
            segment_json: saved.segment,
            created_by: saved.created_by,
            created_at: saved.created_at,
            updated_at: saved.updated_at,
        }
    }
}

/// One of them, with how many contacts it means now.
#[derive(Serialize, ToSchema)]
#[schema(as = SavedSegmentCounted)]
struct Counted {
    #[serde(flatten)]
    saved: View,
    /// Contacts it means at this moment.
    count: u64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SavedSegmentInput)]
pub(super) struct Body {
    name: String,
    #[schema(value_type = SegmentNode)]
    segment_json: serde_json::Value,
}

impl Body {
    fn segment(self) -> Result<NewSavedSegment, AppError> {
        Ok(NewSavedSegment { segment: from_value(&self.segment_json)?, name: self.name })
    }
}

/// A saved segment with its version.
fn tagged(answer: impl FnOnce(View) -> HttpResponse, saved: SavedSegment) -> HttpResponse {
    let version = saved.version;
    etag::tagged(answer(View::from(saved)), version)
}

/// Saved segments, by name.
#[utoipa::path(
    get,
    path = "/api/segments",
    operation_id = "list_segments",
    tag = "segments",
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("contacts:read"))),
)]
pub(super) async fn all(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
) -> Result<HttpResponse, AppError> {
    let saved = app.services.saved_segments.all(allow.scope()).await?;
    Ok(answer::whole(saved.into_iter().map(View::from).collect()))
}

/// Saves a segment.
#[utoipa::path(
    post,
    path = "/api/segments",
    operation_id = "create_segment",
    tag = "segments",
    request_body = Body,
    responses((status = 201, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn create(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let new = body.into_inner().segment()?;
    Ok(tagged(answer::created, app.services.saved_segments.create(allow.scope(), new).await?))
}

/// One saved segment and how many contacts it means now.
#[utoipa::path(
    get,
    path = "/api/segments/{id}",
    operation_id = "get_segment",
    tag = "segments",
    params(("id" = SegmentId, Path, description = "The segment")),
    responses((status = 200, body = answer::One<Counted>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("contacts:read"))),
)]
pub(super) async fn get(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    id: Path<SegmentId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.saved_segments.get(allow.scope(), *id).await?;
    let saved = found.ok_or_else(AppError::not_found)?;
    let count = app.services.segments.preview(allow.scope(), &saved.segment).await?.count;
    let version = saved.version;
    Ok(etag::tagged(answer::ok(Counted { saved: saved.into(), count }), version))
}

/// Changes a saved segment.
#[utoipa::path(
    put,
    path = "/api/segments/{id}",
    operation_id = "update_segment",
    tag = "segments",
    params(("id" = SegmentId, Path, description = "The segment"), etag::IfMatch),
    request_body = Body,
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn update(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<SegmentId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let seen = etag::if_match(&req)?;
    let change = body.into_inner().segment()?;
    let changed = app.services.saved_segments.update(allow.scope(), *id, seen, change).await?;
    Ok(tagged(answer::ok, changed.ok_or_else(AppError::not_found)?))
}

/// Deletes a saved segment; what used it keeps what it said.
#[utoipa::path(
    delete,
    path = "/api/segments/{id}",
    operation_id = "delete_segment",
    tag = "segments",
    params(("id" = SegmentId, Path, description = "The segment")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn delete(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<SegmentId>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.saved_segments.delete(allow.scope(), *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}
