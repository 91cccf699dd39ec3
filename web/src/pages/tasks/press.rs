//! The buttons of a task: done, to be done again, put off. Each names the version it was made from; where somebody else
//! changed the task since, both versions are shown.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::tasks::{Task, TaskChange, TasksError};
use crm_core::{TaskId, Timestamp};
use serde::Deserialize;

use super::{LISTS, row};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::{frame, local_time, meanwhile};
use crate::state::App;
use crate::views::conflict::{Conflict, Difference};
use crate::views::tasks::TaskChangedPage;
use crate::views::{Flash, Section};

/// When the day begins that something is put off to.
const MORNING: i8 = 9;

/// Where a form of a task came from, and the version it was made from.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct From {
    back: String,
    version: Option<i64>,
}

impl From {
    /// The dashboard, a list of tasks, or the contact it is about; nowhere else.
    fn path(&self, task: &Task) -> String {
        if self.back == "dashboard" {
            "/dashboard".to_owned()
        } else if let Some(list) = LISTS.iter().find(|list| list.0 == self.back) {
            list.2.to_owned()
        } else {
            format!("/contacts/{}", task.contact_id)
        }
    }
}

/// One form of a task.
struct Press<'a> {
    app: &'a App,
    req: &'a HttpRequest,
    allow: &'a Allow<rights::TasksWrite>,
    id: TaskId,
    /// The last part of its address.
    action: &'a str,
    from: &'a From,
}

impl Press<'_> {
    async fn change(
        self,
        change: TaskChange,
        said: impl FnOnce(&Task) -> Flash,
    ) -> Result<HttpResponse, AppError> {
        let tasks = &self.app.services.tasks;
        let scope = self.allow.scope();
        let task = match tasks.change(scope, self.id, self.from.version, change.clone()).await {
            Ok(changed) => changed.ok_or_else(AppError::not_found)?,
            Err(TasksError::Stale) => {
                let now = tasks.get(scope, self.id).await?.ok_or_else(AppError::not_found)?;
                let is_so = change.done.is_none_or(|done| done == now.done_at.is_some())
                    && change.due_at.is_none_or(|due| due == now.due_at);
                if !is_so {
                    return self.clash(now, &change).await;
                }
                now
            }
            Err(error) => return Err(error.into()),
        };
        Ok(frame::lead_to(self.app, &self.from.path(&task), Some(said(&task))))
    }

    /// What was wanted beside what somebody else made of the task meanwhile.
    async fn clash(self, now: Task, change: &TaskChange) -> Result<HttpResponse, AppError> {
        let (app, scope) = (self.app, self.allow.scope());
        let zone = app.services.accounts.workspace(scope).await?.time_zone;
        let due = |due: Option<Timestamp>| match due {
            Some(due) => format!("open, due {}", local_time::local(due, &zone).replace('T', " ")),
            None => "open, no date".to_owned(),
        };
        let is_done = change.done.unwrap_or(now.done_at.is_some());
        let mine =
            if is_done { "done".to_owned() } else { due(change.due_at.unwrap_or(now.due_at)) };
        let theirs = if now.done_at.is_some() { "done".to_owned() } else { due(now.due_at) };
        let row_now = Difference { label: now.title.clone(), yours: mine, theirs };
        let (who, at) = meanwhile::last(app, scope, "task", &now.id.to_string()).await?;
        let members = app.services.accounts.members(scope).await?;
        let moment = app.services.ctx.now();
        let view = TaskChangedPage {
            shell: frame::shell(app, self.req, self.allow, Section::Tasks, "Tasks").await?,
            action: self.action.to_owned(),
            conflict: Conflict {
                who,
                at,
                rows: vec![row_now],
                now: moment.to_string(),
                time_zone: zone,
                ..Conflict::default()
            },
            back: self.from.back.clone(),
            back_url: self.from.path(&now),
            task: row(now, None, &members, moment),
        };
        frame::page(app, self.req, StatusCode::CONFLICT, &view)
    }
}

pub(super) async fn done(
    allow: Allow<rights::TasksWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<TaskId>,
    from: Form<From>,
) -> Result<HttpResponse, AppError> {
    let done = TaskChange { done: Some(true), ..TaskChange::default() };
    let said = |task: &Task| {
        let undo = format!("/tasks/{}/reopen", task.id);
        Flash::ok(format!("“{}” is done.", task.title)).with_undo(undo, from.back.clone())
    };
    let (app, req, allow, from) = (&app, &req, &allow, &from);
    Press { app, req, allow, id: *id, action: "done", from }.change(done, said).await
}

pub(super) async fn reopen(
    allow: Allow<rights::TasksWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<TaskId>,
    from: Form<From>,
) -> Result<HttpResponse, AppError> {
    let open = TaskChange { done: Some(false), ..TaskChange::default() };
    let said = |task: &Task| Flash::ok(format!("“{}” is to be done again.", task.title));
    let (app, req, allow, from) = (&app, &req, &allow, &from);
    Press { app, req, allow, id: *id, action: "reopen", from }.change(open, said).await
}

/// The task waits until the morning so many days from now.
async fn put_off(press: Press<'_>, (days, until): (i64, &str)) -> Result<HttpResponse, AppError> {
    let services = &press.app.services;
    let zone = services.accounts.workspace(press.allow.scope()).await?.time_zone;
    let due_at = local_time::in_days(services.ctx.now(), &zone, days, MORNING);
    let later = TaskChange { due_at: Some(due_at), ..TaskChange::default() };
    let said = |task: &Task| Flash::ok(format!("“{}” waits until {until}.", task.title));
    press.change(later, said).await
}

pub(super) async fn tomorrow(
    allow: Allow<rights::TasksWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<TaskId>,
    from: Form<From>,
) -> Result<HttpResponse, AppError> {
    let (app, req, allow, from) = (&app, &req, &allow, &from);
    let press = Press { app, req, allow, id: *id, action: "tomorrow", from };
    put_off(press, (1, "tomorrow")).await
}

pub(super) async fn next_week(
    allow: Allow<rights::TasksWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<TaskId>,
    from: Form<From>,
) -> Result<HttpResponse, AppError> {
    let (app, req, allow, from) = (&app, &req, &allow, &from);
    let press = Press { app, req, allow, id: *id, action: "next-week", from };
    put_off(press, (7, "next week")).await
}
