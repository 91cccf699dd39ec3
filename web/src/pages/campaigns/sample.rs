//! `GET /campaigns/{id}/samples/{number}`: one message of the pre-flight by itself, for a sandboxed frame.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::CampaignId;

use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::middleware::headers::MESSAGE_POLICY;
use crate::pages::frame;
use crate::state::App;

pub(super) async fn show(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    req: HttpRequest,
    path: Path<(CampaignId, usize)>,
) -> Result<HttpResponse, AppError> {
    let (id, number) = path.into_inner();
    let found = app.services.campaigns.preflight(allow.scope(), id).await?;
    let sample = found.and_then(|found| found.samples.into_iter().nth(number));
    let sample = sample.ok_or_else(AppError::not_found)?;
    let mut answer = frame::html_answer(&app, &req, StatusCode::OK, sample.rendered.html);
    answer
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, header::HeaderValue::from_static(MESSAGE_POLICY));
    Ok(answer)
}
