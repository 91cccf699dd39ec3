//! Follow-ups: `/tasks`, and the forms there, on a contact's page and on the dashboard.

use actix_web::web::{self, Data, Form, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::contacts::Contact;
use crm_contacts::tasks::{NewTask, Task, TaskFilter, TaskKind};
use crm_core::accounts::Member;
use crm_core::{ContactId, Cursor, PageRequest, Permission, Scope, Timestamp};
use serde::Deserialize;

use super::contacts;
use super::{frame, local_time};
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, rights};
use crate::state::App;
use crate::views::common::{Choice, FormErrors, Link, Pager, Tab};
use crate::views::tasks::{TaskForm, TaskRow, TasksPage};
use crate::views::{Flash, Section};

mod press;

/// Open tasks shown on a contact's page.
const ON_CONTACT: u64 = 50;
/// Tasks shown on the dashboard.
const TODAY: u64 = 7;

/// `/tasks…`, `/contacts/{id}/tasks`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/tasks", web::get().to(all))
        .route("/contacts/{id}/tasks", web::post().to(create))
        .route("/tasks/{id}/done", web::post().to(press::done))
        .route("/tasks/{id}/reopen", web::post().to(press::reopen))
        .route("/tasks/{id}/tomorrow", web::post().to(press::tomorrow))
        .route("/tasks/{id}/next-week", web::post().to(press::next_week));
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
        overdue: task.done_at.is_none() && task.due_at.is_some_and(|due| due < now),
        due_at: task.due_at.map(|due| due.to_string()),
        done_at: task.done_at.map(|done| done.to_string()),
        version: task.version,
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
        due_before: local_time::in_days(now, zone, 1, 0),
        done: Some(false),
        page,
        ..TaskFilter::default()
    };
    let found = app.services.tasks.list(scope, filter).await?;
    let total = found.total;
    let rows = with_contacts(app, scope, found.items, members, now).await?;
    let shown = u64::try_from(rows.len()).unwrap_or(total);
    Ok((rows, total.saturating_sub(shown)))
}

/// Tasks with whom they are about.
async fn with_contacts(
    app: &App,
    scope: &Scope,
    tasks: Vec<Task>,
    members: &[Member],
    now: Timestamp,
) -> Result<Vec<TaskRow>, AppError> {
    let ids: Vec<ContactId> = tasks.iter().map(|task| task.contact_id).collect();
    let contacts = app.services.contacts.get_many(scope, &ids).await?;
    let rows = tasks.into_iter().map(|task| {
        let contact = contacts.iter().find(|contact| contact.id == task.contact_id);
        row(task, contact, members, now)
    });
    Ok(rows.collect())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Params {
    /// `me` for what the person who looks is to do.
    who: String,
    /// `true` for what is done.
    done: String,
    cursor: Option<String>,
}

impl Params {
    /// The word of this list: what forms on it say in `back`.
    fn word(&self) -> &'static str {
        match (self.done.as_str(), self.who.as_str()) {
            ("true", _) => "done",
            (_, "me") => "mine",
            _ => "tasks",
        }
    }
}

/// The lists there are: the word in `back`, name, address.
const LISTS: [(&str, &str, &str); 3] = [
    ("tasks", "Everybody's", "/tasks"),
    ("mine", "Mine", "/tasks?who=me"),
    ("done", "Done", "/tasks?done=true"),
];

async fn all(
    allow: Allow<rights::TasksRead>,
    app: Data<App>,
    req: HttpRequest,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let word = params.word();
    let filter = TaskFilter {
        assignee_id: scope.user_id().filter(|_| word == "mine"),
        done: Some(word == "done"),
        page: PageQuery { limit: None, cursor: params.cursor.clone() }.request()?,
        ..TaskFilter::default()
    };
    let found = app.services.tasks.list(scope, filter).await?;
    let members = app.services.accounts.members(scope).await?;
    let here = LISTS.iter().find(|(list, _, _)| *list == word).map_or("/tasks", |list| list.2);
    let join = if here.contains('?') { '&' } else { '?' };
    let url = |cursor: &Option<Cursor>| {
        cursor.as_ref().map(|cursor| format!("{here}{join}cursor={}", cursor.encode()))
    };
    let pager = Pager {
        shown: u64::try_from(found.items.len()).unwrap_or_default(),
        total: found.total,
        total_exact: found.total_exact,
        first_url: found.previous.as_ref().map(|_| here.to_owned()),
        prev_url: url(&found.previous),
        next_url: url(&found.next),
    };
    let tabs = LISTS.iter().map(|(list, label, url)| Tab {
        label: (*label).to_owned(),
        url: (*url).to_owned(),
        count: None,
        current: *list == word,
    });
    let now = app.services.ctx.now();
    let view = TasksPage {
        shell: frame::shell(&app, &req, &allow, Section::Tasks, "Tasks").await?,
        tabs: tabs.collect(),
        rows: with_contacts(&app, scope, found.items, &members, now).await?,
        back: word.to_owned(),
        may_write: scope.allows(Permission::TasksWrite),
        done: word == "done",
        pager,
    };
    frame::ok(&app, &req, &view)
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
