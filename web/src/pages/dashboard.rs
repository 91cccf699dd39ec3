//! `/dashboard`: what needs somebody now.

use std::time::Duration;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_backup::Standing;
use crm_campaigns::Campaign;
use crm_campaigns::campaigns::Status;
use crm_contacts::contacts::ContactQuery;
use crm_core::paging::MAX_LIMIT;
use crm_core::{PageRequest, Permission};

use super::contacts::convert;
use super::{frame, tasks};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::state::App;
use crate::views::Section;
use crate::views::campaign::{Progress, percent};
use crate::views::common::Link;
use crate::views::dashboard::{
    ApprovalItem, CampaignItem, ChecklistItem, DashboardPage, PipelineRow,
};

/// How far back "messages" looks.
const MONTH: Duration = Duration::from_hours(30 * 24);
/// How many new contacts are shown.
const RECENT: u64 = 7;

/// `/`, `/dashboard`
pub fn routes(config: &mut ServiceConfig) {
    config.route("/", web::get().to(home)).route("/dashboard", web::get().to(show));
}

async fn home(app: Data<App>) -> HttpResponse {
    let first = if app.setup.is_open() { "/setup" } else { "/dashboard" };
    frame::lead_to(&app, first, None)
}

fn progress(campaign: &Campaign) -> Progress {
    let counts = campaign.counts;
    Progress::new(
        counts.sent,
        counts.failed,
        counts.unknown,
        counts.retry_wait,
        counts.queued + counts.sending,
        counts.skipped,
    )
}

async fn show(
    allow: Allow<rights::WorkspaceRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let services = &app.services;
    let now = services.ctx.now();
    let counts = services.contacts.counts(scope).await?;
    let lists = services.lists.all(scope).await?;
    let members = services.accounts.members(scope).await?;
    let page = PageRequest { limit: MAX_LIMIT, cursor: None };
    let campaigns = services.campaigns.list(scope, None, page.clone()).await?.items;
    let templates = services.templates.list(scope, PageRequest { limit: 1, cursor: None }).await?;
    let newest = ContactQuery {
        page: PageRequest { limit: RECENT, cursor: None },
        ..ContactQuery::default()
    };
    let newest = services.contacts.list(scope, newest).await?;

    let may_decide = scope.allows(Permission::CampaignsApprove);
    let waiting = campaigns.iter().filter(|campaign| campaign.status == Status::PendingApproval);
    let approvals = waiting.map(|campaign| {
        let asked = campaign.approval.as_ref();
        let by = asked.and_then(|asked| asked.requested_by);
        let name = members.iter().find(|member| Some(member.user_id) == by);
        ApprovalItem {
            id: campaign.id.to_string(),
            name: campaign.name.clone(),
            audience: campaign.audience_count.unwrap_or_default(),
            requested_by: name
                .map_or_else(|| "Somebody who left".to_owned(), |member| member.name.clone()),
            requested_at: asked.map_or(campaign.updated_at, |asked| asked.created_at).to_string(),
            may_decide,
        }
    });
    let running =
        |campaign: &&Campaign| matches!(campaign.status, Status::Sending | Status::Paused);
    let shown = campaigns
        .iter()
        .find(running)
        .or_else(|| campaigns.iter().find(|campaign| campaign.status == Status::Sent));
    let sent_lately = services.campaigns.sent_since(scope, now.minus(MONTH)).await?;
    let stages: Vec<_> = lists.iter().filter(|list| list.is_primary).collect();
    let fullest = stages.iter().map(|list| list.contacts).max().unwrap_or_default();
    let pipeline = stages.iter().map(|list| PipelineRow {
        stage: convert::stage(&lists, list),
        people: list.contacts,
        share: percent(list.contacts, fullest),
        value_minor: list.value_minor,
        url: format!("/contacts?list_id={}", list.id),
    });
    let steps = [
        ("Import contacts", "/import", "A CSV or vCard file is enough.", counts.total > 0),
        (
            "Write a template",
            "/templates/new",
            "A message with places for names.",
            templates.total > 0,
        ),
        (
            "Send a practice campaign",
            "/campaigns/new",
            "Nothing leaves this machine.",
            campaigns.iter().any(|campaign| campaign.started_at.is_some()),
        ),
    ];
    let open = steps.iter().any(|(_, _, _, done)| !done);
    let checklist = steps.into_iter().filter(|_| open).map(|(label, url, hint, done)| {
        ChecklistItem { link: Link::new(label, url), hint: hint.to_owned(), done }
    });
    let shell = frame::shell(&app, &req, &allow, Section::Dashboard, "Dashboard").await?;
    let (today, today_more) = tasks::today(&app, scope, &shell.time_zone, &members).await?;
    let backup_is_late = shell.is_admin && is_late(&app).await;
    let view = DashboardPage {
        backup_is_late,
        today,
        today_more,
        may_do: scope.allows(Permission::TasksWrite),
        shell,
        contacts_total: counts.total,
        contacts_total_exact: true,
        contacts_new_week: counts.last_7_days,
        messages_sent_month: sent_lately,
        campaigns_running: u64::try_from(campaigns.iter().filter(running).count())
            .unwrap_or_default(),
        approvals: approvals.collect(),
        campaign: shown.map(|campaign| CampaignItem {
            id: campaign.id.to_string(),
            name: campaign.name.clone(),
            status: campaign.status.as_str().to_owned(),
            progress: progress(campaign),
        }),
        pipeline: pipeline.collect(),
        recent: newest.items.iter().map(|contact| convert::row(&lists, contact)).collect(),
        checklist: checklist.collect(),
    };
    frame::ok(&app, &req, &view)
}

/// Whether a backup is missing. Where that cannot be told, one is.
async fn is_late(app: &App) -> bool {
    match app.services.backups.standing().await {
        Ok(standing) => matches!(standing, Standing::Late { .. }),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "nobody knows how it stands with the backups"
            );
            true
        }
    }
}
