//! `DELETE /api/contacts/:id`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::ContactId;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::state::App;

pub(super) async fn handle(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.contacts.delete(allow.scope(), *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}
