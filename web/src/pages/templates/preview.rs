//! `POST /templates/preview`: what is typed, as one person would get it, for a sandboxed frame.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::{ContactId, Permission};

use super::edit::Typed;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::middleware::headers::MESSAGE_POLICY;
use crate::pages::frame;
use crate::state::App;
use crate::views::templates::TemplatePreview;

pub(super) async fn show(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let contact: Option<ContactId> = typed.contact_id.parse().ok();
    if contact.is_some() {
        allow.also(Permission::ContactsRead)?;
    }
    let part = if typed.part == "text" { "text" } else { "html" }.to_owned();
    let to = match contact {
        Some(id) => app.services.contacts.get(allow.scope(), id).await?,
        None => None,
    };
    let rendered = app.services.templates.preview(allow.scope(), &typed.content(), contact).await;
    let view = match rendered.map_err(AppError::from) {
        Ok(rendered) => TemplatePreview {
            subject: rendered.subject,
            to: to.map(|contact| contact.display_name()).unwrap_or_default(),
            part,
            html: rendered.html,
            text: rendered.text,
            problems: rendered
                .missing
                .into_iter()
                .map(|name| {
                    format!(
                        "{name} is empty here and has no default: this message would be left out."
                    )
                })
                .collect(),
            ..TemplatePreview::default()
        },
        // The frame says what is wrong, since it is the page the person looks at.
        Err(error) if error.is_correctable() => TemplatePreview {
            part,
            problems: vec![frame::sentence(&error.message)],
            ..TemplatePreview::default()
        },
        Err(error) => return Err(error),
    };
    let mut answer = frame::page(&app, &req, StatusCode::OK, &view)?;
    answer
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, header::HeaderValue::from_static(MESSAGE_POLICY));
    Ok(answer)
}
