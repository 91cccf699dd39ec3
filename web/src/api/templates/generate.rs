//! `POST /api/templates/generate` and `…/generate/preview`: a draft from a prompt, and what would leave for it.

use actix_web::HttpResponse;
use actix_web::web::Data;
use crm_ai::drafts::{Brief, Channel, Draft, Length};
use crm_core::{ContactId, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

/// What a draft uses unless it is told.
const FACTS: [&str; 2] = ["contact.first_name", "workspace.name"];

/// What is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DraftInput)]
pub(super) struct Body {
    /// What the message is for, 1 to 4,000 characters.
    prompt: String,
    /// What kind of message it is for; an e-mail unless said. A text message has a `body_text` alone.
    #[serde(default)]
    channel: Option<Channel>,
    /// Its tone, in a word or two.
    #[serde(default)]
    tone: Option<String>,
    #[serde(default)]
    length: Option<Length>,
    /// Its language; that of the prompt unless said.
    #[serde(default)]
    language: Option<String>,
    /// Variables it may use, such as `contact.company`; first name and workspace unless said.
    #[serde(default)]
    facts: Option<Vec<String>>,
    /// Whom it is for: what is known of them is replaced by placeholders before anything leaves, and their timeline
    /// keeps the draft.
    #[serde(default)]
    contact_id: Option<ContactId>,
}

impl From<Body> for Brief {
    fn from(body: Body) -> Self {
        let facts = body.facts.unwrap_or_else(|| FACTS.map(str::to_owned).to_vec());
        Self {
            channel: body.channel.unwrap_or_default(),
            goal: body.prompt,
            tone: body.tone.unwrap_or_default(),
            length: body.length.unwrap_or_default(),
            language: body.language.unwrap_or_default(),
            facts,
            contact_id: body.contact_id,
        }
    }
}

/// A proposal. Nothing is saved.
#[derive(Serialize, ToSchema)]
#[schema(as = GeneratedDraft)]
pub(super) struct View {
    #[serde(flatten)]
    draft: Draft,
    /// Which model wrote it.
    model: String,
    usage: TokensView,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DraftUsage)]
struct TokensView {
    prompt_tokens: u64,
    completion_tokens: u64,
}

/// Exactly what leaves for the model.
#[derive(Serialize, ToSchema)]
#[schema(as = DraftRequest)]
pub(super) struct SentView {
    /// The address of the server.
    address: String,
    /// The body of the request.
    #[schema(value_type = Object)]
    body: serde_json::Value,
}

/// Drafts a message from a prompt, for a person to take or leave; nothing is saved.
#[utoipa::path(
    post,
    path = "/api/templates/generate",
    operation_id = "generate_template",
    tag = "templates",
    request_body = Body,
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("templates:write"))),
)]
pub(super) async fn generate(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let brief = brief(&allow, body)?;
    let finished = app.services.drafts.start(allow.scope(), brief).await?.whole().await?;
    let usage = TokensView {
        prompt_tokens: finished.tokens.prompt,
        completion_tokens: finished.tokens.completion,
    };
    Ok(answer::ok(View { draft: finished.draft, model: finished.model, usage }))
}

/// Shows exactly what would leave for the model, without sending it.
#[utoipa::path(
    post,
    path = "/api/templates/generate/preview",
    operation_id = "preview_template_request",
    tag = "templates",
    request_body = Body,
    responses((status = 200, body = answer::One<SentView>)),
    extensions(("x-permission" = json!("templates:write"))),
)]
pub(super) async fn look(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let brief = brief(&allow, body)?;
    let sent = app.services.drafts.look(allow.scope(), brief).await?;
    Ok(answer::ok(SentView { address: sent.address, body: sent.body }))
}

fn brief(allow: &Allow<rights::TemplatesWrite>, body: Json<Body>) -> Result<Brief, AppError> {
    if body.contact_id.is_some() {
        allow.also(Permission::ContactsRead)?;
    }
    Ok(body.into_inner().into())
}
