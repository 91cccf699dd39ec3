//! Finding contacts by any part of name, e-mail, phone or company.

mod index;
mod page;

use crm_core::paging::COUNT_CAP;
use crm_core::{Context, Scope, StoreError};
use sea_orm::sea_query::Expr;
use sea_orm::{Condition, IntoSimpleExpr};

use self::index::Asked;
pub(super) use self::index::contacts;
pub(super) use self::page::Found;
use crate::compare;
use crate::entity::base_contacts::Column;

/// Words of a search that count; what comes after them is ignored.
const MAX_WORDS: usize = 16;
/// Contacts found that are looked up one by one, at least and at most; more than these are dense enough to be met on a
/// walk through the book.
const FEW: (u64, u64) = (500, COUNT_CAP);
/// Rows of a page, by which it is decided whether walking is worth it.
const PAGE: u64 = 50;

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
    /// Finds them newest first without a look at any other contact, where the index can.
    pub(super) found: Option<Found>,
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
        let condition = all_of(&words, lowered);
        return Ok(Some(Plan { condition, total: None, found: None }));
    }
    let Some((asked, rest)) = Asked::of(&words) else {
        return Ok(Some(Plan { condition: all_of(&words, in_columns), total: None, found: None }));
    };
    // The index answers in its own order. The few it finds are sorted; where it finds many, sorting them to show one
    // page would take longer than meeting a page of them in the order wanted.
    let found = asked.count(ctx, scope).await?;
    let is_dense = found > FEW.0 && (found > FEW.1 || found > few(contacts(ctx, scope).await?));
    let condition = if is_dense {
        all_of(&words, in_columns)
    } else {
        all_of(&rest, in_columns).add(asked.condition(scope))
    };
    let is_all = rest.is_empty();
    let total = is_all.then_some((found.min(COUNT_CAP), found <= COUNT_CAP));
    let found = is_all.then(|| Found::new(asked, is_dense));
    Ok(Some(Plan { condition, total, found }))
}

/// How many found contacts are better sorted than met on a walk: finding costs as many looks as there are of them,
/// walking as many as there are contacts between the ones of a page.
fn few(contacts: u64) -> u64 {
    (contacts * PAGE).isqrt().clamp(FEW.0, FEW.1)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_at_spaces_and_control_characters() {
        assert!(words(" \t\u{0} ").is_empty());
        assert_eq!(words("a\u{0}da  日本"), ["a", "da", "日本"]);
    }

    #[test]
    fn the_larger_the_book_the_more_are_sorted() {
        assert_eq!([0, 10_000, 1_000_000, 100_000_000].map(few), [500, 707, 7_071, 10_000]);
    }
}
