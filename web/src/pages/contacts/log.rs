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
use crate::pages::meanwhile::{self, Memory, Named, Sides, Texts};
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
    #[serde(flatten)]
    memory: Memory,
}

impl Typed {
    fn texts(&self, call: bool) -> Texts {
        let fields: &[(&str, &String)] = if call {
            &[("minutes", &self.minutes), ("when", &self.when), ("notes", &self.notes)]
        } else {
            &[("text", &self.text)]
        };
        fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).clone())).collect()
    }

    fn put(&mut self, texts: Texts) {
        for (name, text) in texts {
            match name.as_str() {
                "minutes" => self.minutes = text,
                "when" => self.when = text,
                "notes" => self.notes = text,
                "text" => self.text = text,
                _ => {}
            }
        }
    }

    /// The form of what is stored.
    fn stored(entry: &LogEntry, zone: &str) -> Self {
        match &entry.content {
            LogContent::Call { duration, notes } => Self {
                minutes: duration.to_string(),
                notes: notes.clone(),
                when: local_time::local(entry.timestamp, zone),
                ..Self::default()
            },
            LogContent::Note { text } => Self { text: text.clone(), ..Self::default() },
            _ => Self::default(),
        }
    }

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
    local_time::moment("when", local.trim(), &zone(app, scope).await?).map(Some)
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
    typed: &Typed,
    errors: FormErrors,
) -> Result<LogPage, AppError> {
    let contact = convert::find(app, allow.scope(), entry.contact_id).await?;
    let form = typed.composer(is_call(entry));
    let title = if form.call { "Edit call" } else { "Edit note" };
    Ok(LogPage {
        shell: frame::shell(app, req, allow, Section::Contacts, title).await?,
        id: entry.id.to_string(),
        contact: Link::new(contact.display_name(), format!("/contacts/{}", contact.id)),
        form,
        // After a mistake the form goes on from what it was opened with.
        version: typed.version.parse().unwrap_or(entry.version),
        seen: typed.memory.seen.clone(),
        conflict: None,
        errors,
    })
}

fn is_call(entry: &LogEntry) -> bool {
    matches!(entry.content, LogContent::Call { .. })
}

async fn zone(app: &App, scope: &Scope) -> Result<String, AppError> {
    Ok(app.services.accounts.workspace(scope).await?.time_zone)
}

/// The form as it is stored, remembering that.
async fn fresh(app: &App, scope: &Scope, entry: &LogEntry) -> Result<Typed, AppError> {
    let mut form = Typed::stored(entry, &zone(app, scope).await?);
    form.memory.seen = meanwhile::written(&form.texts(is_call(entry)));
    form.version = entry.version.to_string();
    Ok(form)
}

pub(super) async fn edit(
    allow: Allow<rights::LogsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<LogId>,
) -> Result<HttpResponse, AppError> {
    let entry = own(&app, allow.scope(), *id).await?;
    let form = fresh(&app, allow.scope(), &entry).await?;
    let view = page(&app, &req, &allow, &entry, &form, FormErrors::none()).await?;
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
    if is_call(entry) {
        content.insert("duration".to_owned(), typed.minutes()?.into());
        content.insert("notes".to_owned(), Value::String(typed.notes.clone()));
        if typed.when != local_time::local(entry.timestamp, &zone(app, scope).await?) {
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
    let mut typed = typed.into_inner();
    typed.put(typed.memory.taken());
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
        Err(error) if error.code == "stale" => {
            let view = clash(&app, &req, &allow, own(&app, scope, *id).await?, typed).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) if error.is_correctable() => {
            let errors = frame::form_errors(&error, &["text", "minutes", "notes", "when"]);
            let view = page(&app, &req, &allow, &entry, &typed, errors).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

/// The form with what was typed beside what was saved meanwhile.
async fn clash(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::LogsWrite>,
    entry: LogEntry,
    mut typed: Typed,
) -> Result<LogPage, AppError> {
    const FIELDS: [Named<'static>; 4] = [
        Named { name: "minutes", label: "Minutes" },
        Named { name: "when", label: "When" },
        Named { name: "notes", label: "What was said" },
        Named { name: "text", label: "Note" },
    ];
    let call = is_call(&entry);
    let mut stored = fresh(app, allow.scope(), &entry).await?;
    let mut mine = typed.texts(call);
    let sides = Sides {
        of: ("log", entry.id.to_string()),
        fields: &FIELDS,
        theirs: &stored.texts(call),
        memory: &typed.memory,
        say: &|name, value| if name == "when" { value.replace('T', " ") } else { value.to_owned() },
    };
    let conflict = meanwhile::conflict(app, allow.scope(), sides, &mut mine).await?;
    typed.put(mine);
    // Whoever has seen the other version may save over it.
    (typed.version, typed.memory) = (std::mem::take(&mut stored.version), stored.memory);
    let view = page(app, req, allow, &entry, &typed, FormErrors::none()).await?;
    Ok(LogPage { conflict: Some(conflict), ..view })
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
