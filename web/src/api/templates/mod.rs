//! `/api/templates`

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::Template;
use crm_campaigns::templates::{
    Block, Channel, Format, NewTemplate, Rendered, SmsCount, count_sms,
};
use crm_core::{ContactId, Permission, TemplateId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, PageQuery, Query, rights};
use crate::state::App;

mod coverage;
mod duplicate;
mod generate;
mod starters;
mod versions;

/// `/api/templates…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/templates").route(web::get().to(list)).route(web::post().to(create)),
        )
        .route("/templates/starters", web::get().to(starters::handle))
        .route("/templates/generate", web::post().to(generate::generate))
        .route("/templates/generate/preview", web::post().to(generate::look))
        .route("/templates/{id}/preview", web::post().to(preview))
        .route("/templates/{id}/duplicate", web::post().to(duplicate::handle))
        .route("/templates/{id}/coverage", web::get().to(coverage::handle))
        .route("/templates/{id}/versions", web::get().to(versions::list))
        .route("/templates/{id}/versions/{version}", web::get().to(versions::get))
        .route("/templates/{id}/versions/{version}/restore", web::post().to(versions::restore))
        .service(
            web::resource("/templates/{id}")
                .route(web::get().to(get))
                .route(web::put().to(update))
                .route(web::delete().to(delete)),
        );
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(
    list,
    create,
    get,
    update,
    delete,
    preview,
    generate::generate,
    generate::look,
    starters::handle,
    duplicate::handle,
    coverage::handle,
    versions::list,
    versions::get,
    versions::restore
))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = Template)]
struct View {
    id: TemplateId,
    #[serde(flatten)]
    content: NewTemplate,
    /// Counts changes, from 1; what a campaign pins.
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Template> for View {
    fn from(template: Template) -> Self {
        Self {
            id: template.id,
            content: template.content,
            version: template.version,
            created_at: template.created_at,
            updated_at: template.updated_at,
        }
    }
}

/// A template in a request.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TemplateInput)]
struct TemplateBody {
    name: String,
    #[serde(default)]
    channel: Channel,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body_html: String,
    #[serde(default)]
    body_text: Option<String>,
    #[serde(default)]
    preheader: Option<String>,
    #[serde(default)]
    signature: Option<String>,
    /// What the body is made from; `format` and `body_html` are then made by the server.
    #[serde(default)]
    blocks: Option<Vec<Block>>,
    /// The language model whose draft is in the text; it labels the version.
    #[serde(default)]
    drafted_with: Option<String>,
}

impl From<TemplateBody> for NewTemplate {
    fn from(body: TemplateBody) -> Self {
        Self {
            name: body.name,
            channel: body.channel,
            format: body.format,
            subject: body.subject,
            body_html: body.body_html,
            body_text: body.body_text.unwrap_or_default(),
            preheader: body.preheader.unwrap_or_default(),
            signature: body.signature.unwrap_or_default(),
            blocks: body.blocks,
            drafted_with: body.drafted_with,
        }
    }
}

/// Templates.
#[utoipa::path(
    get,
    path = "/api/templates",
    operation_id = "list_templates",
    tag = "templates",
    params(PageQuery),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("templates:read"))),
)]
async fn list(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    params: Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.templates.list(allow.scope(), params.request()?).await?;
    Ok(answer::page(found, View::from))
}

/// Makes a template.
#[utoipa::path(
    post,
    path = "/api/templates",
    operation_id = "create_template",
    tag = "templates",
    request_body = TemplateBody,
    responses((status = 201, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("templates:write"))),
)]
async fn create(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    body: Json<TemplateBody>,
) -> Result<HttpResponse, AppError> {
    let made = app.services.templates.create(allow.scope(), body.into_inner().into()).await?;
    let version = made.version;
    Ok(etag::tagged(answer::created(View::from(made)), version))
}

/// One template.
#[utoipa::path(
    get,
    path = "/api/templates/{id}",
    operation_id = "get_template",
    tag = "templates",
    params(("id" = TemplateId, Path, description = "The template")),
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("templates:read"))),
)]
async fn get(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    id: Path<TemplateId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.templates.get(allow.scope(), *id).await?;
    let template = found.ok_or_else(AppError::not_found)?;
    let version = template.version;
    Ok(etag::tagged(answer::ok(View::from(template)), version))
}

/// Changes a template.
#[utoipa::path(
    put,
    path = "/api/templates/{id}",
    operation_id = "update_template",
    tag = "templates",
    params(("id" = TemplateId, Path, description = "The template"), etag::IfMatch),
    request_body = TemplateBody,
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("templates:write"))),
)]
async fn update(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<TemplateId>,
    body: Json<TemplateBody>,
) -> Result<HttpResponse, AppError> {
    let seen = etag::if_match(&req)?;
    let changed =
        app.services.templates.update(allow.scope(), *id, seen, body.into_inner().into()).await?;
    let template = changed.ok_or_else(AppError::not_found)?;
    let version = template.version;
    Ok(etag::tagged(answer::ok(View::from(template)), version))
}

/// Deletes a template.
#[utoipa::path(
    delete,
    path = "/api/templates/{id}",
    operation_id = "delete_template",
    tag = "templates",
    params(("id" = TemplateId, Path, description = "The template")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("templates:write"))),
)]
async fn delete(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    id: Path<TemplateId>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.templates.delete(allow.scope(), *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}

#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TemplatePreviewInput)]
struct PreviewBody {
    #[serde(default)]
    contact_id: Option<ContactId>,
}

/// A message, and how long a text message it is.
#[derive(Serialize, ToSchema)]
#[schema(as = TemplatePreview)]
struct Preview {
    #[serde(flatten)]
    message: Rendered,
    /// Only of text messages.
    sms: Option<SmsCount>,
}

/// A message from it, as one contact would get it.
#[utoipa::path(
    post,
    path = "/api/templates/{id}/preview",
    operation_id = "preview_template",
    tag = "templates",
    params(("id" = TemplateId, Path, description = "The template")),
    request_body = Option<PreviewBody>,
    responses((status = 200, body = answer::One<Preview>)),
    extensions(("x-permission" = json!("templates:read"))),
)]
async fn preview(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    id: Path<TemplateId>,
    body: Option<Json<PreviewBody>>,
) -> Result<HttpResponse, AppError> {
    let body = body.map(Json::into_inner).unwrap_or_default();
    if body.contact_id.is_some() {
        allow.also(Permission::ContactsRead)?;
    }
    let found = app.services.templates.get(allow.scope(), *id).await?;
    let template = found.ok_or_else(AppError::not_found)?;
    let content = &template.content;
    let message = app.services.templates.preview(allow.scope(), content, body.contact_id).await?;
    let sms = (content.channel == Channel::Text).then(|| count_sms(&message.text));
    Ok(answer::ok(Preview { message, sms }))
}
