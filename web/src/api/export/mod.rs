//! `GET /api/export/contacts.csv`, `contacts.vcf`: contacts as a file.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{self, Data, ServiceConfig};
use crm_contacts::contacts::{ContactQuery, ContactSort};
use crm_contacts::export::{self, Format};
use crm_core::{ContactId, ListId, PageRequest, Scope, SegmentId};
use serde::Deserialize;
use utoipa::OpenApi;

use super::{file, segments};
use crate::error::AppError;
use crate::extract::{Allow, Query, rights};
use crate::state::App;

mod cards;

/// Contacts an address can name.
const MOST_IDS: usize = 200;

/// `/api/export…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/export/contacts.csv", web::get().to(contacts_csv))
        .route("/export/contacts.vcf", web::get().to(cards::handle));
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(contacts_csv, cards::handle))]
pub(super) struct Document;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Params {
    #[serde(default)]
    q: String,
    list_id: Option<ListId>,
    segment_json: Option<String>,
    /// A saved segment.
    segment_id: Option<SegmentId>,
    /// Ids of contacts with commas between them, at most 200: only these.
    ids: Option<String>,
    /// As in the list of contacts; the oldest come first unless said.
    sort: Option<String>,
    /// Names of columns with commas between them; all unless said.
    columns: Option<String>,
    // Names the workspace of the call; the middleware has read it.
    #[serde(rename = "workspace_id")]
    #[param(ignore)]
    _workspace_id: Option<String>,
}

impl Params {
    async fn query(&self, app: &App, scope: &Scope) -> Result<ContactQuery, AppError> {
        let sort = match self.sort.as_deref() {
            // In this order a file that was imported comes out as it went in.
            None | Some("") => ContactSort::OldestFirst,
            Some(word) => ContactSort::parse(word).ok_or_else(|| {
                AppError::invalid("sort", format!("contacts cannot be sorted by {word}"))
            })?,
        };
        let segment = match (self.segment_json.as_deref(), self.segment_id) {
            (None, None) => None,
            (Some(text), None) => Some(segments::from_text(text)?),
            (None, Some(id)) => {
                let saved = app.services.saved_segments.get(scope, id).await?;
                let unknown = || AppError::invalid("segment_id", "there is no such segment");
                Some(saved.ok_or_else(unknown)?.segment)
            }
            (Some(_), Some(_)) => {
                let text = "send either segment_id or segment_json";
                return Err(AppError::invalid("segment_id", text));
            }
        };
        let page = PageRequest::default();
        let (search, ids) = (self.q.clone(), self.ids()?);
        Ok(ContactQuery { search, list_id: self.list_id, segment, ids, sort, page })
    }

    fn ids(&self) -> Result<Vec<ContactId>, AppError> {
        let words = self.ids.as_deref().unwrap_or_default().split(',');
        let words = words.map(str::trim).filter(|word| !word.is_empty());
        let ids: Vec<ContactId> =
            words.map(str::parse).collect::<Result<_, _>>().map_err(|_| {
                AppError::invalid("ids", "write ids of contacts with commas between them")
            })?;
        if ids.len() > MOST_IDS {
            let text = format!("name at most {MOST_IDS} contacts, or use a filter");
            return Err(AppError::invalid("ids", text));
        }
        // Nobody at all is another wish than everybody.
        if self.ids.is_some() && ids.is_empty() {
            return Err(AppError::invalid("ids", "name at least one contact"));
        }
        Ok(ids)
    }

    fn columns(&self) -> Vec<String> {
        let names = self.columns.as_deref().unwrap_or_default().split(',');
        names.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }
}

/// Contacts as a CSV file.
///
/// The file can be imported again as it is: its columns are named as the fields of contacts, tags are separated by `; `,
/// and an apostrophe stands before what a spreadsheet would run as a formula. That it left is noted in the audit log
/// before its first row does.
#[utoipa::path(
    get,
    path = "/api/export/contacts.csv",
    operation_id = "export_contacts",
    tag = "export",
    params(Params),
    responses((status = 200, body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("contacts:read"))),
)]
async fn contacts_csv(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    contacts_file(&app, allow.scope(), &params, Format::Csv, "text/csv", "contacts.csv").await
}

/// The contacts asked for as a file of this format, type and name.
async fn contacts_file(
    app: &App,
    scope: &Scope,
    params: &Params,
    format: Format,
    content_type: &str,
    name: &str,
) -> Result<HttpResponse, AppError> {
    let query = params.query(app, scope).await?;
    let ctx = &app.services.ctx;
    let (export, first) = export::begin(ctx, scope, query, &params.columns(), format).await?;
    let export = Arc::new(export);
    Ok(file::answer(content_type, name, (first.bytes, first.next), move |cursor| {
        let export = Arc::clone(&export);
        async move {
            let stretch = export.go_on(cursor).await?;
            Ok((stretch.bytes, stretch.next))
        }
    }))
}
