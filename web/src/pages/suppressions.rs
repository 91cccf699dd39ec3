//! `/suppressions`: addresses that must not be written to.

use std::fmt::Write as _;

use actix_web::web::{self, Data, Form, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::suppressions::{Entry, Filter, ImportReport, NewEntry, Reason};
use crm_campaigns::templates::Channel;
use crm_core::{Permission, SuppressionId, WorkspaceId};
use serde::Deserialize;

use super::errors::serde_urlencode;
use super::frame;
use crate::api::suppressions::import;
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, Right, Upload, rights};
use crate::state::App;
use crate::views::common::{Choice, FormErrors, Pager};
use crate::views::suppressions::{
    ImportSuppressionsPage, ListProblem, NewSuppressionPage, SuppressionPage, SuppressionReport,
    SuppressionRow, SuppressionsPage,
};
use crate::views::{Flash, Section};

/// A list that is carried on the page between checking and importing may have so many bytes.
const KEPT: usize = 200 * 1024;

/// `/suppressions…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/suppressions").route(web::get().to(list)).route(web::post().to(create)),
        )
        .route("/suppressions/new", web::get().to(new))
        .service(
            web::resource("/suppressions/import")
                .route(web::get().to(import_form))
                .route(web::post().to(import_list)),
        )
        .route("/suppressions/{id}", web::get().to(show))
        .route("/suppressions/{id}/remove", web::post().to(remove));
}

fn channels(chosen: Option<Channel>) -> Vec<Choice> {
    [(Channel::Email, "E-mail"), (Channel::Text, "Text message")]
        .into_iter()
        .map(|(channel, label)| Choice::new(channel.as_str(), label, chosen == Some(channel)))
        .collect()
}

/// What a reason is called.
pub(super) const fn reason_name(reason: Reason) -> &'static str {
    match reason {
        Reason::Unsubscribed => "Unsubscribed",
        Reason::Bounced => "Bounced",
        Reason::Complained => "Complained",
        Reason::Manual => "By hand",
    }
}

fn reasons(chosen: Option<Reason>) -> Vec<Choice> {
    let choice =
        |reason: Reason| Choice::new(reason.as_str(), reason_name(reason), chosen == Some(reason));
    Reason::ALL.into_iter().map(choice).collect()
}

fn row(entry: Entry) -> SuppressionRow {
    SuppressionRow {
        id: entry.id.to_string(),
        channel: entry.channel.as_str().to_owned(),
        address: entry.address,
        reason: entry.reason.as_str().to_owned(),
        since: entry.since.to_string(),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Params {
    q: String,
    channel: String,
    reason: String,
    cursor: Option<String>,
}

impl Params {
    /// Where the same filters lead, with more behind them.
    fn url(&self, path: &str, more: Option<String>) -> String {
        let pairs = [("q", &self.q), ("channel", &self.channel), ("reason", &self.reason)];
        let set = pairs.iter().filter(|(_, value)| !value.is_empty());
        let query: Vec<String> = set
            .map(|(name, value)| format!("{name}={}", serde_urlencode(value)))
            .chain(more)
            .collect();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    }

    fn export_url(&self, workspace: WorkspaceId) -> String {
        self.url("/api/suppressions/export.csv", Some(format!("workspace_id={workspace}")))
    }
}

async fn list(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    req: HttpRequest,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let (channel, reason) = (Channel::parse(&params.channel), Reason::parse(&params.reason));
    let page = PageQuery { limit: None, cursor: params.cursor.clone() }.request()?;
    let filter = Filter { q: params.q.clone(), channel, reason, page };
    let found = app.services.suppressions.list(scope, filter).await?;
    let at = |cursor: &crm_core::Cursor| {
        params.url("/suppressions", Some(format!("cursor={}", cursor.encode())))
    };
    let pager = Pager {
        shown: u64::try_from(found.items.len()).unwrap_or_default(),
        total: found.total,
        total_exact: found.total_exact,
        first_url: found.previous.as_ref().map(|_| params.url("/suppressions", None)),
        prev_url: found.previous.as_ref().map(at),
        next_url: found.next.as_ref().map(at),
    };
    let view = SuppressionsPage {
        shell: frame::shell(&app, &req, &allow, Section::Suppressions, "Suppressions").await?,
        rows: found.items.into_iter().map(row).collect(),
        pager,
        q: params.q.clone(),
        channels: channels(channel),
        reasons: reasons(reason),
        filtered: !params.q.trim().is_empty() || channel.is_some() || reason.is_some(),
        export_url: params.export_url(scope.workspace_id()),
        may_write: scope.allows(Permission::CampaignsWrite),
    };
    frame::ok(&app, &req, &view)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    channel: String,
    address: String,
    reason: String,
}

async fn form(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::CampaignsWrite>,
    typed: Typed,
    errors: FormErrors,
) -> Result<NewSuppressionPage, AppError> {
    let title = "Suppress an address";
    Ok(NewSuppressionPage {
        shell: frame::shell(app, req, allow, Section::Suppressions, title).await?,
        channels: channels(Channel::parse(&typed.channel).or(Some(Channel::Email))),
        reasons: reasons(Reason::parse(&typed.reason).or(Some(Reason::Manual))),
        address: typed.address,
        errors,
    })
}

async fn new(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    req: HttpRequest,
    typed: Query<Typed>,
) -> Result<HttpResponse, AppError> {
    let view = form(&app, &req, &allow, typed.into_inner(), FormErrors::none()).await?;
    frame::ok(&app, &req, &view)
}

async fn create(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let typed = typed.into_inner();
    let new = NewEntry {
        channel: Channel::parse(&typed.channel).unwrap_or_default(),
        address: typed.address.clone(),
        reason: Reason::parse(&typed.reason).unwrap_or(Reason::Manual),
    };
    match app.services.suppressions.add(allow.scope(), new).await.map_err(AppError::from) {
        Ok(entry) => {
            let address = entry.address.unwrap_or_default();
            let said = Flash::ok(format!("No message goes to {address} any more."));
            Ok(frame::lead_to(&app, "/suppressions", Some(said)))
        }
        Err(error) if error.is_correctable() => {
            let errors = frame::form_errors(&error, &["address"]);
            let view = form(&app, &req, &allow, typed, errors).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Removal {
    because: String,
}

async fn entry<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    id: SuppressionId,
    because: String,
    errors: FormErrors,
) -> Result<SuppressionPage, AppError> {
    let found = app.services.suppressions.get(allow.scope(), id).await?;
    let found = found.ok_or_else(AppError::not_found)?;
    let title = "Suppressed address";
    Ok(SuppressionPage {
        shell: frame::shell(app, req, allow, Section::Suppressions, title).await?,
        needs_because: found.needs_because(),
        row: row(found),
        because,
        errors,
        may_write: allow.scope().allows(Permission::CampaignsWrite),
    })
}

async fn show(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<SuppressionId>,
) -> Result<HttpResponse, AppError> {
    let view = entry(&app, &req, &allow, *id, String::new(), FormErrors::none()).await?;
    frame::ok(&app, &req, &view)
}

async fn remove(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<SuppressionId>,
    typed: Form<Removal>,
) -> Result<HttpResponse, AppError> {
    let because = typed.into_inner().because;
    let removed = app.services.suppressions.remove(allow.scope(), *id, &because).await;
    match removed.map_err(AppError::from) {
        Ok(true) => {
            let said = Flash::ok("The address may be written to again.");
            Ok(frame::lead_to(&app, "/suppressions", Some(said)))
        }
        Ok(false) => Err(AppError::not_found()),
        Err(error) if error.is_correctable() => {
            let errors = frame::form_errors(&error, &["because"]);
            let view = entry(&app, &req, &allow, *id, because, errors).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

/// The form of an import, as it was filled in.
struct Filled {
    channel: Channel,
    reason: Reason,
    text: String,
}

async fn import_view(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::CampaignsWrite>,
    filled: Filled,
) -> Result<ImportSuppressionsPage, AppError> {
    let title = "Import suppressed addresses";
    Ok(ImportSuppressionsPage {
        shell: frame::shell(app, req, allow, Section::Suppressions, title).await?,
        channels: channels(Some(filled.channel)),
        reasons: reasons(Some(filled.reason)),
        text: filled.text,
        ..ImportSuppressionsPage::default()
    })
}

async fn import_form(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let empty =
        Filled { channel: Channel::Email, reason: Reason::Unsubscribed, text: String::new() };
    frame::ok(&app, &req, &import_view(&app, &req, &allow, empty).await?)
}

async fn import_list(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    req: HttpRequest,
    mut upload: Upload,
) -> Result<HttpResponse, AppError> {
    let check = upload.field("go") != Some("import");
    let from_file = upload.files.get("file").map(|file| &file.bytes).filter(|b| !b.is_empty());
    let kept = from_file.map(|bytes| {
        let kept = bytes.get(..).filter(|bytes| bytes.len() <= KEPT);
        kept.map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    });
    let choose_again = kept.as_ref().is_some_and(Option::is_none);
    let text = kept.map_or_else(
        || upload.field("text").unwrap_or_default().to_owned(),
        Option::unwrap_or_default,
    );
    let filled = Filled {
        channel: upload.field("channel").and_then(Channel::parse).unwrap_or_default(),
        reason: upload.field("reason").and_then(Reason::parse).unwrap_or(Reason::Manual),
        text,
    };
    match import::run(&app, &allow, &mut upload, check).await {
        Ok(report) if check => {
            let view = import_view(&app, &req, &allow, filled).await?;
            let report = Some(said(report));
            frame::ok(&app, &req, &ImportSuppressionsPage { report, choose_again, ..view })
        }
        Ok(report) => Ok(frame::lead_to(&app, "/suppressions", Some(Flash::ok(in_words(&report))))),
        Err(error) if error.status().is_client_error() => {
            let errors = frame::form_errors(&error, &["file", "channel", "reason"]);
            let view = import_view(&app, &req, &allow, filled).await?;
            frame::again(&app, &req, &error, &ImportSuppressionsPage { errors, ..view })
        }
        Err(error) => Err(error),
    }
}

fn in_words(report: &ImportReport) -> String {
    let mut text = match report.added {
        0 => "Nothing new: all addresses were on the list already.".to_owned(),
        1 => "1 address is suppressed.".to_owned(),
        many => format!("{many} addresses are suppressed."),
    };
    match report.invalid {
        0 => {}
        1 => text.push_str(" 1 line had no address."),
        many => {
            // Writing to a String cannot fail.
            let _ = write!(text, " {many} lines had no address.");
        }
    }
    text
}

fn said(report: ImportReport) -> SuppressionReport {
    let problems = report.problems.into_iter().map(|bad| ListProblem {
        line: bad.line,
        text: bad.text,
        problem: bad.problem,
    });
    SuppressionReport {
        lines: report.lines,
        added: report.added,
        known: report.known,
        repeated: report.repeated,
        invalid: report.invalid,
        problems: problems.collect(),
    }
}
