//! The text index of SQLite: what it is asked, and how many contacts of a workspace it finds.
//!
//! Numbers of a workspace's contacts in the index are one range, see migration 60, so that nothing here looks at a contact.

use crm_core::paging::COUNT_CAP;
use crm_core::{Context, Scope, StoreError};
use sea_orm::sea_query::{Expr, Value};
use sea_orm::{EntityTrait, FromQueryResult, QuerySelect};

use crate::entity::contact_search_books::{Column, Entity};

/// Fewest characters the text index finds as such; fewer are looked up in its vocabulary.
const TRIGRAM: usize = 3;
/// The range of a workspace's numbers; each `?` is the workspace.
pub(super) const RANGE: &str = "BETWEEN \
     (SELECT \"number\" << 32 FROM \"contact_search_books\" WHERE \"workspace_id\" = ?) AND \
     (SELECT (\"number\" << 32) + 4294967295 FROM \"contact_search_books\" WHERE \"workspace_id\" = ?)";

/// What the index is asked for.
#[derive(Clone)]
pub(super) enum Asked {
    /// Words of three characters and more, all of them, as an FTS5 query.
    Phrases(String),
    /// One or two characters, as what a run of three begins with: from this text on, and before that one.
    Beginning {
        /// The word as it was typed.
        word: String,
        /// The first run of three.
        from: String,
        /// What lies behind the last.
        to: String,
    },
}

#[derive(FromQueryResult)]
struct Number {
    n: i64,
}

impl Asked {
    /// What the index can be asked about these words, and the words it then knows nothing of. `None` where that is
    /// nothing.
    pub(super) fn of<'a>(words: &[&'a str]) -> Option<(Self, Vec<&'a str>)> {
        let (long, short): (Vec<&str>, Vec<&str>) =
            words.iter().partition(|word| word.chars().count() >= TRIGRAM);
        if !long.is_empty() {
            return Some((Self::Phrases(phrases(&long)), short));
        }
        // The longest says most.
        let word = short.iter().max_by_key(|word| word.chars().count())?;
        let (from, to) = beginning(word)?;
        let rest = short.iter().filter(|other| *other != word).copied().collect();
        Some((Self::Beginning { word: (*word).to_owned(), from, to }, rest))
    }

    /// A query for the numbers found in the workspace, as `doc`, and its values.
    pub(super) fn docs(&self, scope: &Scope) -> (String, Vec<Value>) {
        let workspace = || Value::from(scope.workspace_id().to_string());
        match self {
            Self::Phrases(query) => (
                format!(
                    "SELECT rowid AS \"doc\" FROM \"contact_search\" \
                     WHERE \"contact_search\" MATCH ? AND rowid {RANGE}"
                ),
                vec![query.as_str().into(), workspace(), workspace()],
            ),
            Self::Beginning { from, to, .. } => (
                format!(
                    "SELECT DISTINCT \"doc\" FROM \"contact_search_terms\" \
                     WHERE \"term\" >= ? AND \"term\" < ? AND \"doc\" {RANGE}"
                ),
                vec![from.as_str().into(), to.as_str().into(), workspace(), workspace()],
            ),
        }
    }

    /// How many contacts of the workspace are found, counted up to one more than [`COUNT_CAP`].
    pub(super) async fn count(&self, ctx: &Context, scope: &Scope) -> Result<u64, StoreError> {
        let (docs, mut values) = self.docs(scope);
        values.push(COUNT_CAP.saturating_add(1).into());
        let counted = format!("(SELECT count(*) FROM ({docs} LIMIT ?))");
        let select =
            Entity::find().select_only().expr_as(Expr::cust_with_values(counted, values), "n");
        let row: Option<Number> = ctx.db.one_as(scope, select).await?;
        Ok(row.map_or(0, |row| u64::try_from(row.n).unwrap_or(0)))
    }

    /// What the contacts found meet; for [`COUNT_CAP`] of them at most.
    pub(super) fn condition(&self, scope: &Scope) -> Expr {
        let (docs, mut values) = self.docs(scope);
        values.push(COUNT_CAP.into());
        contacts_of(&format!("{docs} LIMIT ?"), values)
    }
}

/// Contacts whose numbers a query answers. The join is crossed because that keeps SQLite to this order.
pub(super) fn contacts_of(docs: &str, values: Vec<Value>) -> Expr {
    let sql = format!(
        "\"base_contacts\".\"id\" IN (SELECT \"docs\".\"contact_id\" FROM ({docs}) AS \"met\" \
         CROSS JOIN \"contact_search_docs\" AS \"docs\" ON \"docs\".\"doc_id\" = \"met\".\"doc\")"
    );
    Expr::cust_with_values(sql, values)
}

/// How many contacts there are, without counting them.
pub(in crate::contacts) async fn contacts(ctx: &Context, scope: &Scope) -> Result<u64, StoreError> {
    let select = Entity::find().select_only().column_as(Column::Contacts, "n");
    let row: Option<Number> = ctx.db.one_as(scope, select).await?;
    Ok(row.map_or(0, |row| u64::try_from(row.n).unwrap_or(0)))
}

/// An FTS5 query for all of these words, each quoted so that nothing in it is an operator.
fn phrases(words: &[&str]) -> String {
    let quoted: Vec<String> =
        words.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
    quoted.join(" AND ")
}

/// The runs of three that begin with this, as the index writes them: in lower case, compared by their bytes.
fn beginning(word: &str) -> Option<(String, String)> {
    let mut from = String::new();
    for c in word.chars() {
        let mut lower = c.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(one), None) => from.push(one),
            _ => return None,
        }
    }
    let mut to: Vec<char> = from.chars().collect();
    let last = to.pop()?;
    to.push((last..=char::MAX).nth(1)?);
    Some((from, to.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_never_an_operator() {
        assert_eq!(phrases(&["a\"b*", "NEAR(x"]), "\"a\"\"b*\" AND \"NEAR(x\"");
    }

    #[test]
    fn one_and_two_characters_are_what_runs_of_three_begin_with() {
        let of = |word: &str| beginning(word).unwrap();
        assert_eq!(of("aD"), ("ad".to_owned(), "ae".to_owned()));
        assert_eq!(of("Ż"), ("ż".to_owned(), "Ž".to_owned()));
        // The code points between lie in no text.
        assert_eq!(of("\u{d7ff}"), ("\u{d7ff}".to_owned(), "\u{e000}".to_owned()));
        assert_eq!(beginning("\u{10ffff}"), None);
        assert_eq!(beginning("İ"), None);
    }
}
