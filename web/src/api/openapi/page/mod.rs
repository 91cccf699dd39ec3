//! `GET /api/docs`: the document as a page.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use crate::error::AppError;
use crate::pages::frame;
use crate::state::App;
use crate::views::api_docs::{ApiDocsPage, Fact, Group};

mod example;
mod kinds;
mod operations;
mod schemas;

/// This description for people.
#[utoipa::path(
    get,
    path = "/api/docs",
    operation_id = "get_docs",
    tag = "openapi",
    responses((status = 200, body = String, content_type = "text/html")),
    extensions(("x-permission" = json!("nothing"))),
)]
pub(super) async fn handle(app: Data<App>, req: HttpRequest) -> Result<HttpResponse, AppError> {
    let document = serde_json::to_value(super::document()).map_err(AppError::internal)?;
    let base = app.config.public_url.clone().unwrap_or_else(|| {
        let from = req.connection_info();
        format!("{}://{}", from.scheme(), from.host())
    });
    let view = ApiDocsPage {
        door: frame::door(&app, &req),
        intro: kinds::text(kinds::at(&document, "/info/description")),
        groups: groups(&document, &base),
        shapes: schemas::all(&document),
        errors: super::errors::ALL
            .iter()
            .map(|(status, _, about)| Fact {
                name: (*status).to_owned(),
                about: (*about).to_owned(),
            })
            .collect(),
        base,
    };
    frame::ok(&app, &req, &view)
}

fn groups(document: &Value, base: &str) -> Vec<Group> {
    let operations = operations::all(document, base);
    let tags = document["tags"].as_array().map_or(&[] as &[Value], Vec::as_slice);
    tags.iter()
        .map(|tag| {
            let name = kinds::text(&tag["name"]);
            let mine = operations.iter().filter(|(group, _)| *group == name);
            Group {
                about: kinds::text(&tag["description"]),
                operations: mine.map(|(_, operation)| operation.clone()).collect(),
                name,
            }
        })
        .collect()
}
