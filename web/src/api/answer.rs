//! The envelope of answers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use crm_core::Page;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize)]
struct Envelope<T> {
    data: T,
    error: Option<()>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta>,
}

/// What a list says about itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PageMeta)]
struct Meta {
    /// How many there are; counted up to 10,000 where `total_exact` is false.
    total: u64,
    /// Whether there are exactly so many.
    total_exact: bool,
    /// Rows on a page.
    limit: u64,
    /// `cursor` of the next page; `null` on the last.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// An answer with one thing.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `with` writes")]
pub struct One<T> {
    /// What was asked for.
    data: T,
    /// Always `null` here.
    #[schema(value_type = (), required)]
    error: Option<()>,
}

/// An answer with a list.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `page` and `whole` write")]
pub struct Many<T> {
    /// The rows of the page.
    data: Vec<T>,
    /// Always `null` here.
    #[schema(value_type = (), required)]
    error: Option<()>,
    meta: Meta,
}

/// An answer with nothing to say.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `done` writes")]
pub struct Done {
    /// An empty object.
    #[schema(value_type = Object)]
    data: (),
    /// Always `null` here.
    #[schema(value_type = (), required)]
    error: Option<()>,
}

/// Any status with `data`.
pub fn with(status: StatusCode, data: impl Serialize) -> HttpResponse {
    HttpResponse::build(status).json(Envelope { data, error: None, meta: None })
}

/// 200 with `data`.
pub fn ok(data: impl Serialize) -> HttpResponse {
    with(StatusCode::OK, data)
}

/// 201 with what was made.
pub fn created(data: impl Serialize) -> HttpResponse {
    with(StatusCode::CREATED, data)
}

/// 200 where there is nothing more to say.
pub fn done() -> HttpResponse {
    ok(serde_json::Map::new())
}

/// 200 with one page of a list.
pub fn page<T, V: Serialize>(page: Page<T>, view: impl FnMut(T) -> V) -> HttpResponse {
    let meta = Meta {
        total: page.total,
        total_exact: page.total_exact,
        limit: page.limit,
        next_cursor: page.next.as_ref().map(crm_core::Cursor::encode),
    };
    let data: Vec<V> = page.items.into_iter().map(view).collect();
    HttpResponse::Ok().json(Envelope { data, error: None, meta: Some(meta) })
}

/// 200 with the first rows of a list that has no further pages.
pub fn first_of<V: Serialize>(data: Vec<V>, total: u64, total_exact: bool) -> HttpResponse {
    let limit = u64::try_from(data.len()).unwrap_or(u64::MAX);
    let meta = Meta { total, total_exact, limit, next_cursor: None };
    HttpResponse::Ok().json(Envelope { data, error: None, meta: Some(meta) })
}

/// 200 with a list that is always whole.
pub fn whole<V: Serialize>(data: Vec<V>) -> HttpResponse {
    let total = u64::try_from(data.len()).unwrap_or(u64::MAX);
    let meta = Meta { total, total_exact: true, limit: total, next_cursor: None };
    HttpResponse::Ok().json(Envelope { data, error: None, meta: Some(meta) })
}
