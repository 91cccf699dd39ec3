//! `POST /contacts/{id}/summary`: the page of a contact with what has happened, in a few sentences.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_ai::summaries::{Sentence, Summary};
use crm_core::ContactId;

use super::show;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::contact::SummaryCard;

pub(super) async fn ask(
    allow: Allow<rights::LogsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.summaries.of(allow.scope(), *id).await?;
    let summary = found.ok_or_else(AppError::not_found)?;
    let view = show::with_summary(&app, &req, &allow, *id, card(summary)).await?;
    frame::ok(&app, &req, &view)
}

fn card(summary: Summary) -> SummaryCard {
    let texts = |all: Vec<Sentence>| all.into_iter().map(|one| one.text).collect();
    SummaryCard {
        by_rule: texts(summary.by_rule),
        by_model: texts(summary.by_model),
        model: summary.model,
        entries: summary.entries,
        has_older: summary.has_older,
        refused: summary.refused,
        trouble: summary.trouble.as_deref().map(frame::sentence),
    }
}
