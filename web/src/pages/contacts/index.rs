//! `GET /contacts?q&list_id&sort&cursor`

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::contacts::{ContactQuery, ContactSort};
use crm_core::{Cursor, ListId};
use serde::Deserialize;

use super::convert;
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, rights};
use crate::pages::{errors, frame};
use crate::state::App;
use crate::views::Section;
use crate::views::common::{Pager, Tab};
use crate::views::contacts::{ContactColumns, ContactResults, ContactsPage, SortLink};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Params {
    q: String,
    list_id: String,
    sort: String,
    cursor: Option<String>,
}

impl Params {
    fn url(&self, sort: &str, cursor: Option<&Cursor>) -> String {
        let encode = errors::serde_urlencode;
        let mut query = Vec::new();
        for (name, value) in [("q", self.q.as_str()), ("list_id", &self.list_id), ("sort", sort)] {
            if !value.is_empty() {
                query.push(format!("{name}={}", encode(value)));
            }
        }
        query.extend(cursor.map(|cursor| format!("cursor={}", cursor.encode())));
        if query.is_empty() {
            "/contacts".to_owned()
        } else {
            format!("/contacts?{}", query.join("&"))
        }
    }

    /// The header of a column: sorts by it, or the other way round.
    fn column(&self, word: &str, current: &ContactSort) -> SortLink {
        let down = format!("-{word}");
        let (direction, next) = match current.as_str() {
            now if now == word => (Some("ascending"), down),
            now if now == down => (Some("descending"), word.to_owned()),
            _ => (None, word.to_owned()),
        };
        SortLink { url: Some(self.url(&next, None)), direction: direction.map(str::to_owned) }
    }
}

pub(super) async fn show(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    req: HttpRequest,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let sort = ContactSort::parse(&params.sort).unwrap_or_default();
    let list_id: Option<ListId> = params.list_id.parse().ok();
    let query = ContactQuery {
        search: params.q.clone(),
        list_id,
        segment: None,
        sort: sort.clone(),
        page: PageQuery { limit: None, cursor: params.cursor.clone() }.request()?,
    };
    let found = app.services.contacts.list(scope, query).await?;
    let lists = app.services.lists.all(scope).await?;
    let shell = frame::shell(&app, &req, &allow, Section::Contacts, "Contacts").await?;
    let pager = Pager {
        shown: u64::try_from(found.items.len()).unwrap_or_default(),
        total: found.total,
        total_exact: found.total_exact,
        first_url: found.previous.as_ref().map(|_| params.url(&params.sort, None)),
        prev_url: found.previous.as_ref().map(|cursor| params.url(&params.sort, Some(cursor))),
        next_url: found.next.as_ref().map(|cursor| params.url(&params.sort, Some(cursor))),
    };
    let named = lists.iter().find(|list| Some(list.id) == list_id);
    let results = ContactResults {
        q: params.q.clone(),
        list_id: list_id.map(|id| id.to_string()),
        list_name: named.map(|list| list.name.clone()),
        sort: params.sort.clone(),
        rows: found.items.iter().map(|contact| convert::row(&lists, contact)).collect(),
        columns: ContactColumns {
            name: params.column("last_name", &sort),
            company: params.column("company", &sort),
            email: params.column("primary_email", &sort),
            value: SortLink::default(),
            created_on: params.column("created_on", &sort),
        },
        pager,
        clear_url: "/contacts".to_owned(),
        currency: shell.currency.clone(),
        now: shell.now.clone(),
        time_zone: shell.time_zone.clone(),
    };
    if frame::is_partial(&req) {
        let part = app.views.component("contacts.results", "results", &results);
        return Ok(frame::html_answer(
            &app,
            &req,
            StatusCode::OK,
            part.map_err(AppError::internal)?,
        ));
    }
    let everybody = Tab {
        label: "All".to_owned(),
        url: "/contacts".to_owned(),
        count: shell.counts.contacts,
        current: list_id.is_none(),
    };
    let tabs = lists.iter().map(|list| Tab {
        label: list.name.clone(),
        url: format!("/contacts?list_id={}", list.id),
        count: Some(list.contacts),
        current: list_id == Some(list.id),
    });
    let has_contacts = shell.counts.contacts.is_some_and(|total| total > 0);
    let tabs = std::iter::once(everybody).chain(tabs).collect();
    frame::ok(&app, &req, &ContactsPage { shell, results, tabs, has_contacts })
}
