//! Finding contacts by any part of name, e-mail, phone or company.

use crm_core::paging::COUNT_CAP;
use crm_core::{Context, Scope, StoreError};
use sea_orm::sea_query::{Expr, Value};
use sea_orm::{Condition, EntityTrait, IntoSimpleExpr, QueryFilter};

use crate::compare;
use crate::entity::base_contacts::{Column, Entity};

/// Words of a search that count; what comes after them is ignored.
const MAX_WORDS: usize = 16;
/// Fewest characters the text index of SQLite can find.
const TRIGRAM: usize = 3;
/// Contacts found that are looked up one by one; more than these are dense enough to be met on a walk through the book.
const FEW: u64 = 2_000;

/// The columns the text index holds, in its order.
const SEARCHED: [Column; 5] = [
    Column::FirstName,
    Column::LastName,
    Column::PrimaryEmail,
    Column::PrimaryPhone,
    Column::Company,
];

/// How to find what was searched for.
pub(crate) struct Plan {
    /// What contacts found meet.
    pub(crate) condition: Condition,
    /// How many contacts meet it, up to [`COUNT_CAP`], and whether that is exact; `None` where it is not known yet.
    pub(crate) total: Option<(u64, bool)>,
}

/// Finds contacts in which every word of `text` occurs somewhere, without case; `None` where there are no words. Every
/// character stands for itself.
pub(crate) async fn plan(
    ctx: &Context,
    scope: &Scope,
    text: &str,
) -> Result<Option<Plan>, StoreError> {
    let words = words(text);
    if words.is_empty() {
        return Ok(None);
    }
    if !ctx.db.is_sqlite() {
        return Ok(Some(Plan { condition: all_of(&words, lowered), total: None }));
    }
    let (long, short): (Vec<&str>, Vec<&str>) =
        words.iter().partition(|word| word.chars().count() >= TRIGRAM);
    if long.is_empty() {
        return Ok(Some(Plan { condition: all_of(&short, in_columns), total: None }));
    }
    // The text index answers in its own order. The few it finds are sorted; where it finds many, sorting them to show
    // one page would take longer than meeting a page of them in the order wanted.
    let indexed = indexed(scope, &phrases(&long));
    let found = ctx.db.count(scope, Entity::find().filter(indexed.clone())).await?;
    let condition = if found > FEW {
        all_of(&words, in_columns)
    } else {
        all_of(&short, in_columns).add(indexed)
    };
    let total = (found.min(COUNT_CAP), found <= COUNT_CAP);
    Ok(Some(Plan { condition, total: short.is_empty().then_some(total) }))
}

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS)
        .collect()
}

fn all_of(words: &[&str], one: impl Fn(&str) -> Condition) -> Condition {
    words.iter().fold(Condition::all(), |all, word| all.add(one(word)))
}

/// On PostgreSQL: a word occurs in the lower-cased text of all columns, which has an index of trigrams.
fn lowered(word: &str) -> Condition {
    let pattern = format!("%{}%", compare::like_literal(word));
    let text = Expr::cust("\"base_contacts\".\"search_text\"");
    Condition::all().add(compare::like(text, pattern))
}

/// On SQLite: a word occurs in one of the columns, without help of an index.
fn in_columns(word: &str) -> Condition {
    SEARCHED.into_iter().fold(Condition::any(), |any, column| {
        any.add(compare::contains(true, column.into_simple_expr(), word))
    })
}

/// On SQLite: the text index finds the phrases, in as many contacts of the workspace as are counted. The joins are
/// crossed because that keeps SQLite to this order, in which the limit ends the work.
fn indexed(scope: &Scope, phrases: &str) -> Expr {
    let values: [Value; 3] = [
        phrases.into(),
        scope.workspace_id().to_string().into(),
        COUNT_CAP.saturating_add(1).into(),
    ];
    Expr::cust_with_values(
        "\"base_contacts\".\"id\" IN (SELECT \"docs\".\"contact_id\" FROM \"contact_search\" \
         CROSS JOIN \"contact_search_docs\" AS \"docs\" ON \"docs\".\"doc_id\" = \"contact_search\".rowid \
         CROSS JOIN \"base_contacts\" AS \"found\" ON \"found\".\"id\" = \"docs\".\"contact_id\" \
         WHERE \"contact_search\" MATCH ? AND \"found\".\"workspace_id\" = ? LIMIT ?)",
        values,
    )
}

/// An FTS5 query for all of these words, each quoted so that nothing in it is an operator.
fn phrases(words: &[&str]) -> String {
    let quoted: Vec<String> =
        words.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
    quoted.join(" AND ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_never_an_operator() {
        assert_eq!(phrases(&["a\"b*", "NEAR(x"]), "\"a\"\"b*\" AND \"NEAR(x\"");
        assert!(words(" \t\u{0} ").is_empty());
        assert_eq!(words("a\u{0}da  日本"), ["a", "da", "日本"]);
    }
}
