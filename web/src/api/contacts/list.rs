//! `GET /api/contacts?q&list_id&segment_json&segment_id&sort&limit&cursor`

use actix_web::HttpResponse;
use actix_web::web::Data;
use crm_contacts::contacts::{ContactQuery, ContactSort};
use crm_core::{ListId, SegmentId};
use serde::Deserialize;

use super::View;
use crate::api::{answer, segments};
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, Query, rights};
use crate::state::App;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Params {
    #[serde(default)]
    q: String,
    list_id: Option<ListId>,
    segment_json: Option<String>,
    /// A saved segment.
    segment_id: Option<SegmentId>,
    /// `created_on`, `updated_at`, `first_name`, `last_name`, `primary_email`, `primary_phone`, `company`,
    /// `value_minor`, `stage_since`, `stage` (along the pipeline), `owner` (by name) or `custom.` and the name of a custom field; with `-` before it the largest come
    /// first. Left out: `-created_on`. Contacts without a value in a column come before all others and, with `-`, after
    /// them; those without a value in a custom field come last either way.
    sort: Option<String>,
    limit: Option<u64>,
    cursor: Option<String>,
    // Names the workspace of the call; the middleware has read it.
    #[serde(rename = "workspace_id")]
    _workspace_id: Option<String>,
}

/// Contacts, by words, list and segment.
#[utoipa::path(
    get,
    path = "/api/contacts",
    operation_id = "list_contacts",
    tag = "contacts",
    params(Params),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("contacts:read"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let params = params.into_inner();
    let sort = match params.sort.as_deref() {
        None | Some("") => ContactSort::default(),
        Some(word) => ContactSort::parse(word).ok_or_else(|| {
            AppError::invalid("sort", format!("contacts cannot be sorted by {word}"))
        })?,
    };
    let segment = match (params.segment_json.as_deref(), params.segment_id) {
        (None, None) => None,
        (Some(text), None) => Some(segments::from_text(text)?),
        (None, Some(id)) => {
            let saved = app.services.saved_segments.get(allow.scope(), id).await?;
            let unknown = || AppError::invalid("segment_id", "there is no such segment");
            Some(saved.ok_or_else(unknown)?.segment)
        }
        (Some(_), Some(_)) => {
            return Err(AppError::invalid("segment_id", "send either segment_id or segment_json"));
        }
    };
    let page = PageQuery { limit: params.limit, cursor: params.cursor }.request()?;
    let ids = Vec::new();
    let query =
        ContactQuery { search: params.q, list_id: params.list_id, segment, ids, sort, page };
    let found = app.services.contacts.list(allow.scope(), query).await?;
    Ok(answer::page(found, View::from))
}
