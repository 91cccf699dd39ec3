//! `GET, POST /api/contacts/:id/consents`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_contacts::consents::{Consent, ConsentChannel, ConsentState, NewConsent};
use crm_core::{ConsentId, ContactId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[schema(as = Consent)]
pub(super) struct View {
    id: ConsentId,
    contact_id: ContactId,
    channel: ConsentChannel,
    state: ConsentState,
    /// When they said it.
    at: Timestamp,
    /// How they said it.
    source: String,
    /// The words they agreed to.
    wording: String,
    /// Who wrote it down; absent where the program did.
    recorded_by: Option<UserId>,
    created_at: Timestamp,
}

impl From<Consent> for View {
    fn from(consent: Consent) -> Self {
        Self {
            id: consent.id,
            contact_id: consent.contact_id,
            channel: consent.channel,
            state: consent.state,
            at: consent.at,
            source: consent.source,
            wording: consent.wording,
            recorded_by: consent.recorded_by,
            created_at: consent.created_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConsentInput)]
pub(super) struct Body {
    channel: ConsentChannel,
    state: ConsentState,
    /// When they said it; now unless said.
    at: Option<Timestamp>,
    /// How they said it, such as `web form`.
    source: String,
    /// The words they agreed to.
    #[serde(default)]
    wording: String,
}

/// What a contact said about being written to, last first: when, how and in which words.
#[utoipa::path(
    get,
    path = "/api/contacts/{id}/consents",
    operation_id = "list_consents",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact")),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("contacts:read"))),
)]
pub(super) async fn list(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.consents.of(allow.scope(), *id).await?;
    let found = found.ok_or_else(AppError::not_found)?;
    Ok(answer::whole(found.into_iter().map(View::from).collect()))
}

/// Writes down what a contact said. A withdrawal keeps their address from being written to by campaigns; a consent lets one
/// be written to again whose owner had unsubscribed.
#[utoipa::path(
    post,
    path = "/api/contacts/{id}/consents",
    operation_id = "record_consent",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact")),
    request_body = Body,
    responses((status = 201, body = answer::One<View>)),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn record(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ContactId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let Body { channel, state, at, source, wording } = body.into_inner();
    let new = NewConsent { channel, state, at, source, wording };
    let made = app.services.consents.record(allow.scope(), *id, new).await?;
    Ok(answer::created(View::from(made.ok_or_else(AppError::not_found)?)))
}
