//! Comparing texts without case, as far as each database can.
//!
//! `lower()` of SQLite knows ASCII only, and so does its LIKE. Where a wanted text holds other letters it is written as
//! a GLOB pattern that lists both cases of each letter (`[łŁ]`), so that every script compares alike on both databases.

use crm_core::ContactId;
use sea_orm::sea_query::extension::sqlite::SqliteExpr;
use sea_orm::sea_query::{BinOper, Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, IntoSimpleExpr as _};

/// Whether `expr` is `text`, without case.
pub(crate) fn equals(sqlite: bool, expr: Expr, text: &str) -> Expr {
    if !sqlite {
        return Expr::expr(Func::lower(expr)).eq(Func::lower(Expr::val(text)));
    }
    if text.is_ascii() {
        return Expr::expr(Func::lower(expr)).eq(text.to_ascii_lowercase());
    }
    expr.glob(glob(text))
}

/// Whether `column` is one of these ids.
///
/// On SQLite they are one JSON text, so that the statement is the same for any number of them and stays prepared.
pub(crate) fn among(sqlite: bool, column: impl ColumnTrait, ids: &[ContactId]) -> Expr {
    if !sqlite {
        return column.is_in(ids.iter().copied());
    }
    let ids: Vec<String> = ids.iter().map(|id| format!("\"{id}\"")).collect();
    let json = format!("[{}]", ids.join(","));
    let values = Expr::cust_with_values("(SELECT \"value\" FROM json_each(?))", [json]);
    column.into_simple_expr().binary(BinOper::In, values)
}

/// Whether `expr` holds `text` anywhere, without case.
pub(crate) fn contains(sqlite: bool, expr: Expr, text: &str) -> Expr {
    if sqlite {
        expr.glob(anywhere(text))
    } else {
        like(Func::lower(expr).into(), format!("%{}%", like_literal(text)))
    }
}

/// On SQLite: the GLOB pattern of what holds `text` anywhere, without case.
pub(crate) fn anywhere(text: &str) -> String {
    format!("*{}*", glob(text))
}

/// Whether `expr` begins with `text`, without case.
pub(crate) fn starts_with(sqlite: bool, expr: Expr, text: &str) -> Expr {
    if sqlite {
        expr.glob(format!("{}*", glob(text)))
    } else {
        like(Func::lower(expr).into(), format!("{}%", like_literal(text)))
    }
}

/// `lowered LIKE lower(pattern)`, for PostgreSQL, whose LIKE escapes by backslash unless told otherwise.
pub(crate) fn like(lowered: Expr, pattern: String) -> Expr {
    lowered.binary(BinOper::Like, Func::lower(Expr::val(pattern)))
}

/// `text` as a part of a LIKE pattern that stands for itself.
pub(crate) fn like_literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// `text` as a part of a GLOB pattern that stands for itself in any case.
fn glob(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() * 4);
    for c in text.chars() {
        let (lower, upper) = (single(c.to_lowercase(), c), single(c.to_uppercase(), c));
        if matches!(c, '*' | '?' | '[') || lower != upper {
            pattern.push('[');
            pattern.push(lower);
            if upper != lower {
                pattern.push(upper);
            }
            // A letter between the cases, like the `ǅ` of `ǆ` and `Ǆ`.
            if c != lower && c != upper {
                pattern.push(c);
            }
            pattern.push(']');
        } else {
            pattern.push(c);
        }
    }
    pattern
}

/// The one letter of a case mapping, or `c` where the mapping has several (`ß` → `SS`).
fn single(mut mapped: impl Iterator<Item = char>, c: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_their_text_only() {
        assert_eq!(like_literal(r"50%_a\b"), r"50\%\_a\\b");
        assert_eq!(glob("Ł1*?[]"), "[łŁ]1[*][?][[]]");
        assert_eq!(glob("日本ß"), "日本ß");
    }
}
