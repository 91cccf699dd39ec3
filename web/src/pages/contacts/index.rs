//! `GET /contacts?q&list_id&segment_id&owner&field&value&sort&cursor`

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::Contact;
use crm_contacts::contacts::{ContactQuery, ContactSort};
use crm_contacts::lists::List;
use crm_core::accounts::Member;
use crm_core::{ContactId, Permission, Scope, UserId};

use super::columns::{self, Wanted};
use super::filter::{Params, at};
use super::{convert, custom};
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, rights};
use crate::pages::{frame, segments};
use crate::state::App;
use crate::views::Section;
use crate::views::common::{Pager, Tab};
use crate::views::contacts::{
    BulkBar, ContactColumn, ContactResults, ContactRow, ContactsPage, NextStep,
};

pub(super) async fn show(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    req: HttpRequest,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let services = &app.services;
    let me = allow.identity().user.id;
    let fields = services.fields.all(scope).await?;
    let segments = services.saved_segments.all(scope).await?;
    let saved = segments.iter().find(|one| Some(one.id) == params.segment());
    let sort = ContactSort::parse(&params.sort).unwrap_or_default();
    let query = ContactQuery {
        search: params.q.clone(),
        list_id: params.list(),
        segment: params.as_segment(me, &fields, saved),
        ids: Vec::new(),
        sort: sort.clone(),
        page: PageQuery { limit: None, cursor: params.cursor.clone() }.request()?,
    };
    let found = services.contacts.list(scope, query).await?;
    let lists = services.lists.all(scope).await?;
    let members = services.accounts.members(scope).await?;
    let shell = frame::shell(&app, &req, &allow, Section::Contacts, "Contacts").await?;
    let pager = Pager {
        shown: u64::try_from(found.items.len()).unwrap_or_default(),
        total: found.total,
        total_exact: found.total_exact,
        first_url: found.previous.as_ref().map(|_| params.url(&params.sort, None)),
        prev_url: found.previous.as_ref().map(|cursor| params.url(&params.sort, Some(cursor))),
        next_url: found.next.as_ref().map(|cursor| params.url(&params.sort, Some(cursor))),
    };
    let wanted = Wanted::of(&req);
    let named = lists.iter().find(|list| Some(list.id) == params.list());
    let all = params.query("", &[]);
    let columns = wanted.shown(&params, &sort, &fields);
    let next = next_steps(&app, scope, &columns, &found.items).await?;
    let results = ContactResults {
        q: params.q.clone(),
        list_name: named.map(|list| list.name.clone()),
        narrowed: params.narrows(),
        name: columns::head(&params, "last_name", &sort),
        columns,
        rows: rows(&found.items, &lists, &members, next),
        pager,
        bulk: scope
            .allows(Permission::ContactsWrite)
            .then(|| BulkBar { all_url: at("/contacts/bulk", &format!("all=1&{all}")) }),
        clear_url: "/contacts".to_owned(),
        currency: shell.currency.clone(),
        now: shell.now.clone(),
        time_zone: shell.time_zone.clone(),
    };
    if frame::is_partial(&req) {
        let part = app.views.component("contacts.results", "results", &results);
        let html = part.map_err(AppError::internal)?;
        return Ok(frame::html_answer(&app, &req, StatusCode::OK, html));
    }
    let total = shell.counts.contacts;
    let rule = rule(&app, scope, &params).await?;
    let page = ContactsPage {
        tabs: tabs(&params, me, &lists, total),
        chips: params.chips(&lists, &members, &fields, (saved, rule)),
        filter: params.form(&lists, &members, &fields, &segments),
        kept: kept(&params),
        choices: wanted.choices(&fields),
        here: params.url(&params.sort, None),
        export_url: params.export_url("contacts.csv", me, &fields, saved),
        export_cards_url: params.export_url("contacts.vcf", me, &fields, saved),
        has_contacts: total.is_some_and(|total| total > 0),
        may_write: scope.allows(Permission::ContactsWrite),
        results,
        shell,
    };
    frame::ok(&app, &req, &page)
}

/// The rule of the address in words.
async fn rule(app: &App, scope: &Scope, params: &Params) -> Result<Option<String>, AppError> {
    let Some(rule) = params.segment_rule() else { return Ok(None) };
    let subjects = segments::Subjects::load(app, scope).await?;
    Ok(Some(segments::in_words(&rule, &subjects).unwrap_or_else(|| "that of the link".to_owned())))
}

/// What the search box must not lose: name and value of each filter.
fn kept(params: &Params) -> Vec<(String, String)> {
    let all = [
        ("list_id", &params.list_id),
        ("segment_id", &params.segment_id),
        ("owner", &params.owner),
        ("field", &params.field),
        ("value", &params.value),
        ("rule", &params.rule),
        ("sort", &params.sort),
    ];
    let set = all.into_iter().filter(|(_, value)| !value.is_empty());
    set.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

fn tabs(params: &Params, me: UserId, lists: &[List], total: Option<u64>) -> Vec<Tab> {
    let mine = params.owner == "me" || params.owner == me.to_string();
    let bare = params.list().is_none() && params.segment().is_none();
    let tab = |label: &str, url: &str, count, current| Tab {
        label: label.to_owned(),
        url: url.to_owned(),
        count,
        current,
    };
    let mut tabs = vec![
        tab("All", "/contacts", total, bare && params.owner.is_empty()),
        tab("Mine", "/contacts?owner=me", None, bare && mine),
    ];
    tabs.extend(lists.iter().map(|list| Tab {
        label: list.name.clone(),
        url: format!("/contacts?list_id={}", list.id),
        count: Some(list.contacts),
        current: params.list() == Some(list.id),
    }));
    tabs
}

/// What is to be done next about each contact, where that is shown.
async fn next_steps(
    app: &App,
    scope: &Scope,
    columns: &[ContactColumn],
    contacts: &[Contact],
) -> Result<HashMap<ContactId, NextStep>, AppError> {
    if columns.iter().all(|column| column.name != "next") {
        return Ok(HashMap::new());
    }
    let ids: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
    let now = app.services.ctx.now();
    let tasks = app.services.tasks.next(scope, &ids).await?;
    let steps = tasks.into_iter().map(|(id, task)| {
        let overdue = task.due_at.is_some_and(|due| due < now);
        let due_at = task.due_at.map(|due| due.to_string());
        (id, NextStep { title: task.title, due_at, overdue })
    });
    Ok(steps.collect())
}

/// The row of one contact as it is now, for the table somebody edits it in.
pub(super) async fn row(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ContactsWrite>,
    contact: Contact,
) -> Result<HttpResponse, AppError> {
    let (services, scope) = (&app.services, allow.scope());
    let fields = services.fields.all(scope).await?;
    let lists = services.lists.all(scope).await?;
    let members = services.accounts.members(scope).await?;
    let workspace = services.accounts.workspace(scope).await?;
    let columns = Wanted::of(req).shown(&Params::default(), &ContactSort::default(), &fields);
    let contacts = [contact];
    let next = next_steps(app, scope, &columns, &contacts).await?;
    let results = ContactResults {
        columns,
        rows: rows(&contacts, &lists, &members, next),
        bulk: Some(BulkBar::default()),
        currency: workspace.currency,
        now: services.ctx.now().to_string(),
        time_zone: workspace.time_zone,
        ..ContactResults::default()
    };
    let part = app.views.component("contacts.rows", "results", &results);
    let html = part.map_err(AppError::internal)?;
    Ok(frame::html_answer(app, req, StatusCode::OK, html))
}

fn rows(
    contacts: &[Contact],
    lists: &[List],
    members: &[Member],
    mut next: HashMap<ContactId, NextStep>,
) -> Vec<ContactRow> {
    let names: HashMap<UserId, &str> =
        members.iter().map(|member| (member.user_id, member.name.as_str())).collect();
    contacts
        .iter()
        .map(|contact| {
            let owner = contact.owner_id.and_then(|id| names.get(&id));
            ContactRow {
                owner: owner.map(|name| (*name).to_owned()),
                owner_id: contact.owner_id.map(|id| id.to_string()).unwrap_or_default(),
                updated_at: contact.updated_at.to_string(),
                stage_since: contact.stage_since.map(|at| at.to_string()),
                next: next.remove(&contact.id),
                custom: contact
                    .custom
                    .iter()
                    .map(|(name, value)| (name.clone(), custom::shown(value)))
                    .collect(),
                ..convert::row(lists, contact)
            }
        })
        .collect()
}
