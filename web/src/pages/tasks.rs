//! Follow-ups: the forms on a contact's page and on the dashboard.

use actix_web::web::{self, Data, Form, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::contacts::Contact;
use crm_contacts::tasks::{NewTask, Task, TaskChange, TaskFilter, TaskKind};
use crm_core::accounts::Member;
use crm_core::{ContactId, PageRequest, Scope, TaskId, Timestamp};
use serde::Deserialize;

use super::contacts;
use super::{frame, local_time};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::state::App;
use crate::views::Flash;
use crate::views::common::{Choice, FormErrors, Link};
use crate::views::tasks::{TaskForm, TaskRow};

/// Open tasks shown on a contact's page.
const ON_CONTACT: u64 = 50;
/// Tasks shown on the dashboard.
const TODAY: u64 = 7;
/// When the day begins that something is put off to.
const MORNING: i8 = 9;

/// `/tasks…`, `/contacts/{id}/tasks`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/contacts/{id}/tasks", web::post().to(create))
        .route("/tasks/{id}/done", web::post().to(done))
        .route("/tasks/{id}/tomorrow", web::post().to(put_off));
}

/// What was typed into the form of a new task.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    title: String,
    kind: TaskKind,
    due_at: String,
    assignee_id: String,
}

const fn kind_name(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Call => "Call",
        TaskKind::Email => "Email",
        TaskKind::Todo => "To do",
    }
}

/// The form for a new task, with what was typed.
pub(super) fn form(typed: &Typed, members: &[Member], errors: FormErrors) -> TaskForm {
    TaskForm {
        title: typed.title.clone(),
        kinds: TaskKind::ALL
            .into_iter()
            .map(|kind| Choice::new(kind.as_str(), kind_name(kind), kind == typed.kind))
            .collect(),
        due_at: typed.due_at.clone(),
        people: members
            .iter()
            .map(|member| {
                let id = member.user_id.to_string();
                Choice::new(id.clone(), &member.name, id == typed.assignee_id)
            })
            .collect(),
        errors,
    }
}

fn row(task: Task, contact: Option<&Contact>, members: &[Member], now: Timestamp) -> TaskRow {
    let assignee = members.iter().find(|member| Some(member.user_id) == task.assignee_id);
    TaskRow {
        id: task.id.to_string(),
        kind: task.kind.as_str().to_owned(),
        title: task.title,
        contact: contact
            .map(|contact| Link::new(contact.display_name(), format!("/contacts/{}", contact.id))),
        assignee: assignee.map(|member| member.name.clone()),
        overdue: task.due_at.is_some_and(|due| due < now),
        due_at: task.due_at.map(|due| due.to_string()),
    }
}

/// What is open about a contact, the most urgent first.
pub(super) async fn of_contact(
    app: &App,
    scope: &Scope,
    id: ContactId,
    members: &[Member],
) -> Result<Vec<TaskRow>, AppError> {
    let page = PageRequest { limit: ON_CONTACT, cursor: None };
    let filter =
        TaskFilter { contact_id: Some(id), done: Some(false), page, ..TaskFilter::default() };
    let found = app.services.tasks.list(scope, filter).await?;
    let now = app.services.ctx.now();
    Ok(found.items.into_iter().map(|task| row(task, None, members, now)).collect())
}

/// What is due until the end of the day, overdue first, and how much more there is.
pub(super) async fn today(
    app: &App,
    scope: &Scope,
    zone: &str,
    members: &[Member],
) -> Result<(Vec<TaskRow>, u64), AppError> {
    let now = app.services.ctx.now();
    let page = PageRequest { limit: TODAY, cursor: None };
    let filter = TaskFilter {
        due_before: local_time::tomorrow(now, zone, 0),
        done: Some(false),
        page,
        ..TaskFilter::default()
    };
    let found = app.services.tasks.list(scope, filter).await?;
    let total = found.total;
    let mut rows = Vec::new();
    for task in found.items {
        let contact = app.services.contacts.get(scope, task.contact_id).await?;
        rows.push(row(task, contact.as_ref(), members, now));
    }
    let shown = u64::try_from(rows.len()).unwrap_or(total);
    Ok((rows, total.saturating_sub(shown)))
}

async fn create(
    allow: Allow<rights::TasksWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ContactId>,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    match write(&app, allow.scope(), *id, &typed).await {
        Ok(task) => {
            let said = Flash::ok(format!("“{}” is written down.", task.title));
            Ok(frame::lead_to(&app, &format!("/contacts/{id}"), Some(said)))
        }
        Err(error) if error.is_correctable() => {
            contacts::task_again(&app, &req, &allow, *id, &error, &typed).await
        }
        Err(error) => Err(error),
    }
}

async fn write(app: &App, scope: &Scope, id: ContactId, typed: &Typed) -> Result<Task, AppError> {
    let zone = app.services.accounts.workspace(scope).await?.time_zone;
    let due_at = match typed.due_at.trim() {
        "" => None,
        local => Some(local_time::moment("due_at", local, &zone)?),
    };
    let assignee_id = match typed.assignee_id.as_str() {
        "" => None,
        id => {
            let nobody =
                |_| AppError::invalid("assignee_id", "this person is no member of the workspace");
            Some(id.parse().map_err(nobody)?)
        }
    };
    let new = NewTask {
        contact_id: id,
        assignee_id,
        kind: typed.kind,
        title: typed.title.clone(),
        due_at,
    };
    Ok(app.services.tasks.create(scope, new).await?)
}

/// Where a form of a task came from.
#[derive(Deserialize, Default)]
#[serde(default)]
struct From {
    back: String,
}

impl From {
    /// The dashboard, or the contact it is about; nowhere else.
    fn path(&self, task: &Task) -> String {
        if self.back == "dashboard" {
            "/dashboard".to_owned()
        } else {
            format!("/contacts/{}", task.contact_id)
        }
    }
}

async fn change(
    app: &App,
    scope: &Scope,
    id: TaskId,
    change: TaskChange,
    from: &From,
    said: impl FnOnce(&Task) -> String,
) -> Result<HttpResponse, AppError> {
    let changed = app.services.tasks.change(scope, id, None, change).await?;
    let task = changed.ok_or_else(AppError::not_found)?;
    Ok(frame::lead_to(app, &from.path(&task), Some(Flash::ok(said(&task)))))
}

async fn done(
    allow: Allow<rights::TasksWrite>,
    app: Data<App>,
    id: Path<TaskId>,
    from: Form<From>,
) -> Result<HttpResponse, AppError> {
    let done = TaskChange { done: Some(true), ..TaskChange::default() };
    let said = |task: &Task| format!("“{}” is done.", task.title);
    change(&app, allow.scope(), *id, done, &from, said).await
}

async fn put_off(
    allow: Allow<rights::TasksWrite>,
    app: Data<App>,
    id: Path<TaskId>,
    from: Form<From>,
) -> Result<HttpResponse, AppError> {
    let zone = app.services.accounts.workspace(allow.scope()).await?.time_zone;
    let due_at = local_time::tomorrow(app.services.ctx.now(), &zone, MORNING);
    let later = TaskChange { due_at: Some(due_at), ..TaskChange::default() };
    let said = |task: &Task| format!("“{}” waits until tomorrow.", task.title);
    change(&app, allow.scope(), *id, later, &from, said).await
}
