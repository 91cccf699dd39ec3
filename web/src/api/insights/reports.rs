//! `/api/ai-insights/reports/{report}`: the answer to a question, as figures and as a file.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use crm_ai::insights::{Bar, Period, Question, Report};
use crm_core::{Scope, Timestamp, sheet};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, Query, rights};
use crate::state::App;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Params {
    /// Whole days of the workspace's time zone: today, a week, a month or a year of them.
    #[serde(default = "month")]
    #[param(required = false)]
    period: Period,
    // Names the workspace of the call; the middleware has read it.
    #[serde(rename = "workspace_id")]
    #[param(ignore)]
    _workspace_id: Option<String>,
}

const fn month() -> Period {
    Period::Month
}

#[derive(Serialize, ToSchema)]
#[schema(as = InsightReport)]
struct View {
    report: Question,
    period: Period,
    since: Timestamp,
    until: Timestamp,
    /// One sentence.
    answer: String,
    /// Whether there are too few to compare.
    too_few: bool,
    columns: Vec<ColumnView>,
    rows: Vec<RowView>,
    /// Where the list behind the answer is.
    url: String,
    /// What that list is filtered by, in words.
    filter: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = InsightReportColumn)]
struct ColumnView {
    name: &'static str,
    unit: &'static str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = InsightReportRow)]
struct RowView {
    label: String,
    /// Where the list behind it is; empty where there is none.
    url: String,
    /// One for each column.
    values: Vec<Option<f64>>,
}

impl From<Report> for View {
    fn from(report: Report) -> Self {
        let column = |(name, unit)| ColumnView { name, unit };
        let row = |Bar { label, url, values }| RowView { label, url, values };
        Self {
            report: report.question,
            period: report.period,
            since: report.since,
            until: report.until,
            answer: report.answer,
            too_few: report.is_too_few,
            columns: report.columns.into_iter().map(column).collect(),
            rows: report.rows.into_iter().map(row).collect(),
            url: report.filter.0,
            filter: report.filter.1,
        }
    }
}

async fn read(app: &App, scope: &Scope, word: &str, period: Period) -> Result<Report, AppError> {
    let question = Question::parse(word).ok_or_else(AppError::not_found)?;
    let zone = app.services.accounts.workspace(scope).await?.time_zone;
    Ok(app.services.insights.report(scope, question, period, &zone).await?)
}

/// The answer to a question about the workspace: `stages`, `sources`, `answers`, `campaigns`, `quiet` or `changes`.
#[utoipa::path(
    get,
    path = "/api/ai-insights/reports/{report}",
    operation_id = "get_insight_report",
    tag = "insights",
    params(("report" = Question, Path), Params),
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("insights:read"))),
)]
pub(super) async fn get(
    allow: Allow<rights::InsightsRead>,
    app: Data<App>,
    word: Path<String>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let report = read(&app, allow.scope(), &word, params.period).await?;
    Ok(answer::ok(View::from(report)))
}

/// The same as a CSV file.
#[utoipa::path(
    get,
    path = "/api/ai-insights/reports/{report}/table.csv",
    operation_id = "get_insight_report_table",
    tag = "insights",
    params(("report" = Question, Path), Params),
    responses((status = 200, body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("insights:read"))),
)]
pub(super) async fn table(
    allow: Allow<rights::InsightsRead>,
    app: Data<App>,
    word: Path<String>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let report = read(&app, allow.scope(), &word, params.period).await?;
    let unit = |(name, unit): &(&str, &str)| {
        if unit.is_empty() { (*name).to_owned() } else { format!("{name} ({unit})") }
    };
    let heading: Vec<String> =
        std::iter::once("What".to_owned()).chain(report.columns.iter().map(unit)).collect();
    let rows = report.rows.iter().map(|row| {
        let values =
            row.values.iter().map(|value| value.map(|value| value.to_string()).unwrap_or_default());
        std::iter::once(sheet::text(row.label.as_str()).into_owned())
            .chain(values)
            .collect::<Vec<_>>()
    });
    let bytes = sheet::rows(Some(&heading), rows)?;
    let name = format!("insights-{}-{}.csv", report.question.as_str(), report.period.as_str());
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes))
}
