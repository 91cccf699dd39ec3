//! `GET /campaigns/{id}/recipients?state&cursor`: the ledger of one campaign.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::campaigns::RecipientState;
use crm_core::{CampaignId, Cursor, WorkspaceId};
use serde::Deserialize;

use super::convert;
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Section;
use crate::views::campaigns::RecipientsPage;
use crate::views::common::{Pager, Tab};

#[derive(Deserialize)]
pub(super) struct Params {
    state: Option<RecipientState>,
    cursor: Option<String>,
}

pub(super) async fn show(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<CampaignId>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let campaign = convert::find(&app, scope, *id).await?;
    let members = app.services.accounts.members(scope).await?;
    let request = PageQuery { limit: None, cursor: params.cursor.clone() }.request()?;
    let found = app.services.campaigns.recipients(scope, *id, params.state, request).await?;
    let found = found.ok_or_else(AppError::not_found)?;
    let url = |state: Option<RecipientState>, cursor: Option<&Cursor>| {
        let state = state.map(|state| format!("state={}", state.as_str()));
        let cursor = cursor.map(|cursor| format!("cursor={}", cursor.encode()));
        let query: Vec<String> = state.into_iter().chain(cursor).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/campaigns/{id}/recipients{mark}{}", query.join("&"))
    };
    let counts = campaign.counts;
    let tab = |label: &str, state: Option<RecipientState>, count: u64| Tab {
        label: label.to_owned(),
        url: url(state, None),
        count: Some(count),
        current: params.state == state,
    };
    let tabs = vec![
        tab("All", None, counts.total()),
        tab("Waiting", Some(RecipientState::Queued), counts.queued),
        tab("Sent", Some(RecipientState::Sent), counts.sent),
        tab("Trying again", Some(RecipientState::RetryWait), counts.retry_wait),
        tab("Failed", Some(RecipientState::Failed), counts.failed),
        tab("In flight at a stop", Some(RecipientState::Unknown), counts.unknown),
        tab("Left out", Some(RecipientState::Skipped), counts.skipped),
    ];
    let pager = Pager {
        shown: u64::try_from(found.items.len()).unwrap_or_default(),
        total: found.total,
        total_exact: found.total_exact,
        first_url: found.previous.as_ref().map(|_| url(params.state, None)),
        prev_url: found.previous.as_ref().map(|cursor| url(params.state, Some(cursor))),
        next_url: found.next.as_ref().map(|cursor| url(params.state, Some(cursor))),
    };
    let view = RecipientsPage {
        shell: frame::shell(&app, &req, &allow, Section::Campaigns, "Recipients").await?,
        campaign: convert::head(&app, scope, &campaign, &members).await?,
        tabs,
        export_url: export_url(*id, scope.workspace_id(), params.state),
        rows: convert::rows(&app, scope, found.items).await?,
        pager,
    };
    frame::ok(&app, &req, &view)
}

/// Where the recipients are a file: all of them, or those in one state.
pub(super) fn export_url(
    id: CampaignId,
    workspace: WorkspaceId,
    state: Option<RecipientState>,
) -> String {
    let state = state.map(|state| format!("&state={}", state.as_str())).unwrap_or_default();
    format!("/api/campaigns/{id}/recipients.csv?workspace_id={workspace}{state}")
}
