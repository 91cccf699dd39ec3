//! `/api/segments/preview`, and reading segments from requests.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, ServiceConfig};
use crm_contacts::Segment;
use crm_contacts::segments::SegmentNode;
use crm_core::ContactId;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

mod saved;

/// `/api/segments…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/segments/preview", web::post().to(preview))
        .service(
            web::resource("/segments")
                .route(web::get().to(saved::all))
                .route(web::post().to(saved::create)),
        )
        .service(
            web::resource("/segments/{id}")
                .route(web::get().to(saved::get))
                .route(web::put().to(saved::update))
                .route(web::delete().to(saved::delete)),
        );
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(preview, saved::all, saved::create, saved::get, saved::update, saved::delete))]
pub(super) struct Document;

/// A segment from JSON.
///
/// # Errors
/// 422 naming what is unknown or malformed.
pub fn from_value(value: &serde_json::Value) -> Result<Segment, AppError> {
    Ok(Segment::parse(value)?)
}

/// A segment from JSON text.
///
/// # Errors
/// 422 naming what is unknown or malformed.
pub fn from_text(text: &str) -> Result<Segment, AppError> {
    let value = serde_json::from_str(text)
        .map_err(|err| AppError::invalid("segment_json", format!("is no JSON: {err}")))?;
    from_value(&value)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SegmentInput)]
struct Body {
    #[schema(value_type = SegmentNode)]
    segment_json: serde_json::Value,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SegmentPreview)]
struct View {
    count: u64,
    sample: Vec<SampleView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SegmentPreviewContact)]
struct SampleView {
    id: ContactId,
    name: String,
    primary_email: Option<String>,
}

/// Counts a segment and shows a few of its contacts.
#[utoipa::path(
    post,
    path = "/api/segments/preview",
    operation_id = "preview_segment",
    tag = "segments",
    request_body = Body,
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("contacts:read"))),
)]
async fn preview(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let segment = from_value(&body.segment_json)?;
    let found = app.services.segments.preview(allow.scope(), &segment).await?;
    let sample = found.sample.into_iter().map(|contact| SampleView {
        id: contact.id,
        name: contact.display_name(),
        primary_email: contact.primary_email,
    });
    Ok(answer::ok(View { count: found.count, sample: sample.collect() }))
}
