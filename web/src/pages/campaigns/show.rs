//! `GET /campaigns/{id}`: one campaign in whatever state it is in.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::Campaign;
use crm_campaigns::campaigns::{self as domain, RecipientState, SkipReason, Status};
use crm_campaigns::templates::Channel;
use crm_core::accounts::Member;
use crm_core::{CampaignId, PageRequest, Permission, Scope};

use super::{convert, report, subject};
use crate::error::AppError;
use crate::extract::{Allow, Right, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::campaign::{
    Approval, CampaignActions, CampaignLive, CampaignPage, Check, LeftOut, LeftOutRow, Preflight,
    Sample, Seal,
};
use crate::views::campaigns::RecipientRow;
use crate::views::common::{Fact, FormErrors};
use crate::views::{Section, Shell};

/// Rows of each kind of trouble shown on the page; the list has them all.
const SHOWN: u64 = 20;
/// Seconds until the page asks again without JavaScript.
const REFRESH: u32 = 5;

pub(super) async fn show(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<CampaignId>,
) -> Result<HttpResponse, AppError> {
    let campaign = convert::find(&app, allow.scope(), *id).await?;
    let shell = frame::shell(&app, &req, &allow, Section::Campaigns, campaign.name.clone()).await?;
    if frame::is_partial(&req) {
        let Some(live) = live(&app, allow.scope(), &campaign, &shell).await? else {
            return Err(AppError::not_found());
        };
        let part =
            app.views.component("campaigns.live", "live", &live).map_err(AppError::internal)?;
        return Ok(frame::html_answer(&app, &req, StatusCode::OK, part));
    }
    let view = view(&app, &allow, campaign, shell, FormErrors::none(), String::new()).await?;
    frame::ok(&app, &req, &view)
}

/// The page again, with what was wrong with a decision on it.
pub(super) async fn again<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    id: CampaignId,
    error: &AppError,
    notes: String,
) -> Result<HttpResponse, AppError> {
    let campaign = convert::find(app, allow.scope(), id).await?;
    let shell = frame::shell(app, req, allow, Section::Campaigns, campaign.name.clone()).await?;
    let errors = frame::form_errors(error, &["notes"]);
    let view = view(app, allow, campaign, shell, errors, notes).await?;
    frame::again(app, req, error, &view)
}

async fn view<R: Right>(
    app: &App,
    allow: &Allow<R>,
    campaign: Campaign,
    mut shell: Shell,
    errors: FormErrors,
    notes: String,
) -> Result<CampaignPage, AppError> {
    let scope = allow.scope();
    let members = app.services.accounts.members(scope).await?;
    let live = live(app, scope, &campaign, &shell).await?;
    let waiting = matches!(
        campaign.status,
        Status::Draft
            | Status::Rejected
            | Status::PendingApproval
            | Status::Approved
            | Status::Scheduled
    );
    let preflight = if waiting {
        app.services
            .campaigns
            .preflight(scope, campaign.id)
            .await?
            .map(|p| preflight(p, &campaign, &shell.now))
    } else {
        None
    };
    if live.as_ref().is_some_and(CampaignLive::is_moving) {
        shell.refresh_seconds = Some(REFRESH);
    }
    let failed = match &live {
        Some(live) if live.progress.failed > 0 => {
            ledger(app, scope, campaign.id, RecipientState::Failed).await?
        }
        _ => Vec::new(),
    };
    let report = match &live {
        Some(_) => report::of(app, scope, campaign.id).await?,
        None => None,
    };
    let subjects = match &live {
        Some(_) => subject::results(app, scope, &campaign).await?,
        None => None,
    };
    let approve_own = app.services.campaigns.authors_approve(scope).await?;
    let (can, why_not) = actions(scope, &campaign, &members, approve_own);
    Ok(CampaignPage {
        campaign: convert::head(app, scope, &campaign, &members).await?,
        can,
        why_not,
        preflight,
        approval: campaign.approval.as_ref().map(|approval| Approval {
            status: approval.status.clone(),
            requested_by: convert::name_of(&members, approval.requested_by),
            requested_at: approval.created_at.to_string(),
            reviewer: approval.reviewer_id.map(|id| convert::name_of(&members, Some(id))),
            reviewed_at: approval.reviewed_at.map(|at| at.to_string()),
            notes: approval.notes.clone().filter(|notes| !notes.is_empty()),
        }),
        seal: campaign.content_hash.as_deref().map(Seal::from_hash),
        live,
        report,
        subjects,
        failed,
        notes,
        errors,
        shell,
    })
}

/// What is offered to this person now. The service decides in the end; this spares them buttons that would not work.
fn actions(
    scope: &Scope,
    campaign: &Campaign,
    members: &[Member],
    approve_own: bool,
) -> (CampaignActions, Option<String>) {
    let status = campaign.status;
    let may = |permission| scope.allows(permission);
    let write = may(Permission::CampaignsWrite);
    let send = may(Permission::CampaignsSend);
    let before = matches!(
        status,
        Status::Draft
            | Status::Rejected
            | Status::PendingApproval
            | Status::Approved
            | Status::Scheduled
    );
    let pending = status == Status::PendingApproval;
    let can = CampaignActions {
        edit: write && before,
        submit: write && matches!(status, Status::Draft | Status::Rejected),
        decide: pending
            && may(Permission::CampaignsApprove)
            && (approve_own || !campaign.is_by(scope.user_id())),
        send: send && matches!(status, Status::Approved | Status::Scheduled),
        pause: send && status == Status::Sending,
        resume: send && status == Status::Paused,
        cancel: send && matches!(status, Status::Sending | Status::Paused | Status::Scheduled),
        duplicate: write,
        follow_up: write && campaign.counts.sent > 0,
        delete: write && !matches!(status, Status::Sending | Status::Paused),
        settle: send && campaign.counts.unknown > 0,
    };
    let why_not = (pending && !can.decide).then(|| {
        let others = members.iter().filter(|member| {
            member.role.allows(Permission::CampaignsApprove)
                && (approve_own || !campaign.is_by(Some(member.user_id)))
        });
        let names: Vec<&str> = others.map(|member| member.name.as_str()).collect();
        if names.is_empty() {
            "Nobody else here may approve it yet. An owner can add somebody, or let authors approve."
                .to_owned()
        } else {
            format!("It can be approved by {}.", names.join(", "))
        }
    });
    (can, why_not)
}

async fn ledger(
    app: &App,
    scope: &Scope,
    id: CampaignId,
    state: RecipientState,
) -> Result<Vec<RecipientRow>, AppError> {
    let page = PageRequest { limit: SHOWN, cursor: None };
    let found = app.services.campaigns.recipients(scope, id, Some(state), page).await?;
    convert::rows(app, scope, found.map(|page| page.items).unwrap_or_default()).await
}

/// The part that moves while it is sent; `None` before it was started.
pub(super) async fn live(
    app: &App,
    scope: &Scope,
    campaign: &Campaign,
    shell: &Shell,
) -> Result<Option<CampaignLive>, AppError> {
    if campaign.started_at.is_none() {
        return Ok(None);
    }
    let progress = convert::progress(campaign.counts);
    let unknown = if campaign.counts.unknown > 0 {
        ledger(app, scope, campaign.id, RecipientState::Unknown).await?
    } else {
        Vec::new()
    };
    let mut facts = Vec::new();
    if let Some(started) = campaign.started_at {
        let (label, until) = match campaign.finished_at {
            Some(finished) => ("Took", finished),
            None => ("Running for", app.services.ctx.now()),
        };
        facts.push(Fact::new(label, duration(until.since(started).as_secs())));
    }
    facts.push(Fact::new("Left out", progress.skipped.to_string()));
    Ok(Some(CampaignLive {
        id: campaign.id.to_string(),
        status: campaign.status.as_str().to_owned(),
        progress,
        facts,
        pause_reason: campaign.pause_reason.clone(),
        unknown,
        waits_for_subject: campaign.subject_test.is_some() && campaign.subject_winner.is_none(),
        may_settle: scope.allows(Permission::CampaignsSend),
        csrf_token: shell.csrf_token.clone(),
        now: shell.now.clone(),
        time_zone: shell.time_zone.clone(),
    }))
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

fn preflight(found: domain::Preflight, campaign: &Campaign, now: &str) -> Preflight {
    let mut left_out_rows = Vec::new();
    for left in &found.left_out {
        left_out_rows.extend(left.examples.iter().map(|(id, name)| LeftOutRow {
            contact_id: id.to_string(),
            name: name.clone(),
            address: String::new(),
            reason: convert::reason(left.reason).to_owned(),
        }));
    }
    let left_out = found
        .left_out
        .iter()
        .map(|left| LeftOut { count: left.count, label: convert::reason(left.reason).to_owned() });
    // Where nobody was looked at, nothing was checked; nor are placeholders without a template.
    let looked_at = [
        SkipReason::Suppressed,
        SkipReason::NoAddress,
        SkipReason::DuplicateAddress,
        SkipReason::NoConsent,
        SkipReason::MissingVariable,
    ];
    let also_checked = looked_at.into_iter().filter(|reason| {
        found.matched > 0
            && (*reason != SkipReason::MissingVariable || campaign.template_id.is_some())
            && found.left_out.iter().all(|left| left.reason != *reason)
    });
    let also_checked = also_checked.map(|reason| convert::reason(reason).to_owned()).collect();
    let hints = ["First of the audience", "Last of the audience", "The oddest one"];
    let samples =
        found.samples.into_iter().zip(hints).enumerate().map(|(number, (sample, hint))| Sample {
            label: sample.name.clone(),
            subject_b: sample.subject_b,
            hint: hint.to_owned(),
            subject: sample.rendered.subject,
            to: format!("{} <{}>", sample.name, sample.address),
            html_url: match campaign.channel {
                Channel::Email => format!("/campaigns/{}/samples/{number}", campaign.id),
                Channel::Text => String::new(),
            },
            text: sample.rendered.text,
        });
    Preflight {
        counted_at: now.to_owned(),
        matched: found.matched,
        left_out: left_out.collect(),
        also_checked,
        total: found.recipients,
        left_out_total: found.matched.saturating_sub(found.recipients),
        left_out_rows,
        samples: samples.collect(),
        seconds: found.seconds,
        rate: campaign
            .schedule
            .rate_per_minute
            .map(|rate| format!("{rate} a minute"))
            .unwrap_or_default(),
        checks: found
            .warnings
            .into_iter()
            .map(|text| Check::new("warn", frame::sentence(&text)))
            .collect(),
        facts: found
            .text_parts
            .map(parts)
            .into_iter()
            .chain(found.text_cost.map(|cost| Fact::new("Costs about", cost)))
            .collect(),
        lacks_address: found.lacks_address,
        blockers: found.blockers.iter().map(|text| frame::sentence(text)).collect(),
    }
}

/// What a provider of text messages charges for.
fn parts(count: u64) -> Fact {
    let messages = if count == 1 { "message" } else { "messages" };
    Fact::new("Charged as", format!("{count} text {messages}"))
}
