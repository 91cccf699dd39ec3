//! `GET /api/templates/starters`

use actix_web::HttpResponse;
use crm_campaigns::templates::starters::{self, Starter};

use super::super::answer;
use crate::extract::{Allow, rights};

/// Templates to begin from: send one's `content` to make a template of it.
#[utoipa::path(
    get,
    path = "/api/templates/starters",
    operation_id = "list_template_starters",
    tag = "templates",
    responses((status = 200, body = answer::Many<Starter>)),
    extensions(("x-permission" = json!("templates:read"))),
)]
pub(super) async fn handle(_allow: Allow<rights::TemplatesRead>) -> HttpResponse {
    answer::whole(starters::all())
}
