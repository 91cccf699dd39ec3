//! `/insights`: what stands out, and questions with their answers.

use std::time::Duration;

use actix_web::web::{self, Data, Form, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_ai::insights::{Insight, Look, ModelPart, Period, Question, Rating};
use crm_core::{InsightId, PageRequest, Permission, Scope};
use serde::Deserialize;

use super::frame;
use super::templates::draft;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::state::App;
use crate::views::insights::{
    FigureRow, InsightCard, InsightsPage, LookView, PeriodTab, ReportPage,
};
use crate::views::{Flash, Section};

mod card;

const HERE: &str = "/insights";
/// How long "Look again" waits for the model, which goes on by itself.
const WAIT: Duration = Duration::from_secs(10);
/// Most findings on the page.
const MOST: u64 = 30;

/// `/insights…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/insights", web::get().to(index))
        .route("/insights/look", web::post().to(look))
        .route("/insights/{report}", web::get().to(report))
        .route("/insights/{id}/dismiss", web::post().to(dismiss))
        .route("/insights/{id}/rate", web::post().to(rate));
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Params {
    period: String,
}

impl Params {
    fn period(&self) -> Period {
        Period::parse(&self.period).unwrap_or(Period::Month)
    }
}

/// What a period is called.
const fn period_name(period: Period) -> &'static str {
    match period {
        Period::Day => "Today",
        Period::Week => "7 days",
        Period::Month => "30 days",
        Period::Year => "A year",
    }
}

fn periods(path: &str, chosen: Period) -> Vec<PeriodTab> {
    let tab = |period: &Period| PeriodTab {
        key: period.as_str().to_owned(),
        label: period_name(*period).to_owned(),
        url: format!("{path}?period={}", period.as_str()),
        current: *period == chosen,
    };
    Period::ALL.iter().map(tab).collect()
}

fn insight(insight: Insight) -> InsightCard {
    let figure = |figure: crm_ai::insights::Figure| FigureRow {
        label: figure.label,
        value: card::number(figure.value),
        unit: figure.unit,
    };
    InsightCard {
        id: insight.id.to_string(),
        title: card::kind_name(insight.kind).to_owned(),
        tone: card::kind_tone(insight.kind).to_owned(),
        content: insight.content,
        confidence: card::number((insight.confidence * 100.0).round()),
        evidence: insight.evidence.into_iter().map(figure).collect(),
        url: insight.url,
        model: insight.model,
        rating: insight.rating.map(|rating| rating.as_str().to_owned()),
    }
}

/// What became of asking the model, in words; empty where it answered and nothing was thrown away.
fn model_note(look: &Look) -> String {
    match look.model {
        ModelPart::Off | ModelPart::Nothing => String::new(),
        ModelPart::Asking => {
            "The model is still reading the figures. Load this page again in a while.".to_owned()
        }
        ModelPart::Answered if look.refused == 0 => String::new(),
        ModelPart::Answered => format!(
            "{} of the model {} thrown away: the figures did not bear {} out.",
            if look.refused == 1 {
                "1 sentence".to_owned()
            } else {
                format!("{} sentences", look.refused)
            },
            if look.refused == 1 { "was" } else { "were" },
            if look.refused == 1 { "it" } else { "them" },
        ),
        ModelPart::CapReached => {
            "The AI tokens of this month are used up, so these are by rule.".to_owned()
        }
        ModelPart::Failed => {
            "The model had no answer that could be used, so these are by rule.".to_owned()
        }
    }
}

async fn index(
    allow: Allow<rights::InsightsRead>,
    app: Data<App>,
    req: HttpRequest,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let insights = &app.services.insights;
    let shell = frame::shell(&app, &req, &allow, Section::Insights, "Insights").await?;
    let page = PageRequest { limit: MOST, cursor: None };
    let found = insights.list(scope, false, page).await?;
    let look = insights.last_look(scope).await?;
    let settings = app.services.drafts.settings(scope).await?;
    let mut cards = Vec::new();
    for question in Question::ALL {
        cards.push(card::of(&app, scope, *question, params.period(), &shell.time_zone).await);
    }
    let view = InsightsPage {
        insights: found.items.into_iter().map(insight).collect(),
        look: look.map(|look| LookView {
            at: look.at.to_string(),
            is_weekly: look.is_weekly,
            note: model_note(&look),
        }),
        reason: draft::reason(&settings),
        periods: periods(HERE, params.period()),
        cards,
        may_write: scope.allows(Permission::InsightsWrite),
        shell,
    };
    frame::ok(&app, &req, &view)
}

async fn report(
    allow: Allow<rights::InsightsRead>,
    app: Data<App>,
    req: HttpRequest,
    word: Path<String>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let question = Question::parse(&word).ok_or_else(AppError::not_found)?;
    let title = card::title(question);
    let shell = frame::shell(&app, &req, &allow, Section::Insights, title).await?;
    let card = card::of(&app, allow.scope(), question, params.period(), &shell.time_zone).await;
    let periods = periods(&format!("/insights/{}", question.as_str()), params.period());
    frame::ok(&app, &req, &ReportPage { shell, card, periods })
}

async fn look(
    allow: Allow<rights::InsightsWrite>,
    app: Data<App>,
) -> Result<HttpResponse, AppError> {
    let insights = &app.services.insights;
    let mut looked = insights.analyze(allow.scope()).await?;
    looked.wait(WAIT).await;
    let said = match looked.insights.len() {
        0 => "Looked again: nothing stands out.".to_owned(),
        1 => "Looked again: 1 thing stands out.".to_owned(),
        many => format!("Looked again: {many} things stand out."),
    };
    Ok(frame::lead_to(&app, HERE, Some(Flash::ok(said))))
}

async fn dismiss(
    allow: Allow<rights::InsightsWrite>,
    app: Data<App>,
    id: Path<InsightId>,
) -> Result<HttpResponse, AppError> {
    app.services.insights.dismiss(allow.scope(), *id).await?;
    let said = "Dismissed. It does not come back for 30 days.";
    Ok(frame::lead_to(&app, HERE, Some(Flash::ok(said))))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    rating: String,
}

async fn rate(
    allow: Allow<rights::InsightsWrite>,
    app: Data<App>,
    id: Path<InsightId>,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    rated(&app, allow.scope(), *id, &typed.rating).await?;
    Ok(frame::lead_to(&app, HERE, Some(Flash::ok("Thank you, noted."))))
}

async fn rated(app: &App, scope: &Scope, id: InsightId, word: &str) -> Result<(), AppError> {
    let rating = match word {
        "" => None,
        word => Some(
            Rating::parse(word)
                .ok_or_else(|| AppError::invalid("rating", "choose useful or useless"))?,
        ),
    };
    app.services.insights.rate(scope, id, rating).await?;
    Ok(())
}
