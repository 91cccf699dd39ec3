//! `/settings/workspaces`: where the person belongs; making, showing and leaving workspaces.

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::accounts::{Entry, Membership, NewWorkspace, Workspace};
use crm_core::{Scope, WorkspaceId};
use serde::Deserialize;

use crate::error::AppError;
use crate::extract::SignedIn;
use crate::pages::frame;
use crate::state::App;
use crate::views::common::FormErrors;
use crate::views::team::{NoWorkspacePage, WorkspaceRow, WorkspacesPage};
use crate::views::{Flash, Section};

const HERE: &str = "/settings/workspaces";

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
}

pub(super) async fn show(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    page(&app, &req, &caller, None, "").await
}

/// The page with what was typed; with an error, the answer has its status.
async fn page(
    app: &App,
    req: &HttpRequest,
    caller: &SignedIn,
    error: Option<&AppError>,
    name: &str,
) -> Result<HttpResponse, AppError> {
    let errors = error.map_or_else(FormErrors::none, |error| frame::form_errors(error, &["name"]));
    let name = name.to_owned();
    // Somebody who was taken out of their last workspace needs a way on, without a frame around it.
    let Entry::Entered(scope) = &caller.identity.entry else {
        let mut door = frame::door(app, req);
        door.csrf_token.clone_from(&caller.identity.csrf_token);
        let email = caller.identity.user.email.clone();
        return answer(app, req, error, &NoWorkspacePage { door, email, name, errors });
    };
    let mine = app.services.accounts.memberships(caller.identity.user.id).await?;
    let title = "Workspaces".to_owned();
    let shell = frame::build(app, req, &caller.identity, scope, Section::Settings, title).await?;
    let rows = mine.into_iter().map(|one| row(scope, one)).collect();
    answer(app, req, error, &WorkspacesPage { shell, rows, name, errors })
}

fn answer<V: crate::views::View>(
    app: &App,
    req: &HttpRequest,
    error: Option<&AppError>,
    view: &V,
) -> Result<HttpResponse, AppError> {
    match error {
        Some(error) => frame::again(app, req, error, view),
        None => frame::ok(app, req, view),
    }
}

fn row(scope: &Scope, membership: Membership) -> WorkspaceRow {
    WorkspaceRow {
        id: membership.workspace.id.to_string(),
        is_current: membership.workspace.id == scope.workspace_id(),
        name: membership.workspace.name,
        role: frame::role_name(membership.role).to_owned(),
    }
}

pub(super) async fn create(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    match make(&app, &caller, &typed.name).await {
        Ok(made) => {
            let said = format!("{} is ready. Check its time zone and currency.", made.name);
            show_it(&app, made.id, "/settings/workspace", &said)
        }
        Err(mut error) if error.is_correctable() => {
            if let Some(problem) = error.fields.remove("workspace_name") {
                error.fields.insert("name".to_owned(), problem);
            }
            page(&app, &req, &caller, Some(&error), &typed.name).await
        }
        Err(error) => Err(error),
    }
}

/// A new workspace counts and tells the time as the one shown now, until somebody says otherwise.
async fn make(app: &App, caller: &SignedIn, name: &str) -> Result<Workspace, AppError> {
    let mut new = NewWorkspace::named(name);
    if let Entry::Entered(scope) = &caller.identity.entry {
        let like = app.services.accounts.workspace(scope).await?;
        new.currency = like.currency;
        new.default_region = like.default_region;
        new.time_zone = like.time_zone;
    }
    Ok(app.services.accounts.create_workspace(&caller.actor, new).await?)
}

/// Leads to a page of another workspace, which the pages show from now on.
fn show_it(app: &App, id: WorkspaceId, path: &str, said: &str) -> Result<HttpResponse, AppError> {
    let mut answer = frame::lead_to(app, path, Some(Flash::ok(said)));
    answer.add_cookie(&frame::workspace_cookie(app, id)).map_err(AppError::internal)?;
    Ok(answer)
}

async fn enter(app: &App, caller: &SignedIn, id: WorkspaceId) -> Result<Scope, AppError> {
    let address = caller.actor.ip_address.clone();
    match app.services.accounts.enter(caller.identity.user.id, Some(id), address).await? {
        Entry::Entered(scope) => Ok(scope),
        Entry::Choose | Entry::Nowhere => Err(AppError::not_found()),
    }
}

pub(super) async fn switch(
    caller: SignedIn,
    app: Data<App>,
    id: Path<WorkspaceId>,
) -> Result<HttpResponse, AppError> {
    let scope = enter(&app, &caller, *id).await?;
    let name = app.services.accounts.workspace(&scope).await?.name;
    show_it(&app, *id, "/dashboard", &format!("This is {name}."))
}

pub(super) async fn leave(
    caller: SignedIn,
    app: Data<App>,
    id: Path<WorkspaceId>,
) -> Result<HttpResponse, AppError> {
    let scope = enter(&app, &caller, *id).await?;
    let me = caller.identity.user.id;
    let left = app.services.accounts.remove_member(&scope, me).await.map_err(AppError::from);
    let said = match left {
        Ok(()) => Flash::ok("You have left the workspace."),
        Err(error) if error.is_correctable() => Flash::bad(frame::sentence(&error.message)),
        Err(error) => return Err(error),
    };
    Ok(frame::lead_to(&app, HERE, Some(said)))
}
