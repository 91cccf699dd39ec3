//! `/api/sending-domains`

use actix_web::HttpResponse;
use actix_web::web::{self, Data, ServiceConfig};
use crm_providers::domain::{Report, SendingDomain};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

/// `/api/sending-domains…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/sending-domains", web::get().to(all))
        .route("/sending-domains/check", web::post().to(check));
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(all, check))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = SendingDomain)]
struct View {
    domain: String,
    /// The providers that send from it.
    providers: Vec<String>,
    /// What the DNS said last.
    report: Option<Report>,
}

impl From<SendingDomain> for View {
    fn from(found: SendingDomain) -> Self {
        Self { domain: found.domain, providers: found.providers, report: found.report }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SendingDomainInput)]
struct Body {
    domain: String,
}

/// The domains mail is sent from, with what the DNS said of them last.
#[utoipa::path(
    get,
    path = "/api/sending-domains",
    operation_id = "list_sending_domains",
    tag = "providers",
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("providers:read"))),
)]
async fn all(
    allow: Allow<rights::ProvidersRead>,
    app: Data<App>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.domains.all(allow.scope()).await?;
    Ok(answer::whole(found.into_iter().map(View::from).collect()))
}

/// Asks the DNS about a domain mail is sent from: SPF, DKIM, DMARC, MX, and the names of mail servers of one's own.
#[utoipa::path(
    post,
    path = "/api/sending-domains/check",
    operation_id = "check_sending_domain",
    tag = "providers",
    request_body = Body,
    responses((status = 200, body = answer::One<Report>)),
    extensions(("x-permission" = json!("providers:write"))),
)]
async fn check(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let report = app.services.domains.check(allow.scope(), body.domain.trim()).await?;
    let unknown = || AppError::invalid("domain", "no provider sends from this domain");
    Ok(answer::ok(report.ok_or_else(unknown)?))
}
