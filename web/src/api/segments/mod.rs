//! `/api/segments/preview`, and reading segments from requests.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, ServiceConfig};
use crm_contacts::Segment;
use crm_core::ContactId;
use serde::{Deserialize, Serialize};

use super::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

/// `/api/segments…`
pub fn routes(config: &mut ServiceConfig) {
    config.route("/segments/preview", web::post().to(preview));
}

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    segment_json: serde_json::Value,
}

#[derive(Serialize)]
struct View {
    count: u64,
    sample: Vec<SampleView>,
}

#[derive(Serialize)]
struct SampleView {
    id: ContactId,
    name: String,
    primary_email: Option<String>,
}

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
