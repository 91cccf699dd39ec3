//! `/pipeline`: the board, and moving a card on it.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::web::{self, Data, Form, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::board::{self, BoardFilter, BoardOrder, Total};
use crm_contacts::lists::List;
use crm_core::accounts::Member;
use crm_core::{ContactId, Cursor, ListId, Page, PageRequest, Permission, Scope, Timestamp};
use serde::Deserialize;

use super::contacts::convert;
use super::{errors, frame};
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, rights};
use crate::state::App;
use crate::views::common::{Choice, Link};
use crate::views::pipeline::{Card, Column, MovePage, PipelinePage};
use crate::views::{Flash, Section};

/// Cards of a column shown at once.
const CARDS: u64 = 20;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// `/pipeline…`
pub fn routes(config: &mut ServiceConfig) {
    config.route("/pipeline", web::get().to(show)).service(
        web::resource("/pipeline/{id}/move")
            .route(web::get().to(choose))
            .route(web::post().to(carry_out)),
    );
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Params {
    q: String,
    /// `me` for those the person who looks cares for.
    owner: String,
    tag: String,
    /// `longest` for those who have been in their stage for longest.
    order: String,
    stage: String,
    cursor: Option<String>,
}

impl Params {
    fn filter(&self, scope: &Scope) -> BoardFilter {
        BoardFilter {
            search: self.q.clone(),
            owner_id: scope.user_id().filter(|_| self.owner == "me"),
            tag: self.tag.parse().ok(),
        }
    }

    fn order(&self) -> BoardOrder {
        if self.order == "longest" { BoardOrder::LongestFirst } else { BoardOrder::NewestFirst }
    }

    /// The board with these filters, and with one column from a place on.
    fn url(&self, place: Option<(ListId, &Cursor)>) -> String {
        let encode = errors::serde_urlencode;
        let filters =
            [("q", &self.q), ("owner", &self.owner), ("tag", &self.tag), ("order", &self.order)];
        let set = filters.into_iter().filter(|(_, value)| !value.is_empty());
        let mut query: Vec<String> =
            set.map(|(name, value)| format!("{name}={}", encode(value))).collect();
        if let Some((stage, cursor)) = place {
            query.push(format!("stage={stage}&cursor={}", cursor.encode()));
        }
        if query.is_empty() {
            "/pipeline".to_owned()
        } else {
            format!("/pipeline?{}", query.join("&"))
        }
    }
}

/// Whole days of a stay.
pub(super) const fn days(stay: Duration) -> u64 {
    stay.as_secs() / 86_400
}

fn card(card: board::Card, members: &[Member], now: Timestamp) -> Card {
    let owner = members.iter().find(|member| Some(member.user_id) == card.owner_id);
    let due = card.next.as_ref().and_then(|task| task.due_at);
    Card {
        id: card.id.to_string(),
        company: if card.company == card.name { String::new() } else { card.company },
        name: card.name,
        value_minor: card.value_minor,
        overdue: due.is_some_and(|due| due < now),
        next: card.next.map(|task| task.title),
        since: card.since.to_string(),
        days: (now.unix_millis() - card.since.unix_millis()).max(0) / DAY,
        owner: owner.map(|member| member.name.clone()),
        owner_id: owner.map(|member| member.user_id.to_string()).unwrap_or_default(),
    }
}

/// One column from the cards of a page.
fn column(
    params: &Params,
    lists: &[List],
    list: &List,
    total: Total,
    page: Page<board::Card>,
    (members, now): (&[Member], Timestamp),
) -> Column {
    let shown = u64::try_from(page.items.len()).unwrap_or_default();
    Column {
        stage: convert::stage(lists, list),
        people: total.contacts,
        value_minor: total.value_minor,
        more_url: page.next.as_ref().map(|next| params.url(Some((list.id, next)))),
        more: total.contacts.saturating_sub(shown).min(CARDS),
        first_url: page.previous.as_ref().map(|_| params.url(None)),
        days: None,
        cards: page.items.into_iter().map(|one| card(one, members, now)).collect(),
    }
}

async fn show(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    req: HttpRequest,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let services = &app.services;
    let filter = params.filter(scope);
    let lists = services.lists.all(scope).await?;
    let totals: HashMap<ListId, Total> = if filter.is_empty() {
        // The lists were counted already.
        let of = |list: &List| Total { contacts: list.contacts, value_minor: list.value_minor };
        lists.iter().map(|list| (list.id, of(list))).collect()
    } else {
        services.board.totals(scope, &filter).await?
    };
    let stays = services.board.stays(scope, &filter).await?;
    let members = services.accounts.members(scope).await?;
    let now = services.ctx.now();
    let begin: Option<ListId> = params.stage.parse().ok();
    let mut columns = Vec::new();
    for list in lists.iter().filter(|list| list.is_primary) {
        let total = totals.get(&list.id).copied().unwrap_or_default();
        let cursor = params.cursor.clone().filter(|_| begin == Some(list.id));
        let page = PageQuery { limit: Some(CARDS), cursor }.request()?;
        let page = if total.contacts == 0 {
            nothing()
        } else {
            services.board.cards(scope, list.id, &filter, params.order(), page).await?
        };
        let mut made = column(&params, &lists, list, total, page, (&members, now));
        made.days = stays.get(&list.id).copied().map(days);
        columns.push(made);
    }
    let choice =
        |value: &str, label: &str, chosen: &str| Choice::new(value, label, value == chosen);
    let tags = lists.iter().filter(|list| !list.is_primary);
    let view = PipelinePage {
        shell: frame::shell(&app, &req, &allow, Section::Pipeline, "Pipeline").await?,
        people: columns.iter().map(|column| column.people).sum(),
        value_minor: columns.iter().fold(0, |sum, column| column.value_minor.saturating_add(sum)),
        columns,
        q: params.q.clone(),
        owners: vec![
            choice("", "Everybody's contacts", &params.owner),
            choice("me", "My contacts", &params.owner),
        ],
        tags: tags.map(|tag| choice(&tag.id.to_string(), &tag.name, &params.tag)).collect(),
        orders: vec![
            choice("", "Newest in stage first", &params.order),
            choice("longest", "Longest in stage first", &params.order),
        ],
        filtered: !filter.is_empty(),
        back: params.url(None),
        may_move: scope.allows(Permission::ContactsWrite),
    };
    frame::ok(&app, &req, &view)
}

/// The page of a column that is empty.
fn nothing() -> Page<board::Card> {
    let limit = PageRequest::default().limit();
    Page { items: Vec::new(), total: 0, total_exact: true, limit, next: None, previous: None }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Back {
    back: String,
}

/// The board a move leads back to.
fn back_to(back: &str) -> &str {
    let board = back == "/pipeline" || back.starts_with("/pipeline?");
    if board { frame::local_path(back, "/pipeline") } else { "/pipeline" }
}

async fn choose(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ContactId>,
    query: Query<Back>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let contact = convert::find(&app, scope, *id).await?;
    let lists = app.services.lists.all(scope).await?;
    let current = contact.lists.iter().find(|list| list.is_primary);
    let name = contact.display_name();
    let stages = lists.iter().filter(|list| list.is_primary);
    let view = MovePage {
        shell: frame::shell(&app, &req, &allow, Section::Pipeline, format!("Move {name}")).await?,
        contact: Link::new(name, format!("/contacts/{id}")),
        id: id.to_string(),
        stages: stages.map(|list| convert::stage(&lists, list)).collect(),
        current: current.map(|list| list.id.to_string()).unwrap_or_default(),
        back: back_to(&query.back).to_owned(),
    };
    frame::ok(&app, &req, &view)
}

#[derive(Deserialize)]
struct Move {
    list_id: ListId,
    #[serde(default)]
    back: String,
}

/// Moves a card. The board's script asks for a part and gets 204, or the reason as a sentence; a form is led back.
async fn carry_out(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ContactId>,
    form: Form<Move>,
) -> Result<HttpResponse, AppError> {
    let done = put(&app, allow.scope(), *id, form.list_id).await;
    if frame::is_partial(&req) {
        return match done {
            Ok(_) => Ok(HttpResponse::NoContent().finish()),
            // What is no HTML would be answered with a page of its own. These messages hold nothing anybody typed.
            Err(error) if error.is_correctable() => {
                Ok(frame::html_answer(&app, &req, error.status(), frame::sentence(&error.message)))
            }
            Err(error) => Err(error),
        };
    }
    let said = match done {
        Ok(said) => Flash::ok(said),
        Err(error) if error.is_correctable() => Flash::bad(frame::sentence(&error.message)),
        Err(error) => return Err(error),
    };
    Ok(frame::lead_to(&app, back_to(&form.back), Some(said)))
}

/// Moves the contact to a stage; answers what happened in words.
async fn put(app: &App, scope: &Scope, id: ContactId, to: ListId) -> Result<String, AppError> {
    let contact = convert::find(app, scope, id).await?;
    let list = app.services.lists.get(scope, to).await?.ok_or_else(AppError::not_found)?;
    if !list.is_primary {
        return Err(AppError::invalid("list_id", "this is a tag and no stage"));
    }
    app.services.lists.assign(scope, id, to).await?;
    Ok(format!("{} moved to {}.", contact.display_name(), list.name))
}
