//! `GET /api/export/contacts.vcf`: contacts as cards for an address book.

use actix_web::HttpResponse;
use actix_web::web::Data;
use crm_contacts::export::Format;
use crm_core::{ListId, SegmentId};
use serde::Deserialize;

use super::{Params, contacts_file};
use crate::error::AppError;
use crate::extract::{Allow, Query, rights};
use crate::state::App;

/// [`Params`] and a version.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CardParams {
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
    /// Of the cards: `4.0` unless said, or `3.0` for older address books.
    version: Option<String>,
    // Names the workspace of the call; the middleware has read it.
    #[serde(rename = "workspace_id")]
    #[param(ignore)]
    workspace_id: Option<String>,
}

impl CardParams {
    fn format(&self) -> Result<Format, AppError> {
        match self.version.as_deref() {
            None | Some("" | "4.0") => Ok(Format::VCard4),
            Some("3.0") => Ok(Format::VCard3),
            Some(_) => {
                Err(AppError::invalid("version", "vCards are written in version 4.0 or 3.0"))
            }
        }
    }
}

impl From<CardParams> for Params {
    fn from(params: CardParams) -> Self {
        Self {
            q: params.q,
            list_id: params.list_id,
            segment_json: params.segment_json,
            segment_id: params.segment_id,
            ids: params.ids,
            sort: params.sort,
            columns: params.columns,
            _workspace_id: params.workspace_id,
        }
    }
}

/// Contacts as vCards.
///
/// The file can be imported again as it is: owner, value, stage and custom fields, for which a card has no place, are in
/// properties whose names begin with `X-PI-CRM-`. That it left is noted in the audit log before its first card does.
#[utoipa::path(
    get,
    path = "/api/export/contacts.vcf",
    operation_id = "export_contact_cards",
    tag = "export",
    params(CardParams),
    responses((status = 200, body = String, content_type = "text/vcard")),
    extensions(("x-permission" = json!("contacts:read"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    params: Query<CardParams>,
) -> Result<HttpResponse, AppError> {
    let params = params.into_inner();
    let format = params.format()?;
    contacts_file(&app, allow.scope(), &params.into(), format, "text/vcard", "contacts.vcf").await
}
