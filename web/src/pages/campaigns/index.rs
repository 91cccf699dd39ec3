//! `GET /campaigns?status&cursor`

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::campaigns::Status;
use crm_core::{Cursor, PageRequest, Permission};
use serde::Deserialize;

use super::audience::Names;
use super::convert;
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Section;
use crate::views::campaigns::{CampaignRow, CampaignsPage};
use crate::views::common::{Pager, Tab};

/// The tabs above the list.
const TABS: [(&str, Option<Status>); 6] = [
    ("All", None),
    ("Drafts", Some(Status::Draft)),
    ("Needs approval", Some(Status::PendingApproval)),
    ("Sending", Some(Status::Sending)),
    ("Paused", Some(Status::Paused)),
    ("Sent", Some(Status::Sent)),
];

#[derive(Deserialize)]
pub(super) struct Params {
    status: Option<Status>,
    cursor: Option<String>,
}

fn url(status: Option<Status>, cursor: Option<&Cursor>) -> String {
    let status = status.map(|status| format!("status={}", status.as_str()));
    let cursor = cursor.map(|cursor| format!("cursor={}", cursor.encode()));
    let query: Vec<String> = status.into_iter().chain(cursor).collect();
    if query.is_empty() {
        "/campaigns".to_owned()
    } else {
        format!("/campaigns?{}", query.join("&"))
    }
}

pub(super) async fn show(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    req: HttpRequest,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let request = PageQuery { limit: None, cursor: params.cursor.clone() }.request()?;
    let found = app.services.campaigns.list(scope, params.status, request).await?;
    let one = PageRequest { limit: 1, cursor: None };
    let templates = app.services.templates.list(scope, one).await?;
    let pager = Pager {
        shown: u64::try_from(found.items.len()).unwrap_or_default(),
        total: found.total,
        total_exact: found.total_exact,
        first_url: found.previous.as_ref().map(|_| url(params.status, None)),
        prev_url: found.previous.as_ref().map(|cursor| url(params.status, Some(cursor))),
        next_url: found.next.as_ref().map(|cursor| url(params.status, Some(cursor))),
    };
    let names = Names::load(&app, scope).await?;
    let mut rows = Vec::with_capacity(found.items.len());
    for campaign in found.items {
        let template = match campaign.template_id {
            Some(id) => app.services.templates.get(scope, id).await?,
            None => None,
        };
        let progress = convert::progress(campaign.counts);
        rows.push(CampaignRow {
            id: campaign.id.to_string(),
            status: campaign.status.as_str().to_owned(),
            audience: names.words(&campaign.segment),
            template_name: template.map(|t| t.content.name).unwrap_or_default(),
            total: Some(progress.total).filter(|total| *total > 0).or(campaign.audience_count),
            sent: progress.sent,
            updated_at: campaign.updated_at.to_string(),
            name: campaign.name,
        });
    }
    let tabs = TABS.iter().map(|(label, status)| Tab {
        label: (*label).to_owned(),
        url: url(*status, None),
        count: None,
        current: params.status == *status,
    });
    let view = CampaignsPage {
        shell: frame::shell(&app, &req, &allow, Section::Campaigns, "Campaigns").await?,
        tabs: tabs.collect(),
        rows,
        pager,
        has_templates: templates.total > 0,
        may_write: scope.allows(Permission::CampaignsWrite),
    };
    frame::ok(&app, &req, &view)
}
