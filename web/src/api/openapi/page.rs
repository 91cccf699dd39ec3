//! `GET /api/docs`: the document as a page.

use actix_web::HttpResponse;

use crate::error::AppError;

/// This description for people.
#[utoipa::path(
    get,
    path = "/api/docs",
    operation_id = "get_docs",
    tag = "openapi",
    responses((status = 200, body = String, content_type = "text/html")),
    extensions(("x-permission" = json!("nothing"))),
)]
pub(super) async fn handle() -> Result<HttpResponse, AppError> {
    Err(AppError::not_found())
}
