//! `GET /api/campaigns/:id/recipients.csv?state`: the ledger as a file.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_campaigns::campaigns::RecipientState;
use crm_core::CampaignId;
use serde::Deserialize;

use crate::api::file;
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
    let first = campaigns.export(&scope, id, state, None).await?;
    Ok(file::answer("text/csv", "recipients.csv", first, move |after| {
        let (app, scope) = (Data::clone(&app), scope.clone());
        async move {
            let found = app.services.campaigns.export(&scope, id, state, Some(after)).await;
            found.map_err(AppError::from)
        }
    }))
}
