//! `POST /contacts/{id}/messages`, `POST /messages/{id}/undo`, `POST /messages/{id}/decide`: messages to one contact.

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::messages::{HOLD, Message, MessageState, NewMessage};
use crm_campaigns::suppressions::Reason;
use crm_campaigns::templates::Channel;
use crm_core::{ContactId, PageRequest, RecipientId, Scope, TemplateId, paging};
use serde::Deserialize;

use super::{convert, show};
use crate::api::messages::{Decision, settle};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Flash;
use crate::views::common::Choice;
use crate::views::contact::{Composer, MessageForm, MessageRow};

/// Characters of a text message that stand for it in a list.
const BEGINNING: usize = 80;

/// A message as pages list it.
pub(in crate::pages) fn row(message: &Message) -> MessageRow {
    let next = message.held_until.or(message.next_attempt_at);
    MessageRow {
        id: message.id.to_string(),
        subject: match message.channel {
            Channel::Email => message.subject.clone(),
            Channel::Text => message.body.chars().take(BEGINNING).collect(),
        },
        to: message.to.clone().unwrap_or_default(),
        state: message.state.as_str().to_owned(),
        at: next.unwrap_or(message.created_at).to_string(),
        problem: message.problem.as_deref().map(frame::sentence),
        can_undo: message.state.can_be_undone(),
        contact: None,
    }
}

/// The form of a message: empty, begun with a template, or with what was taken back.
pub(super) async fn form(
    app: &App,
    scope: &Scope,
    id: ContactId,
    channel: Channel,
    (template, again): (&str, &str),
) -> Result<MessageForm, AppError> {
    let template: Option<TemplateId> = template.parse().ok();
    let mut form = blank(app, scope, id, channel, template).await?;
    let messages = &app.services.messages;
    if let Some(template) = template {
        match messages.draft(scope, id, template).await {
            Ok(Some(draft)) => (form.subject, form.body) = (draft.subject, draft.body),
            Ok(None) => {}
            // A template that cannot be used begins nothing.
            Err(error) => {
                let error = AppError::from(error);
                if !error.is_correctable() {
                    return Err(error);
                }
            }
        }
    } else if let Ok(undone) = again.parse::<RecipientId>()
        && let Some(message) = messages.get(scope, undone).await?
        && message.contact_id == Some(id)
    {
        (form.subject, form.body) = (message.subject, message.body);
    }
    Ok(form)
}

async fn blank(
    app: &App,
    scope: &Scope,
    id: ContactId,
    channel: Channel,
    chosen: Option<TemplateId>,
) -> Result<MessageForm, AppError> {
    let services = &app.services;
    let contact = convert::find(app, scope, id).await?;
    let (address, none, off) = match channel {
        Channel::Email => (
            contact.primary_email,
            "This contact has no e-mail address.",
            "E-mail to this address is switched off.",
        ),
        Channel::Text => (
            contact.primary_phone,
            "This contact has no phone number.",
            "Text messages to this number are switched off.",
        ),
    };
    let suppressed = match &address {
        Some(address) => services.messages.suppression(scope, channel, address).await?,
        None => None,
    };
    let refused = match (&address, suppressed.map(|found| found.reason)) {
        (None, _) => Some(none),
        (_, Some(Reason::Bounced)) => Some("The address was refused for good."),
        (_, Some(Reason::Complained)) => Some("This person reported a message as unwanted."),
        (_, Some(Reason::Manual)) => Some(off),
        (_, Some(Reason::Unsubscribed) | None) => None,
    };
    let page = PageRequest { limit: paging::MAX_LIMIT, cursor: None };
    let templates = services.templates.list(scope, page).await?.items.into_iter();
    let templates = templates.filter(|template| template.content.channel == channel);
    let provider = services.providers.default(scope, channel.provider_kind()).await?;
    Ok(MessageForm {
        channel: channel.as_str().to_owned(),
        to: address.unwrap_or_default(),
        from: provider.map(|provider| provider.name).unwrap_or_default(),
        templates: templates
            .map(|template| {
                let is_chosen = Some(template.id) == chosen;
                Choice::new(template.id.to_string(), template.content.name, is_chosen)
            })
            .collect(),
        refused: refused.map(str::to_owned),
        unsubscribed: suppressed.is_some_and(|found| found.reason == Reason::Unsubscribed),
        ..MessageForm::default()
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    channel: Channel,
    subject: String,
    body: String,
    despite_unsubscribed: bool,
    despite_quiet_hours: bool,
}

pub(super) async fn send(
    allow: Allow<rights::CampaignsSend>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ContactId>,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let (scope, typed) = (allow.scope(), typed.into_inner());
    let new = NewMessage {
        channel: typed.channel,
        subject: typed.subject.clone(),
        body: typed.body.clone(),
        template_id: None,
        despite_unsubscribed: typed.despite_unsubscribed,
        despite_quiet_hours: typed.despite_quiet_hours,
    };
    match app.services.messages.send(scope, *id, new).await.map_err(AppError::from) {
        Ok(Some(message)) => {
            (app.poke)();
            let here = format!("/contacts/{}", *id);
            let undo = format!("/messages/{}/undo", message.id);
            let said = format!("The message leaves in {} seconds.", HOLD.as_secs());
            Ok(frame::lead_to(&app, &here, Some(Flash::ok(said).with_undo(undo, here.clone()))))
        }
        Ok(None) => Err(AppError::not_found()),
        Err(error) if error.is_correctable() => {
            let blank = blank(&app, scope, *id, typed.channel, None).await?;
            let form = MessageForm {
                subject: typed.subject,
                body: typed.body,
                despite_unsubscribed: typed.despite_unsubscribed,
                // Asked once it is known that they sleep.
                quiet: error.fields.contains_key("despite_quiet_hours"),
                ..blank
            };
            let composer = Composer { message: Some(form), ..Composer::default() };
            show::again(&app, &req, &allow, *id, &error, composer).await
        }
        Err(error) => Err(error),
    }
}

/// Where a form about a message leads on to.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Back {
    back: String,
}

pub(super) async fn undo(
    allow: Allow<rights::CampaignsSend>,
    app: Data<App>,
    id: Path<RecipientId>,
    back: Form<Back>,
) -> Result<HttpResponse, AppError> {
    let messages = &app.services.messages;
    match messages.undo(allow.scope(), *id).await.map_err(AppError::from) {
        Ok(Some(message)) => {
            (app.poke)();
            // What was written is there again, to be gone on with.
            let path = match message.contact_id {
                Some(contact) if message.state == MessageState::Undone => {
                    let channel = message.channel.as_str();
                    format!("/contacts/{contact}?write={channel}&again={}#write", message.id)
                }
                _ => frame::local_path(&back.back, "/contacts").to_owned(),
            };
            let said = Flash::ok("The message is taken back. Nothing was sent.");
            Ok(frame::lead_to(&app, &path, Some(said)))
        }
        Ok(None) => Err(AppError::not_found()),
        Err(error) if error.is_correctable() => {
            let path = frame::local_path(&back.back, "/contacts");
            Ok(frame::lead_to(&app, path, Some(Flash::bad(frame::sentence(&error.message)))))
        }
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
pub(super) struct Decided {
    decision: Decision,
    #[serde(default)]
    back: String,
}

pub(super) async fn decide(
    allow: Allow<rights::CampaignsSend>,
    app: Data<App>,
    id: Path<RecipientId>,
    typed: Form<Decided>,
) -> Result<HttpResponse, AppError> {
    let said = match typed.decision {
        Decision::Release => "The message goes on its way.",
        Decision::SendAgain => "The message is sent again.",
        Decision::MarkSent => "The message counts as sent.",
    };
    let message = match settle(&app, allow.scope(), *id, typed.decision).await {
        Ok(_) => Flash::ok(said),
        Err(error) if error.is_correctable() => Flash::bad(frame::sentence(&error.message)),
        Err(error) => return Err(error),
    };
    Ok(frame::lead_to(&app, frame::local_path(&typed.back, "/contacts"), Some(message)))
}
