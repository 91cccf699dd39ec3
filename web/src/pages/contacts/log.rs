//! `POST /contacts/{id}/calls`, `GET /logs/{id}/edit`, `POST /logs/{id}`, `POST /logs/{id}/delete`: calls, and what a
//! person wrote themselves.

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::timeline::{LogChange, LogContent, LogEntry};
use crm_core::{ContactId, LogId, Scope, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{convert, parts, show};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::{frame, local_time};
use crate::state::App;
use crate::views::common::{FormErrors, Link};
use crate::views::contact::{Composer, LogPage};
use crate::views::{Flash, Section};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    text: String,
    minutes: String,
    notes: String,
    when: String,
    version: String,
}

impl Typed {
    fn composer(&self, call: bool) -> Composer {
        Composer {
            call,
            message: None,
            text: self.text.clone(),
            minutes: self.minutes.clone(),
            notes: self.notes.clone(),
            when: self.when.clone(),
        }
    }

    fn minutes(&self) -> Result<u32, AppError> {
        let wrong = |_| AppError::invalid("minutes", "write a whole number of minutes, like 12");
        self.minutes.trim().parse().map_err(wrong)
    }
}

/// When a call was, by the clock of the workspace; `None` where that is left open.
async fn moment(app: &App, scope: &Scope, local: &str) -> Result<Option<Timestamp>, AppError> {
    if local.trim().is_empty() {
        return Ok(None);
    }
    let zone = app.services.accounts.workspace(scope).await?.time_zone;
    local_time::moment("when", local.trim(), &zone).map(Some)
}

/// An error of the service about the fields of the form.
fn renamed(error: impl Into<AppError>) -> AppError {
    error.into().renamed("duration", "minutes").renamed("timestamp", "when")
}

pub(super) async fn call(
    allow: Allow<rights::LogsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ContactId>,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    match write(&app, allow.scope(), *id, &typed).await {
        Ok(_) => parts::back(&app, *id, Ok(()), "The call is on the timeline."),
        Err(error) if error.is_correctable() => {
            show::again(&app, &req, &allow, *id, &error, typed.composer(true)).await
        }
        Err(error) => Err(error),
    }
}

async fn write(
    app: &App,
    scope: &Scope,
    id: ContactId,
    typed: &Typed,
) -> Result<LogEntry, AppError> {
    let content = LogContent::Call { duration: typed.minutes()?, notes: typed.notes.clone() };
    let at = moment(app, scope, &typed.when).await?;
    app.services.timeline.add(scope, id, content, at).await.map_err(renamed)
}

/// The entry of a path, where it is the caller's own.
async fn own(app: &App, scope: &Scope, id: LogId) -> Result<LogEntry, AppError> {
    let entry = app.services.timeline.get(scope, id).await?.ok_or_else(AppError::not_found)?;
    if entry.is_of(scope.user_id()) {
        Ok(entry)
    } else {
        Err(crm_contacts::TimelineError::NotYours.into())
    }
}

async fn page(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::LogsWrite>,
    entry: &LogEntry,
    form: Composer,
    errors: FormErrors,
) -> Result<LogPage, AppError> {
    let contact = convert::find(app, allow.scope(), entry.contact_id).await?;
    let title = if form.call { "Edit call" } else { "Edit note" };
    Ok(LogPage {
        shell: frame::shell(app, req, allow, Section::Contacts, title).await?,
        id: entry.id.to_string(),
        contact: Link::new(contact.display_name(), format!("/contacts/{}", contact.id)),
        form,
        version: entry.version,
        errors,
    })
}

pub(super) async fn edit(
    allow: Allow<rights::LogsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<LogId>,
) -> Result<HttpResponse, AppError> {
    let entry = own(&app, allow.scope(), *id).await?;
    let zone = app.services.accounts.workspace(allow.scope()).await?.time_zone;
    let form = match &entry.content {
        LogContent::Call { duration, notes } => Composer {
            call: true,
            minutes: duration.to_string(),
            notes: notes.clone(),
            when: local_time::local(entry.timestamp, &zone),
            ..Composer::default()
        },
        LogContent::Note { text } => Composer { text: text.clone(), ..Composer::default() },
        _ => Composer::default(),
    };
    let view = page(&app, &req, &allow, &entry, form, FormErrors::none()).await?;
    frame::ok(&app, &req, &view)
}

/// What the form changes. The time counts only where it was changed: the field has no seconds.
async fn change(
    app: &App,
    scope: &Scope,
    entry: &LogEntry,
    typed: &Typed,
) -> Result<LogChange, AppError> {
    let mut content = Map::new();
    let mut timestamp = None;
    if matches!(entry.content, LogContent::Call { .. }) {
        let zone = app.services.accounts.workspace(scope).await?.time_zone;
        content.insert("duration".to_owned(), typed.minutes()?.into());
        content.insert("notes".to_owned(), Value::String(typed.notes.clone()));
        if typed.when != local_time::local(entry.timestamp, &zone) {
            timestamp = moment(app, scope, &typed.when).await?;
        }
    } else {
        content.insert("text".to_owned(), Value::String(typed.text.clone()));
    }
    Ok(LogChange { content, timestamp })
}

pub(super) async fn save(
    allow: Allow<rights::LogsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<LogId>,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let entry = own(&app, scope, *id).await?;
    let seen = typed.version.parse().ok();
    let saved = match change(&app, scope, &entry, &typed).await {
        Ok(change) => app.services.timeline.change(scope, *id, seen, change).await.map_err(renamed),
        Err(error) => Err(error),
    };
    match saved {
        Ok(saved) => {
            saved.ok_or_else(AppError::not_found)?;
            parts::back(&app, entry.contact_id, Ok(()), "Saved.")
        }
        Err(error) if error.is_correctable() || error.code == "stale" => {
            let call = matches!(entry.content, LogContent::Call { .. });
            let errors = frame::form_errors(&error, &["text", "minutes", "notes", "when"]);
            let view = page(&app, &req, &allow, &entry, typed.composer(call), errors).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn delete(
    allow: Allow<rights::LogsWrite>,
    app: Data<App>,
    id: Path<LogId>,
) -> Result<HttpResponse, AppError> {
    let entry = own(&app, allow.scope(), *id).await?;
    if !app.services.timeline.delete(allow.scope(), *id).await? {
        return Err(AppError::not_found());
    }
    let said = Flash::ok(format!("The {} is deleted.", entry.content.kind()));
    Ok(frame::lead_to(&app, &format!("/contacts/{}", entry.contact_id), Some(said)))
}
