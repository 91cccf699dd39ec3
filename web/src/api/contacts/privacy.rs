//! `GET /api/contacts/:id/export`, `POST /api/contacts/:id/erase`

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use crm_contacts::privacy::PersonFile;
use crm_core::ContactId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

/// What has to be written to erase somebody.
pub const WORD: &str = "erase";

/// Everything that is kept about one person, as a file: fields, timeline with the texts of messages, follow-ups,
/// campaigns, suppressions.
#[utoipa::path(
    get,
    path = "/api/contacts/{id}/export",
    operation_id = "export_contact",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact")),
    responses((status = 200, body = answer::One<PersonFile>)),
    extensions(("x-permission" = json!("contacts:read"))),
)]
pub(super) async fn export(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.privacy.file(allow.scope(), *id).await?;
    let file = found.ok_or_else(AppError::not_found)?;
    let mut answer = answer::ok(file);
    let name = format!("attachment; filename=\"contact-{id}.json\"");
    let name = header::HeaderValue::from_str(&name).map_err(AppError::internal)?;
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(answer)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EraseInput)]
pub(super) struct Body {
    /// The word `erase`: this cannot be undone.
    #[schema(example = "erase")]
    confirm: String,
}

/// Forgets a person for good, also one in the trash. Lines in reports of campaigns stay without a name, and a fingerprint
/// keeps their addresses from being written to.
#[utoipa::path(
    post,
    path = "/api/contacts/{id}/erase",
    operation_id = "erase_contact",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact")),
    request_body = Body,
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("workspaces:write"))),
)]
pub(super) async fn erase(
    allow: Allow<rights::WorkspaceWrite>,
    app: Data<App>,
    id: Path<ContactId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    if body.confirm != WORD {
        return Err(AppError::invalid("confirm", format!("write the word {WORD}")));
    }
    let there = app.services.privacy.erase(allow.scope(), *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}
