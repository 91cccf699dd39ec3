//! `POST /api/contacts/bulk/select`, `POST /api/contacts/bulk`, `GET /api/contacts/bulk/:id`, `POST /api/contacts/bulk/:id/undo`

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use crm_contacts::bulk::{Action, Bulk, Filter, Selection, State};
use crm_contacts::contacts::CustomValue;
use crm_contacts::merge::Choice;
use crm_core::{BulkId, ContactId, ListId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

/// What is done to each contact.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BulkAction)]
enum Verb {
    /// Move to the stage `list_id`.
    Move,
    /// Give the tag `list_id`.
    Tag,
    /// Take the tag `list_id` away.
    Untag,
    /// Give `field` the value `value`.
    Set,
    /// Put into the trash.
    Delete,
    /// Merge into `target_id`.
    Merge,
}

/// Which contacts a filter finds: the filter itself, or what `select` signed.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = BulkScope)]
enum Which {
    /// A token of `select`: filter and count.
    Token(String),
    /// The filter itself.
    Filter(Filter),
}

/// Name either `ids` or a `filter`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulkInput)]
pub(super) struct Body {
    action: Verb,
    #[serde(default)]
    ids: Option<Vec<ContactId>>,
    #[serde(default)]
    filter: Option<Which>,
    /// How many contacts the filter must find, or nothing is done.
    #[serde(default)]
    count: Option<u64>,
    /// The list of `move`, `tag` and `untag`.
    #[serde(default)]
    list_id: Option<ListId>,
    /// The field of `set`: `company`, `owner_id`, `value_minor` or `custom.<field>`.
    #[serde(default)]
    field: Option<String>,
    /// The value of `set`; `null` empties the field.
    #[serde(default)]
    value: Option<CustomValue>,
    /// The contact that stays, of `merge`.
    #[serde(default)]
    target_id: Option<ContactId>,
    /// Which values it has, of `merge`.
    #[serde(default)]
    resolution: BTreeMap<String, Choice>,
}

impl Body {
    fn action(&self) -> Result<Action, AppError> {
        let missing = |field: &str| AppError::invalid(field, format!("{field} is missing"));
        let list = || self.list_id.ok_or_else(|| missing("list_id"));
        Ok(match self.action {
            Verb::Move => Action::Move { list_id: list()? },
            Verb::Tag => Action::Tag { list_id: list()? },
            Verb::Untag => Action::Untag { list_id: list()? },
            Verb::Set => Action::Set {
                field: self.field.clone().ok_or_else(|| missing("field"))?,
                value: self.value.clone(),
            },
            Verb::Delete => Action::Delete,
            Verb::Merge => Action::Merge {
                target_id: self.target_id.ok_or_else(|| missing("target_id"))?,
                resolution: self.resolution.clone(),
            },
        })
    }

    fn selection(self) -> Result<Selection, AppError> {
        match (self.ids, self.filter) {
            (Some(ids), None) => Ok(Selection::Ids(ids)),
            (None, Some(Which::Token(token))) => Ok(Selection::Token(token)),
            (None, Some(Which::Filter(filter))) => Ok(Selection::Filter(filter, self.count)),
            (None, None) => {
                Err(AppError::invalid("ids", "name the contacts by ids or by a filter"))
            }
            (Some(_), Some(_)) => Err(AppError::invalid("ids", "send either ids or a filter")),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Bulk)]
struct View {
    id: BulkId,
    action: &'static str,
    state: State,
    /// Contacts selected.
    total: u64,
    /// Contacts gone through.
    done: u64,
    /// Contacts changed; the others were as wanted already, or gone.
    changed: u64,
    /// Contacts put back.
    undone: u64,
    user_id: Option<UserId>,
    error: Option<String>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
}

impl From<Bulk> for View {
    fn from(bulk: Bulk) -> Self {
        Self {
            id: bulk.id,
            action: bulk.action.as_str(),
            state: bulk.state,
            total: bulk.total,
            done: bulk.done,
            changed: bulk.changed,
            undone: bulk.undone,
            user_id: bulk.user_id,
            error: bulk.error,
            created_at: bulk.created_at,
            finished_at: bulk.finished_at,
        }
    }
}

/// 200 with what is over, 202 with what goes on.
fn told(app: &App, bulk: Bulk) -> HttpResponse {
    let status = if bulk.state.is_going_on() {
        (app.poke)();
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    };
    answer::with(status, View::from(bulk))
}

#[derive(Serialize, ToSchema)]
#[schema(as = BulkSelection)]
struct SelectedView {
    /// To be sent as `filter`.
    token: String,
    count: u64,
    /// Names of the first five.
    sample: Vec<String>,
}

/// Counts what a filter finds and signs filter and count, for an action that is refused when the count has changed.
#[utoipa::path(
    post,
    path = "/api/contacts/bulk/select",
    operation_id = "select_contacts",
    tag = "contacts",
    request_body = Filter,
    responses((status = 200, body = answer::One<SelectedView>)),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn select(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    body: Json<Filter>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.bulk.select(allow.scope(), body.into_inner()).await?;
    Ok(answer::ok(SelectedView { token: found.token, count: found.count, sample: found.sample }))
}

/// Does one thing to many contacts: up to 200 at once, more as a job.
#[utoipa::path(
    post,
    path = "/api/contacts/bulk",
    operation_id = "change_contacts",
    tag = "contacts",
    request_body = Body,
    responses(
        (status = 200, body = answer::One<View>, description = "It is done"),
        (status = 202, body = answer::One<View>, description = "It goes on as a job"),
    ),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn start(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    let action = body.action()?;
    let bulk = app.services.bulk.start(allow.scope(), action, body.selection()?).await?;
    Ok(told(&app, bulk))
}

/// How far an action is.
#[utoipa::path(
    get,
    path = "/api/contacts/bulk/{id}",
    operation_id = "get_bulk",
    tag = "contacts",
    params(("id" = BulkId, Path, description = "The action")),
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("contacts:read"))),
)]
pub(super) async fn get(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    id: Path<BulkId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.bulk.get(allow.scope(), *id).await?;
    Ok(answer::ok(View::from(found.ok_or_else(AppError::not_found)?)))
}

/// Puts every contact back that is still as the action left it.
#[utoipa::path(
    post,
    path = "/api/contacts/bulk/{id}/undo",
    operation_id = "undo_bulk",
    tag = "contacts",
    params(("id" = BulkId, Path, description = "The action")),
    responses(
        (status = 200, body = answer::One<View>, description = "It is undone"),
        (status = 202, body = answer::One<View>, description = "It goes on as a job"),
    ),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn undo(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<BulkId>,
) -> Result<HttpResponse, AppError> {
    let bulk = app.services.bulk.undo(allow.scope(), *id).await?;
    Ok(told(&app, bulk))
}
