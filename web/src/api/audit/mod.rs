//! `/api/audit`: reading and verifying the audit log.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, ServiceConfig};
use crm_audit::{AuditEntry, AuditFilter, Outside, Verdict};
use crm_core::{AuditId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::answer;
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, Query, rights};
use crate::state::App;

mod export;

/// `/api/audit…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/audit", web::get().to(list))
        .route("/audit/verify", web::get().to(verify))
        .route("/audit/export.csv", web::get().to(export::handle));
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(list, verify, export::handle))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct View {
    id: AuditId,
    seq: i64,
    user_id: Option<UserId>,
    action: String,
    entity_type: String,
    entity_id: Option<String>,
    details: serde_json::Value,
    ip_address: Option<String>,
    timestamp: Timestamp,
}

fn view(entry: AuditEntry) -> View {
    View {
        id: entry.id,
        seq: entry.seq,
        user_id: entry.user_id,
        action: entry.action,
        entity_type: entry.entity_type,
        entity_id: entry.entity_id,
        details: entry.details,
        ip_address: entry.ip_address,
        timestamp: entry.timestamp,
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Params {
    entity_type: Option<String>,
    entity_id: Option<String>,
    action: Option<String>,
    user_id: Option<UserId>,
    limit: Option<u64>,
    cursor: Option<String>,
}

/// The audit log, newest first.
#[utoipa::path(
    get,
    path = "/api/audit",
    operation_id = "list_audit",
    tag = "audit",
    params(Params),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("audit:read"))),
)]
async fn list(
    allow: Allow<rights::AuditRead>,
    app: Data<App>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let params = params.into_inner();
    let page = PageQuery { limit: params.limit, cursor: params.cursor }.request()?;
    let filter = AuditFilter {
        entity_type: params.entity_type,
        entity_id: params.entity_id,
        action: params.action,
        user_id: params.user_id,
        page,
    };
    let outside = outside(&allow);
    let found = crm_audit::list(&app.services.ctx.db, allow.scope(), outside, filter).await?;
    Ok(answer::page(found, view))
}

/// What lies outside workspaces is for those who run the installation, but for what members did.
pub(crate) const fn outside(allow: &Allow<rights::AuditRead>) -> Outside {
    if allow.identity().user.is_admin { Outside::All } else { Outside::OfMembers }
}

/// Checks the chain of the audit log.
#[utoipa::path(
    get,
    path = "/api/audit/verify",
    operation_id = "verify_audit",
    tag = "audit",
    responses((status = 200, body = answer::One<Verdict>)),
    extensions(("x-permission" = json!("audit:read"))),
)]
async fn verify(_: Allow<rights::AuditRead>, app: Data<App>) -> Result<HttpResponse, AppError> {
    Ok(answer::ok(crm_audit::verify(&app.services.ctx.db).await?))
}
