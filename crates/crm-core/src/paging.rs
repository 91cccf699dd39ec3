//! Keyset paging: a page is asked for by the last row seen, never by a row number, so that any depth costs the same.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Rows in a page where the caller does not say.
pub const DEFAULT_LIMIT: u64 = 50;
/// Most rows a page may hold.
pub const MAX_LIMIT: u64 = 200;
/// Totals are counted up to this and are a floor beyond it.
pub const COUNT_CAP: u64 = 10_000;

/// Where a page begins: the sort key and the id of a row already seen. Opaque to callers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Value of the sort column of that row, empty where it is unset.
    #[serde(rename = "k")]
    pub key: String,
    /// Id of that row, which breaks ties.
    #[serde(rename = "i")]
    pub id: String,
    /// Whether the page wanted lies before that row instead of after it.
    #[serde(rename = "b", default, skip_serializing_if = "std::ops::Not::not")]
    pub backwards: bool,
}

/// A cursor that is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this cursor was not made by this server")]
pub struct BadCursor;

impl Cursor {
    /// Begins after the row with this key and id.
    pub fn after(key: impl Into<String>, id: impl Into<String>) -> Self {
        Self { key: key.into(), id: id.into(), backwards: false }
    }

    /// Ends before the row with this key and id.
    pub fn before(key: impl Into<String>, id: impl Into<String>) -> Self {
        Self { key: key.into(), id: id.into(), backwards: true }
    }

    /// The text a caller hands back to get the next page.
    pub fn encode(&self) -> String {
        // A struct of two strings and a bool always serialises.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads the text of [`Cursor::encode`].
    ///
    /// # Errors
    /// [`BadCursor`] where it is anything else.
    pub fn decode(text: &str) -> Result<Self, BadCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        serde_json::from_slice(&bytes).map_err(|_| BadCursor)
    }
}

/// Which page is wanted.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// Rows wanted; 0 means [`DEFAULT_LIMIT`], more than [`MAX_LIMIT`] is cut to it.
    pub limit: u64,
    /// Where to begin; `None` is the first page.
    pub cursor: Option<Cursor>,
}

impl PageRequest {
    /// The number of rows to return, within the bounds.
    pub fn limit(&self) -> u64 {
        match self.limit {
            0 => DEFAULT_LIMIT,
            n => n.min(MAX_LIMIT),
        }
    }
}

/// One page of rows.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows, in order.
    pub items: Vec<T>,
    /// How many rows match in all, up to [`COUNT_CAP`].
    pub total: u64,
    /// Whether `total` is exact; beyond [`COUNT_CAP`] it is a floor.
    pub total_exact: bool,
    /// Rows asked for.
    pub limit: u64,
    /// Begins the next page; `None` on the last one.
    pub next: Option<Cursor>,
    /// Begins the page before; `None` on the first one.
    pub previous: Option<Cursor>,
}

impl<T> Page<T> {
    /// The same page with each row converted.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(convert).collect(),
            total: self.total,
            total_exact: self.total_exact,
            limit: self.limit,
            next: self.next,
            previous: self.previous,
        }
    }
}

/// Cuts a fetch of `limit + 1` rows into a page: tells from the surplus row whether there is more, puts a backwards
/// fetch back in order and makes the cursors with `key` (sort value and id of a row).
pub fn page_of<T>(
    mut rows: Vec<T>,
    request: &PageRequest,
    (total, total_exact): (u64, bool),
    key: impl Fn(&T) -> (String, String),
) -> Page<T> {
    let limit = request.limit();
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    let backwards = request.cursor.as_ref().is_some_and(|c| c.backwards);
    if backwards {
        rows.reverse();
    }
    let edge = |row: Option<&T>, before: bool| {
        row.map(|r| {
            let (k, id) = key(r);
            if before { Cursor::before(k, id) } else { Cursor::after(k, id) }
        })
    };
    let has_next = if backwards { true } else { more };
    let has_previous = if backwards { more } else { request.cursor.is_some() };
    let next = if has_next { edge(rows.last(), false) } else { None };
    let previous = if has_previous { edge(rows.first(), true) } else { None };
    Page { items: rows, total, total_exact, limit, next, previous }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_strangers_are_refused() {
        let cursor = Cursor::after("2026-11-03T09:00:00.000Z", "id-1");
        assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
        assert_eq!(Cursor::decode("nonsense!"), Err(BadCursor));
        assert_eq!(Cursor::decode("bm9uc2Vuc2U"), Err(BadCursor));
    }

    #[test]
    fn a_page_knows_its_neighbours() {
        let key = |n: &u32| (n.to_string(), n.to_string());
        let first = page_of(vec![1, 2, 3], &PageRequest { limit: 2, cursor: None }, (3, true), key);
        assert_eq!(first.items, [1, 2]);
        assert!(first.previous.is_none());
        let request = PageRequest { limit: 2, cursor: first.next };
        let last = page_of(vec![3], &request, (3, true), key);
        assert!(last.next.is_none());
        let request = PageRequest { limit: 2, cursor: last.previous };
        let back = page_of(vec![2, 1], &request, (3, true), key);
        assert_eq!(back.items, [1, 2]);
        assert!(back.previous.is_none() && back.next.is_some());
    }
}
