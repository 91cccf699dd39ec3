//! `GET /api/campaigns/:id/recipients.csv?state`: the ledger as a file.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use crm_campaigns::campaigns::RecipientState;
use crm_core::CampaignId;
use futures::{StreamExt as _, stream};
use serde::Deserialize;

use crate::error::AppError;
use crate::extract::{Allow, Query, rights};
use crate::state::App;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Params {
    /// Only recipients in this state.
    state: Option<RecipientState>,
    // Names the workspace of the call; the middleware has read it.
    #[serde(rename = "workspace_id")]
    #[param(ignore)]
    _workspace_id: Option<String>,
}

/// Every recipient of a campaign as a CSV file, those left out included.
///
/// An apostrophe stands before what a spreadsheet would run as a formula. That the file left is noted in the audit log
/// before its first row does.
#[utoipa::path(
    get,
    path = "/api/campaigns/{id}/recipients.csv",
    operation_id = "export_recipients",
    tag = "campaigns",
    params(("id" = CampaignId, Path, description = "The campaign"), Params),
    responses((status = 200, body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("campaigns:read"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    id: Path<CampaignId>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let (id, state) = (*id, params.state);
    let scope = allow.scope().clone();
    let campaigns = &app.services.campaigns;
    campaigns.note_export(&scope, id, state).await?.ok_or_else(AppError::not_found)?;
    // The first stretch is read before anything is answered, so that a ledger that cannot be read is an error and no file.
    let (first, next) = campaigns.export(&scope, id, state, None).await?;
    let rest = stream::try_unfold(next, move |next| {
        let (app, scope) = (Data::clone(&app), scope.clone());
        async move {
            let Some(after) = next else { return Ok(None) };
            let found = app.services.campaigns.export(&scope, id, state, Some(after)).await;
            let (rows, next) = found.map_err(AppError::from)?;
            Ok::<_, AppError>(Some((Bytes::from(rows), next)))
        }
    });
    let first = stream::once(std::future::ready(Ok(Bytes::from(first))));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"recipients.csv\""))
        .streaming(first.chain(rest)))
}
