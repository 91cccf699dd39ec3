//! `/lists`: the stages of the pipeline, and tags.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Form, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::board::BoardFilter;
use crm_contacts::lists::{List, ListsError, NewList};
use crm_core::{ListId, Permission};
use serde::Deserialize;

use super::contacts::convert::{color, stage};
use super::frame;
use super::meanwhile::{self, Memory, Named, Sides, Texts};
use super::pipeline::days;
use crate::error::AppError;
use crate::extract::{Allow, Right, rights};
use crate::state::App;
use crate::views::lists::{ListForm, ListRow, ListsPage, RefusedList};
use crate::views::{Flash, Section};

/// The colours in their order, as the form calls them.
const COLORS: [&str; 8] = ["Red", "Orange", "Yellow", "Green", "Teal", "Blue", "Violet", "Pink"];

/// `/lists…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/lists").route(web::get().to(show)).route(web::post().to(create)))
        .route("/lists/{id}/move", web::post().to(shift))
        .route("/lists/{id}/delete", web::post().to(delete))
        .route("/lists/{id}", web::post().to(save));
}

async fn show(
    allow: Allow<rights::ListsRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let view = page(&app, &req, &allow).await?;
    frame::ok(&app, &req, &view)
}

async fn page<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
) -> Result<ListsPage, AppError> {
    let lists = app.services.lists.all(allow.scope()).await?;
    let stays = app.services.board.stays(allow.scope(), &BoardFilter::default()).await?;
    let row = |list: &List| ListRow {
        id: list.id.to_string(),
        name: list.name.clone(),
        color: color(list.color),
        step: stage(&lists, list).step,
        people: list.contacts,
        days: stays.get(&list.id).copied().map(days),
        version: list.version,
        seen: meanwhile::written(&texts(&list.name, list.color)),
    };
    Ok(ListsPage {
        shell: frame::shell(app, req, allow, Section::Lists, "Lists").await?,
        stages: lists.iter().filter(|list| list.is_primary).map(row).collect(),
        tags: lists.iter().filter(|list| !list.is_primary).map(row).collect(),
        new_stage: ListForm::default(),
        new_tag: ListForm::default(),
        refused: None,
        may_write: allow.scope().allows(Permission::ListsWrite),
    })
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    name: String,
    #[serde(default)]
    is_primary: bool,
    #[serde(default)]
    color: Option<i64>,
    /// The version a form was made from; a list that is added has none.
    #[serde(default)]
    version: Option<i64>,
    #[serde(default)]
    seen: String,
    #[serde(default)]
    take: String,
    #[serde(default)]
    differs: String,
}

impl Typed {
    fn memory(&self) -> Memory {
        let (seen, take, differs) = (self.seen.clone(), self.take.clone(), self.differs.clone());
        Memory { seen, take, differs }
    }

    /// Other values for some inputs.
    fn put(&mut self, mut texts: Texts) {
        if let Some(name) = texts.remove("name") {
            self.name = name;
        }
        if let Some(color) = texts.remove("color") {
            self.color = color.parse().ok();
        }
    }
}

/// What the form of a list is filled with.
fn texts(name: &str, color: i64) -> Texts {
    [("name", name.to_owned()), ("color", color.to_string())]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

async fn create(
    allow: Allow<rights::ListsWrite>,
    app: Data<App>,
    req: HttpRequest,
    form: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let typed = form.into_inner();
    let new = NewList {
        name: typed.name.clone(),
        is_primary: typed.is_primary,
        color: typed.color,
        position: None,
    };
    match app.services.lists.create(allow.scope(), new).await.map_err(AppError::from) {
        Ok(list) => {
            let said = Flash::ok(format!("{} is added.", list.name));
            Ok(frame::lead_to(&app, "/lists", Some(said)))
        }
        Err(error) if error.is_correctable() => {
            let mut view = page(&app, &req, &allow).await?;
            let again = ListForm {
                name: typed.name,
                color: typed.color.map_or(6, color),
                errors: frame::form_errors(&error, &["name", "color"]),
            };
            let form = if typed.is_primary { &mut view.new_stage } else { &mut view.new_tag };
            *form = again;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

async fn find(app: &App, allow: &Allow<rights::ListsWrite>, id: ListId) -> Result<List, AppError> {
    app.services.lists.get(allow.scope(), id).await?.ok_or_else(AppError::not_found)
}

async fn save(
    allow: Allow<rights::ListsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ListId>,
    form: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let list = find(&app, &allow, *id).await?;
    let mut typed = form.into_inner();
    typed.put(typed.memory().taken());
    let change = NewList {
        name: typed.name.clone(),
        is_primary: list.is_primary,
        color: typed.color.or(Some(list.color)),
        position: None,
    };
    match app.services.lists.update(allow.scope(), *id, typed.version, change).await {
        Err(ListsError::Stale) => {
            let list = find(&app, &allow, *id).await?;
            clash(&app, &req, &allow, &list, typed).await
        }
        changed => {
            let outcome = changed.map(|_| ()).map_err(AppError::from);
            done(&app, &req, &allow, (&list, Some(&typed)), outcome, "Saved.").await
        }
    }
}

/// The page with what was typed beside what somebody else saved meanwhile.
async fn clash(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ListsWrite>,
    list: &List,
    typed: Typed,
) -> Result<HttpResponse, AppError> {
    const FIELDS: [Named<'static>; 2] =
        [Named { name: "name", label: "Name" }, Named { name: "color", label: "Colour" }];
    let mut mine = texts(&typed.name, typed.color.unwrap_or(list.color));
    let sides = Sides {
        of: ("list", list.id.to_string()),
        fields: &FIELDS,
        theirs: &texts(&list.name, list.color),
        memory: &typed.memory(),
        say: &|name, value| match value.parse::<usize>() {
            Ok(number) if name == "color" => {
                COLORS.get(number.saturating_sub(1)).copied().unwrap_or_default().to_owned()
            }
            _ => value.to_owned(),
        },
    };
    let conflict = meanwhile::conflict(app, allow.scope(), sides, &mut mine).await?;
    let mut again = Typed { name: String::new(), color: None, ..typed };
    again.put(mine);
    let mut view = page(app, req, allow).await?;
    view.refused = Some(RefusedList {
        id: list.id.to_string(),
        name: again.name,
        color: again.color.map_or(6, color),
        message: String::new(),
        version: list.version,
        seen: meanwhile::written(&texts(&list.name, list.color)),
        conflict: Some(conflict),
    });
    frame::page(app, req, StatusCode::CONFLICT, &view)
}

/// One place up or down.
#[derive(Deserialize)]
struct Shift {
    direction: Direction,
}

/// Where something in an order goes.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    Up,
    Down,
}

impl Direction {
    /// The next place that way.
    pub(super) const fn from(self, position: i64) -> i64 {
        match self {
            Self::Up if position > 1 => position - 1,
            Self::Up => position,
            Self::Down => position + 1,
        }
    }
}

async fn shift(
    allow: Allow<rights::ListsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ListId>,
    form: Form<Shift>,
) -> Result<HttpResponse, AppError> {
    let list = find(&app, &allow, *id).await?;
    let change = NewList {
        name: list.name.clone(),
        is_primary: list.is_primary,
        color: Some(list.color),
        position: Some(form.direction.from(list.position)),
    };
    let changed = app.services.lists.update(allow.scope(), *id, Some(list.version), change).await;
    let said = format!("{} is moved.", list.name);
    done(&app, &req, &allow, (&list, None), changed.map(|_| ()).map_err(AppError::from), &said)
        .await
}

async fn delete(
    allow: Allow<rights::ListsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ListId>,
) -> Result<HttpResponse, AppError> {
    let list = find(&app, &allow, *id).await?;
    let deleted = app.services.lists.delete(allow.scope(), *id).await;
    let said = format!("{} is deleted.", list.name);
    done(&app, &req, &allow, (&list, None), deleted.map(|_| ()).map_err(AppError::from), &said)
        .await
}

/// Back to the lists, or the page with why one of them stays as it is.
async fn done(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ListsWrite>,
    (list, typed): (&List, Option<&Typed>),
    outcome: Result<(), AppError>,
    said: &str,
) -> Result<HttpResponse, AppError> {
    match outcome {
        Ok(()) => Ok(frame::lead_to(app, "/lists", Some(Flash::ok(said)))),
        Err(error) if error.is_correctable() => {
            let mut view = page(app, req, allow).await?;
            view.refused = Some(RefusedList {
                id: list.id.to_string(),
                name: typed.map_or(&list.name, |typed| &typed.name).clone(),
                color: typed.and_then(|typed| typed.color).map_or(color(list.color), color),
                message: frame::sentence(&error.message),
                version: typed.and_then(|typed| typed.version).unwrap_or(list.version),
                seen: typed.map(|typed| typed.seen.clone()).unwrap_or_default(),
                conflict: None,
            });
            frame::again(app, req, &error, &view)
        }
        Err(error) => Err(error),
    }
}
