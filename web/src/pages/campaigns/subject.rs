//! Two subjects on the pages of a campaign: in its form, and what came of them.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Data, Form, Path};
use crm_campaigns::Campaign;
use crm_campaigns::campaigns::{SubjectTest, Variant, VariantResult, WinnerRule};
use crm_core::{CampaignId, Permission, Scope};
use serde::Deserialize;

use super::form::Typed;
use super::moves::back;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::state::App;
use crate::views::campaign_subjects::{SubjectResult, Subjects};
use crate::views::campaigns::SubjectForm;

/// What a form suggests: a fifth of the audience, for four hours.
const SHARE: &str = "20";
const HOURS: &str = "4";

/// The test as typed; `None` without another subject.
///
/// # Errors
/// About the field that is no number.
pub(super) fn read(typed: &Typed) -> Result<Option<SubjectTest>, AppError> {
    if typed.text("subject_b").is_empty() {
        return Ok(None);
    }
    let share_percent = typed.text("share_percent").parse();
    let hours: Result<f64, _> = typed.text("wait_hours").replace(',', ".").parse();
    Ok(Some(SubjectTest {
        subject_b: typed.text("subject_b").to_owned(),
        share_percent: share_percent
            .map_err(|_| AppError::invalid("share_percent", "enter a whole number"))?,
        wait_minutes: hours
            .ok()
            .and_then(minutes)
            .ok_or_else(|| AppError::invalid("wait_hours", "enter a number of hours"))?,
        winner: match typed.text("winner") {
            "clicked" => WinnerRule::Clicked,
            "replied" => WinnerRule::Replied,
            _ => WinnerRule::Opened,
        },
    }))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in bounds")]
fn minutes(hours: f64) -> Option<u32> {
    (0.0..=10_000.0).contains(&hours).then(|| (hours * 60.0).round() as u32)
}

/// Names the fields as the form does.
pub(super) fn placed(error: &mut AppError) {
    for (of, field) in [
        ("subject_test.subject_b", "subject_b"),
        ("subject_test.share_percent", "share_percent"),
        ("subject_test.wait_minutes", "wait_hours"),
    ] {
        if let Some(problem) = error.fields.remove(of) {
            error.fields.insert(field.to_owned(), problem);
        }
    }
}

/// The fields as typed.
pub(super) fn typed(typed: &Typed) -> SubjectForm {
    SubjectForm {
        subject_b: typed.text("subject_b").to_owned(),
        share_percent: typed.text("share_percent").to_owned(),
        wait_hours: typed.text("wait_hours").to_owned(),
        winner: typed.text("winner").to_owned(),
    }
}

/// The fields as stored, or what is suggested.
pub(super) fn stored(test: Option<&SubjectTest>) -> SubjectForm {
    test.map_or_else(
        || SubjectForm {
            subject_b: String::new(),
            share_percent: SHARE.to_owned(),
            wait_hours: HOURS.to_owned(),
            winner: "opened".to_owned(),
        },
        |test| SubjectForm {
            subject_b: test.subject_b.clone(),
            share_percent: test.share_percent.to_string(),
            wait_hours: (f64::from(test.wait_minutes) / 60.0).to_string(),
            winner: word(test.winner).to_owned(),
        },
    )
}

const fn word(rule: WinnerRule) -> &'static str {
    match rule {
        WinnerRule::Opened => "opened",
        WinnerRule::Clicked => "clicked",
        WinnerRule::Replied => "replied",
    }
}

/// What came of both so far; `None` where only one was sent.
pub(super) async fn results(
    app: &App,
    scope: &Scope,
    campaign: &Campaign,
) -> Result<Option<Subjects>, AppError> {
    let services = &app.services;
    let Some(test) = &campaign.subject_test else { return Ok(None) };
    let report = services.campaigns.report(scope, campaign.id).await?;
    let Some((a, b)) = report.and_then(|report| report.subjects) else { return Ok(None) };
    let template = match campaign.template_id.zip(campaign.template_version) {
        Some((id, version)) => services.templates.version(scope, id, version).await?,
        None => None,
    };
    let subject_a = template.as_ref().map_or("The template’s", |(_, content)| &*content.subject);
    let undecided = campaign.subject_winner.is_none()
        && campaign.finished_at.is_none()
        && test.share_percent < 100;
    let row = |variant: Variant, subject: &str, found: VariantResult| SubjectResult {
        variant: variant.as_str().to_owned(),
        subject: subject.to_owned(),
        sent: found.sent,
        opened: found.opened,
        clicked: found.clicked,
        replied: found.replied,
        is_winner: campaign.subject_winner == Some(variant),
    };
    let wait = Duration::from_mins(u64::from(test.wait_minutes));
    let decides_at = campaign.started_at.filter(|_| undecided).map(|at| at.plus(wait).to_string());
    Ok(Some(Subjects {
        rows: vec![row(Variant::A, subject_a, a), row(Variant::B, &test.subject_b, b)],
        rule: word(test.winner).to_owned(),
        decides_at,
        may_choose: undecided && scope.allows(Permission::CampaignsSend),
    }))
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    subject: Variant,
}

/// Sends one of them to everybody who waits, now.
pub(super) async fn choose(
    allow: Allow<rights::CampaignsSend>,
    app: Data<App>,
    id: Path<CampaignId>,
    chosen: Form<Chosen>,
) -> Result<HttpResponse, AppError> {
    let moved = app.services.campaigns.choose_subject(allow.scope(), *id, chosen.subject).await;
    back(&app, *id, moved.map_err(AppError::from), "This subject goes to everybody else now.")
}
