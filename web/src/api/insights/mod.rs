//! `/api/ai-insights`: what stands out in a workspace.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, ServiceConfig};
use crm_ai::insights::{Analysis, Figure, Insight, Kind, ModelPart, Rating};
use crm_core::{InsightId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, PageQuery, Query, rights};
use crate::state::App;

mod reports;

/// How long an answer waits for the model, which goes on by itself.
const WAIT: Duration = Duration::from_secs(20);

/// `/api/ai-insights…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/ai-insights", web::get().to(list))
        .route("/ai-insights/analyze", web::post().to(analyze))
        .route("/ai-insights/reports/{report}", web::get().to(reports::get))
        .route("/ai-insights/reports/{report}/table.csv", web::get().to(reports::table))
        .route("/ai-insights/{id}/dismiss", web::post().to(dismiss))
        .route("/ai-insights/{id}/rate", web::post().to(rate));
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(list, analyze, dismiss, rate, reports::get, reports::table))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = Insight)]
struct View {
    id: InsightId,
    #[serde(rename = "type")]
    kind: Kind,
    /// `workspace`, or `stage:`, `list:`, `provider:`, `campaign:` and an id.
    subject: String,
    /// One sentence.
    content: String,
    /// How sure it is, from 0 to 1.
    confidence: f64,
    /// The figures it rests on.
    evidence: Vec<Figure>,
    /// Where the list behind them is.
    url: String,
    /// `rules`, or the model that phrased it.
    source: String,
    created_at: Timestamp,
    dismissed_at: Option<Timestamp>,
    rating: Option<Rating>,
}

impl From<Insight> for View {
    fn from(insight: Insight) -> Self {
        Self {
            id: insight.id,
            kind: insight.kind,
            subject: insight.subject,
            content: insight.content,
            confidence: insight.confidence,
            evidence: insight.evidence,
            url: insight.url,
            source: insight.model.unwrap_or_else(|| "rules".to_owned()),
            created_at: insight.created_at,
            dismissed_at: insight.dismissed_at,
            rating: insight.rating,
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Params {
    /// Those that were put away instead of those that stand out now.
    #[serde(default)]
    dismissed: bool,
    limit: Option<u64>,
    cursor: Option<String>,
    // Names the workspace of the call; the middleware has read it.
    #[serde(rename = "workspace_id")]
    #[param(ignore)]
    _workspace_id: Option<String>,
}

/// What stands out now, the surest first.
#[utoipa::path(
    get,
    path = "/api/ai-insights",
    operation_id = "list_insights",
    tag = "insights",
    params(Params),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("insights:read"))),
)]
async fn list(
    allow: Allow<rights::InsightsRead>,
    app: Data<App>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let params = params.into_inner();
    let page = PageQuery { limit: params.limit, cursor: params.cursor }.request()?;
    let found = app.services.insights.list(allow.scope(), params.dismissed, page).await?;
    Ok(answer::page(found, View::from))
}

#[derive(Serialize, ToSchema)]
#[schema(as = InsightAnalysis)]
struct AnalysisView {
    /// What stands out now, the surest first.
    insights: Vec<View>,
    /// What became of asking the model.
    model: ModelPart,
}

/// Looks now. What the rules find is in the answer, and what the model adds to it, where it is done within twenty
/// seconds; `model` is `asking` where it is still at work.
#[utoipa::path(
    post,
    path = "/api/ai-insights/analyze",
    operation_id = "analyze_insights",
    tag = "insights",
    responses((status = 200, body = answer::One<AnalysisView>)),
    extensions(("x-permission" = json!("insights:write"))),
)]
async fn analyze(
    allow: Allow<rights::InsightsWrite>,
    app: Data<App>,
) -> Result<HttpResponse, AppError> {
    let insights = &app.services.insights;
    let mut looked = insights.analyze(allow.scope()).await?;
    looked.wait(WAIT).await;
    let Analysis { insights, model, .. } = insights.after(allow.scope(), looked).await?;
    let insights = insights.into_iter().map(View::from).collect();
    Ok(answer::ok(AnalysisView { insights, model }))
}

/// Puts a finding away. It does not come back for thirty days.
#[utoipa::path(
    post,
    path = "/api/ai-insights/{id}/dismiss",
    operation_id = "dismiss_insight",
    tag = "insights",
    params(("id" = InsightId, Path)),
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("insights:write"))),
)]
async fn dismiss(
    allow: Allow<rights::InsightsWrite>,
    app: Data<App>,
    id: Path<InsightId>,
) -> Result<HttpResponse, AppError> {
    let insight = app.services.insights.dismiss(allow.scope(), *id).await?;
    Ok(answer::ok(View::from(insight)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InsightRatingInput)]
struct Body {
    /// What somebody thinks of it; `null` takes it back.
    #[schema(required)]
    rating: Option<Rating>,
}

/// Says whether a finding was of use.
#[utoipa::path(
    post,
    path = "/api/ai-insights/{id}/rate",
    operation_id = "rate_insight",
    tag = "insights",
    params(("id" = InsightId, Path)),
    request_body = Body,
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("insights:write"))),
)]
async fn rate(
    allow: Allow<rights::InsightsWrite>,
    app: Data<App>,
    id: Path<InsightId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let rating = body.into_inner().rating;
    let insight = app.services.insights.rate(allow.scope(), *id, rating).await?;
    Ok(answer::ok(View::from(insight)))
}
