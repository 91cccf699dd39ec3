//! `GET /api/suppressions/export.csv`: the list as a file.

use actix_web::HttpResponse;
use actix_web::web::Data;
use crm_campaigns::suppressions::{Filter, Reason, rows};
use crm_campaigns::templates::Channel;
use crm_core::{Cursor, PageRequest};
use serde::Deserialize;

use crate::api::file;
use crate::error::AppError;
use crate::extract::{Allow, Query, rights};
use crate::state::App;

/// Entries read at once.
const STRETCH: u64 = 200;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Params {
    #[serde(default)]
    q: String,
    channel: Option<Channel>,
    reason: Option<Reason>,
    // Names the workspace of the call; the middleware has read it.
    #[serde(rename = "workspace_id")]
    #[param(ignore)]
    _workspace_id: Option<String>,
}

impl Params {
    fn filter(&self, cursor: Option<Cursor>) -> Filter {
        let page = PageRequest { limit: STRETCH, cursor };
        Filter { q: self.q.clone(), channel: self.channel, reason: self.reason, page }
    }
}

/// The list as a CSV file, newest first. That it left is noted in the audit log before its first row does.
#[utoipa::path(
    get,
    path = "/api/suppressions/export.csv",
    operation_id = "export_suppressions",
    tag = "suppressions",
    params(Params),
    responses((status = 200, body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("campaigns:read"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let params = params.into_inner();
    let scope = allow.scope().clone();
    let suppressions = &app.services.suppressions;
    let first = suppressions.list(&scope, params.filter(None)).await?;
    suppressions.note_export(&scope, &params.filter(None)).await?;
    let first = (rows(&first.items, true)?, first.next);
    Ok(file::answer("text/csv", "suppressions.csv", first, move |cursor| {
        let (app, scope) = (Data::clone(&app), scope.clone());
        let filter = params.filter(Some(cursor));
        async move {
            let found = app.services.suppressions.list(&scope, filter).await?;
            Ok((rows(&found.items, false)?, found.next))
        }
    }))
}
