//! `GET /api/campaigns/:id/recipients?state`: the ledger.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_campaigns::campaigns::{Recipient, RecipientState, SkipReason};
use crm_core::{CampaignId, ContactId, RecipientId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, Query, rights};
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[schema(as = Recipient)]
struct View {
    id: RecipientId,
    contact_id: Option<ContactId>,
    address: Option<String>,
    state: RecipientState,
    reason: Option<SkipReason>,
    attempts: i64,
    next_attempt_at: Option<Timestamp>,
    message_id: String,
    error: Option<String>,
    sent_at: Option<Timestamp>,
    opened_at: Option<Timestamp>,
    clicked_at: Option<Timestamp>,
    replied_at: Option<Timestamp>,
    bounced_at: Option<Timestamp>,
    unsubscribed_at: Option<Timestamp>,
}

impl From<Recipient> for View {
    fn from(row: Recipient) -> Self {
        Self {
            id: row.id,
            contact_id: row.contact_id,
            address: row.address,
            state: row.state,
            reason: row.reason,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at,
            message_id: row.message_id,
            error: row.error,
            sent_at: row.sent_at,
            opened_at: row.came_of_it.opened_at,
            clicked_at: row.came_of_it.clicked_at,
            replied_at: row.came_of_it.replied_at,
            bounced_at: row.came_of_it.bounced_at,
            unsubscribed_at: row.came_of_it.unsubscribed_at,
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Params {
    state: Option<RecipientState>,
    limit: Option<u64>,
    cursor: Option<String>,
}

/// Who gets it and how that went.
#[utoipa::path(
    get,
    path = "/api/campaigns/{id}/recipients",
    operation_id = "list_recipients",
    tag = "campaigns",
    params(("id" = CampaignId, Path, description = "The campaign"), Params),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("campaigns:read"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    id: Path<CampaignId>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let params = params.into_inner();
    let page = PageQuery { limit: params.limit, cursor: params.cursor }.request()?;
    let found = app.services.campaigns.recipients(allow.scope(), *id, params.state, page).await?;
    Ok(answer::page(found.ok_or_else(AppError::not_found)?, View::from))
}
