//! `POST /api/suppressions/import`: a whole list of addresses.

use actix_web::HttpResponse;
use actix_web::web::Data;
use crm_campaigns::suppressions::{ImportReport, Reason};
use crm_campaigns::templates::Channel;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::answer;
use crate::error::AppError;
use crate::extract::{Allow, Upload, rights};
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[schema(as = SuppressionImport)]
struct Report {
    /// Whether nothing was written.
    dry_run: bool,
    /// Lines with something in them, without the heading.
    lines: u64,
    /// Addresses that were not suppressed before.
    added: u64,
    /// Addresses that were.
    known: u64,
    /// Lines whose address stands further up.
    repeated: u64,
    /// Lines without an address.
    invalid: u64,
    /// The first 200 of them.
    problems: Vec<Bad>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SuppressionImportProblem)]
struct Bad {
    /// Which line, from 1.
    line: u64,
    /// Its beginning.
    text: String,
    problem: String,
}

impl From<ImportReport> for Report {
    fn from(report: ImportReport) -> Self {
        let problems = report.problems.into_iter().map(|bad| Bad {
            line: bad.line,
            text: bad.text,
            problem: bad.problem,
        });
        Self {
            dry_run: report.dry_run,
            lines: report.lines,
            added: report.added,
            known: report.known,
            repeated: report.repeated,
            invalid: report.invalid,
            problems: problems.collect(),
        }
    }
}

/// A list of addresses and what they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `handle` reads")]
struct AddressList {
    /// A CSV file, or one address a line; a heading may name the columns `address`, `channel` and `reason`.
    #[schema(value_type = String, format = Binary)]
    file: Option<Vec<u8>>,
    /// The same as text, instead of a file.
    text: Option<String>,
    /// What the addresses are where the list does not say; `email` where this is left out.
    channel: Option<Channel>,
    /// Why they are suppressed where the list does not say; `manual` where this is left out.
    reason: Option<Reason>,
    /// Only say what would happen.
    dry_run: Option<bool>,
}

/// A field of the form read as one of a few words.
fn word<T: for<'de> Deserialize<'de>>(upload: &Upload, name: &str) -> Result<Option<T>, AppError> {
    let Some(text) = upload.field(name) else { return Ok(None) };
    let value = serde_json::Value::String(text.to_owned());
    serde_json::from_value(value).map(Some).map_err(|err| AppError::invalid(name, err.to_string()))
}

/// What the form asks for, done; the page's form is the same.
///
/// # Errors
/// Where a field is wrong, or nothing was sent.
pub async fn run(
    app: &App,
    allow: &Allow<rights::CampaignsWrite>,
    upload: &mut Upload,
    dry_run: bool,
) -> Result<ImportReport, AppError> {
    let channel = word(upload, "channel")?.unwrap_or(Channel::Email);
    let reason = word(upload, "reason")?.unwrap_or(Reason::Manual);
    let file = upload.files.remove("file").map(|file| file.bytes).filter(|bytes| !bytes.is_empty());
    let list = file.unwrap_or_else(|| upload.field("text").unwrap_or_default().into());
    let suppressions = &app.services.suppressions;
    Ok(suppressions.import(allow.scope(), channel, reason, &list, dry_run).await?)
}

/// Puts the addresses of a list on it, all or none; lines without an address are reported and left out.
#[utoipa::path(
    post,
    path = "/api/suppressions/import",
    operation_id = "import_suppressions",
    tag = "suppressions",
    request_body(content = AddressList, content_type = "multipart/form-data"),
    responses((status = 200, body = answer::One<Report>)),
    extensions(("x-permission" = json!("campaigns:write"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    mut upload: Upload,
) -> Result<HttpResponse, AppError> {
    let dry_run = match upload.field("dry_run") {
        None | Some("false" | "0") => false,
        Some("true" | "1" | "on") => true,
        Some(_) => return Err(AppError::invalid("dry_run", "must be true or false")),
    };
    Ok(answer::ok(Report::from(run(&app, &allow, &mut upload, dry_run).await?)))
}
