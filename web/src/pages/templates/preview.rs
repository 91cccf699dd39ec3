//! `POST /templates/preview`: what is typed, as one person would get it, for a sandboxed frame.

use std::collections::HashMap;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::{ContactId, Permission};

use super::form::Typed;
use super::people;
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
    fields: Form<HashMap<String, String>>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed::new(fields.into_inner());
    let mut contact: Option<ContactId> = typed.get("contact_id").parse().ok();
    let who = typed.get("who").trim();
    if contact.is_some() || !who.is_empty() {
        allow.also(Permission::ContactsRead)?;
    }
    if !who.is_empty() {
        // Without a script the name is typed and the choice beside it is still the old one.
        let found = people::search(&app, allow.scope(), who).await?;
        let is_found = found.iter().any(|one| Some(one.id) == contact);
        if !is_found && let Some(first) = found.first() {
            contact = Some(first.id);
        }
    }
    let part = match typed.get("part") {
        part @ ("text" | "dark" | "phone") => part,
        _ => "html",
    };
    let part = part.to_owned();
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
