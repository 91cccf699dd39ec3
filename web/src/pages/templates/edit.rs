//! `GET /templates/new`, `POST /templates`, `GET, POST /templates/{id}`, `POST /templates/{id}/delete`, `…/duplicate`

use std::collections::HashMap;

use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::Template;
use crm_campaigns::templates::{Channel, NewTemplate, starters};
use crm_core::{Scope, TemplateId};
use serde::Deserialize;

use super::clash;
use super::form::{Look, Typed};
use super::page::{self, About};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::templates::{StarterCard, TemplateStartersPage};
use crate::views::{Flash, Section};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Begin {
    from: String,
}

/// The first line of a message made from nothing, so that its preview shows a message and no mistake.
const HELLO: &str = "Hello {{ contact.first_name | default(\"there\") }},";

/// What there is to begin from.
pub(super) fn cards() -> Vec<StarterCard> {
    let card = |starter: starters::Starter| StarterCard {
        key: starter.key,
        name: starter.content.name,
        about: starter.about,
        channel: starter.content.channel.as_str().to_owned(),
    };
    starters::all().into_iter().map(card).collect()
}

/// What a template begins as; `None` where that was not chosen yet.
fn beginning(from: &str) -> Option<NewTemplate> {
    use crm_campaigns::templates::Block;
    Some(match from {
        "blank" => {
            let hello = Block::Text { text: HELLO.to_owned() };
            let blocks = [Some(hello), Block::empty("unsubscribe")].into_iter().flatten();
            NewTemplate { blocks: Some(blocks.collect()), ..NewTemplate::default() }
        }
        "source" => NewTemplate::default(),
        "text" => NewTemplate { channel: Channel::Text, ..NewTemplate::default() },
        key => starters::find(key)?.content,
    })
}

pub(super) async fn new(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    req: HttpRequest,
    begin: Query<Begin>,
) -> Result<HttpResponse, AppError> {
    let Some(content) = beginning(&begin.from) else {
        let shell = frame::shell(&app, &req, &allow, Section::Templates, "New template").await?;
        let view = TemplateStartersPage { shell, starters: cards() };
        return frame::ok(&app, &req, &view);
    };
    let about = About { content: Some(content), ..About::default() };
    let view = page::make(&app, &req, &allow, about).await?;
    frame::ok(&app, &req, &view)
}

pub(super) async fn create(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    req: HttpRequest,
    fields: Form<HashMap<String, String>>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed::new(fields.into_inner());
    let made = app.services.templates.create(allow.scope(), typed.content()).await;
    match made.map_err(AppError::from) {
        Ok(made) => Ok(frame::lead_to(
            &app,
            &format!("/templates/{}", made.id),
            Some(Flash::ok("The template is saved.")),
        )),
        Err(error) if error.is_correctable() => {
            let about = About::again(&typed, None, &error);
            let view = page::make(&app, &req, &allow, about).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

/// A template of this workspace.
pub(super) async fn find(app: &App, scope: &Scope, id: TemplateId) -> Result<Template, AppError> {
    app.services.templates.get(scope, id).await?.ok_or_else(AppError::not_found)
}

pub(super) async fn show(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<TemplateId>,
) -> Result<HttpResponse, AppError> {
    let stored = find(&app, allow.scope(), *id).await?;
    let about = About {
        content: Some(stored.content.clone()),
        version: stored.version,
        stored: Some(stored),
        ..About::default()
    };
    let view = page::make(&app, &req, &allow, about).await?;
    frame::ok(&app, &req, &view)
}

pub(super) async fn save(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<TemplateId>,
    fields: Form<HashMap<String, String>>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed::new(fields.into_inner());
    let stored = find(&app, allow.scope(), *id).await?;
    // A template stays for what it is for; where the form does not say how it is written, that stays as well.
    let mut change = NewTemplate { channel: stored.content.channel, ..typed.content() };
    if typed.get("format").is_empty() {
        change.format = stored.content.format;
    }
    clash::take(&app, allow.scope(), *id, &typed, &mut change).await?;
    let service = &app.services.templates;
    let saved = service.update(allow.scope(), *id, typed.version(), change.clone()).await;
    match saved.map_err(AppError::from) {
        Ok(changed) => {
            changed.ok_or_else(AppError::not_found)?;
            let said = Flash::ok("The template is saved.");
            Ok(frame::lead_to(&app, &format!("/templates/{id}"), Some(said)))
        }
        Err(error) if error.code == "stale" => {
            let stored = find(&app, allow.scope(), *id).await?;
            let conflict = clash::find(&app, allow.scope(), &stored, &typed, &mut change).await?;
            let version = stored.version;
            let about = reshown(&typed, change, Some(stored), Look::default());
            // Whoever has seen the other version may save over it.
            let about = About { version, conflict: Some(conflict), ..about };
            let view = page::make(&app, &req, &allow, about).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) if error.is_correctable() => {
            let about = About::again(&typed, Some(stored), &error);
            let view = page::make(&app, &req, &allow, about).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn duplicate(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    id: Path<TemplateId>,
) -> Result<HttpResponse, AppError> {
    let made = app.services.templates.duplicate(allow.scope(), *id, None).await?;
    let made = made.ok_or_else(AppError::not_found)?;
    let said = Flash::ok("This is the copy. Give it a name of its own.");
    Ok(frame::lead_to(&app, &format!("/templates/{}", made.id), Some(said)))
}

pub(super) async fn delete(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    id: Path<TemplateId>,
) -> Result<HttpResponse, AppError> {
    let stored = find(&app, allow.scope(), *id).await?;
    app.services.templates.delete(allow.scope(), *id).await?;
    let said =
        Flash::ok(format!("{} is deleted. Campaigns keep what was approved.", stored.content.name));
    Ok(frame::lead_to(&app, "/templates", Some(said)))
}

/// The form again in the state `look` says, without saving anything.
pub(super) fn reshown(
    typed: &Typed,
    content: NewTemplate,
    stored: Option<Template>,
    look: Look,
) -> About {
    About {
        content: Some(content),
        version: typed.version().unwrap_or_default(),
        stored,
        look,
        is_changed: true,
        contact_id: typed.get("contact_id").parse().ok(),
        audience: typed.get("audience").to_owned(),
        ..About::default()
    }
}

/// Unused fields of a form are no mistake: a text message has no blocks, a message of blocks no source.
pub(super) const FIELDS: [&str; 6] =
    ["name", "subject", "preheader", "body_html", "body_text", "signature"];

/// The names of all blocks' fields stand for the block they are in.
pub(super) fn wrong_block(error: &AppError) -> Option<(usize, String)> {
    let (field, problem) = error.fields.iter().find(|(field, _)| field.starts_with("blocks."))?;
    let number: usize = field.strip_prefix("blocks.")?.parse().ok()?;
    let said = problem.split_once(": ").map_or(problem.as_str(), |(_, rest)| rest);
    Some((number.checked_sub(1)?, frame::sentence(said)))
}
