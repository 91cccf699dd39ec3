//! `GET /api/audit/export.csv`: the log as a file.

use actix_web::HttpResponse;
use actix_web::web::Data;
use crm_audit::AuditFilter;
use crm_core::{Cursor, PageRequest, UserId};
use serde::Deserialize;

use super::outside;
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
    entity_type: Option<String>,
    entity_id: Option<String>,
    action: Option<String>,
    user_id: Option<UserId>,
    // Names the workspace of the call; the middleware has read it.
    #[serde(rename = "workspace_id")]
    #[param(ignore)]
    _workspace_id: Option<String>,
}

impl Params {
    fn filter(&self, cursor: Option<Cursor>) -> AuditFilter {
        AuditFilter {
            entity_type: self.entity_type.clone(),
            entity_id: self.entity_id.clone(),
            action: self.action.clone(),
            user_id: self.user_id,
            page: PageRequest { limit: STRETCH, cursor },
        }
    }
}

/// The audit log as a CSV file, newest first.
///
/// That it left is noted in the log before its first row does.
#[utoipa::path(
    get,
    path = "/api/audit/export.csv",
    operation_id = "export_audit",
    tag = "audit",
    params(Params),
    responses((status = 200, body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("audit:read"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::AuditRead>,
    app: Data<App>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let params = params.into_inner();
    let ctx = &app.services.ctx;
    crm_audit::note_export(ctx, allow.scope(), &params.filter(None)).await?;
    let (scope, outside) = (allow.scope().clone(), outside(&allow));
    let first = crm_audit::export(&ctx.db, &scope, outside, params.filter(None)).await?;
    Ok(file::answer("text/csv", "audit.csv", first, move |cursor| {
        let (app, scope) = (Data::clone(&app), scope.clone());
        let filter = params.filter(Some(cursor));
        async move {
            let found = crm_audit::export(&app.services.ctx.db, &scope, outside, filter).await;
            found.map_err(AppError::from)
        }
    }))
}
