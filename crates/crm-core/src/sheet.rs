//! Cells of files that people open in a spreadsheet, and that come back from there.
//!
//! An apostrophe stands before what a spreadsheet would run as a formula. [`text`] and [`value`] are each other's
//! reverse: a value that itself begins with an apostrophe and such a character gets one more, so that every value comes
//! back as it was.

use std::borrow::Cow;

/// White space to people, but none to Unicode: byte order marks and spaces of no width.
const INVISIBLE: [char; 2] = ['\u{feff}', '\u{200b}'];

/// Whether a spreadsheet would run a cell as a formula. Some take the wide forms of the signs for the signs.
pub fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A cell of a file that is shown or corrected: an apostrophe stands before what would be run.
pub fn harmless(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// Whether a value needs an apostrophe before it: it would be run, or trimmed, or be taken for one that has its
/// apostrophe already.
fn needs_mark(value: &str) -> bool {
    let bare = value.trim_start_matches('\'');
    is_formula(bare) || bare.starts_with(INVISIBLE) || bare.ends_with(INVISIBLE)
}

/// The cell that stands for a value, from which [`value`] reads it back.
pub fn text(value: &str) -> Cow<'_, str> {
    if needs_mark(value) { Cow::Owned(format!("'{value}")) } else { Cow::Borrowed(value) }
}

/// The value a cell stands for: without what surrounds it (white space, invisible marks) and without the apostrophe
/// [`text`] or [`harmless`] put before it.
pub fn value(cell: &str) -> &str {
    let cell = cell.trim();
    match cell.trim_start_matches(INVISIBLE).trim_start().strip_prefix('\'') {
        Some(rest) if needs_mark(rest) => rest,
        _ => cell.trim_matches(|c: char| c.is_whitespace() || INVISIBLE.contains(&c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_back_and_none_is_run() {
        for kept in [
            "",
            "Ada",
            "=1+1",
            "'=1+1",
            "''=1+1",
            "+43 664",
            "-5",
            "@cme",
            "＝1",
            "'",
            "''",
            "'Quoted'",
            "O'Brien",
            "'\u{200b}x",
            "\u{200b}x",
            "x\u{feff}",
            "'x\u{feff}",
            "\u{200b}",
            "'\u{200b}=1",
            "a\nb",
            "1;2, \"3\"",
            "007",
        ] {
            let cell = text(kept);
            assert_eq!(value(&cell), kept, "{cell:?}");
            assert!(!is_formula(&cell), "{cell:?}");
        }
    }

    #[test]
    fn cells_of_others_lose_what_surrounds_them() {
        assert_eq!(value(" \u{feff} Ada\u{a0}"), "Ada");
        assert_eq!(value("'+43"), "+43");
        assert_eq!(value("'Ada"), "'Ada");
        assert_eq!(harmless("'=1"), "'=1");
        assert_eq!(harmless("=1"), "'=1");
    }
}
