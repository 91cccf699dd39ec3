//! `POST /api/contacts/:id/summary`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_ai::insights::Figure;
use crm_ai::summaries::{Sentence, Summary};
use crm_core::{ContactId, LogId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::state::App;

/// A timeline in a few sentences.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelineSummary)]
pub(super) struct View {
    /// What the figures say, by rule.
    by_rule: Vec<SentenceView>,
    /// What the entries are about, by a model; empty without one.
    by_model: Vec<SentenceView>,
    /// The figures behind it.
    figures: Vec<Figure>,
    /// How many entries were read, the newest first.
    entries: u64,
    /// Whether there are older ones, which were not.
    has_older: bool,
    /// The model that answered.
    model: Option<String>,
    /// Sentences of the model that its entries did not bear out.
    refused: u64,
    /// Why there is nothing by a model, in words.
    trouble: Option<String>,
}

/// A sentence, and what it is about.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelineSentence)]
struct SentenceView {
    text: String,
    /// The entries of the timeline it is about.
    entries: Vec<LogId>,
}

impl From<Sentence> for SentenceView {
    fn from(sentence: Sentence) -> Self {
        Self { text: sentence.text, entries: sentence.entries }
    }
}

impl From<Summary> for View {
    fn from(summary: Summary) -> Self {
        let sentences = |all: Vec<Sentence>| all.into_iter().map(SentenceView::from).collect();
        Self {
            by_rule: sentences(summary.by_rule),
            by_model: sentences(summary.by_model),
            figures: summary.figures,
            entries: u64::try_from(summary.entries).unwrap_or(u64::MAX),
            has_older: summary.has_older,
            model: summary.model,
            refused: summary.refused,
            trouble: summary.trouble,
        }
    }
}

/// What has happened with a contact, in a few sentences: by rule always, by a language model where the workspace has one.
/// Nothing personal leaves for it, and nothing of it is stored.
#[utoipa::path(
    post,
    path = "/api/contacts/{id}/summary",
    operation_id = "summarize_contact",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact")),
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("logs:write"))),
)]
pub(super) async fn ask(
    allow: Allow<rights::LogsWrite>,
    app: Data<App>,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.summaries.of(allow.scope(), *id).await?;
    let summary = found.ok_or_else(AppError::not_found)?;
    Ok(answer::ok(View::from(summary)))
}
