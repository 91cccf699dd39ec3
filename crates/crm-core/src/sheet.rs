//! Cells of files that people open in a spreadsheet, and that come back from there.
//!
//! An apostrophe stands before what a spreadsheet would run as a formula. [`text`] and [`value`] are each other's
//! reverse: a value that itself begins with an apostrophe and such a character gets one more, so that every value comes
//! back as it was.

use std::borrow::Cow;

use crate::StoreError;

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
pub fn text<'a>(value: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    let value = value.into();
    if needs_mark(&value) { Cow::Owned(format!("'{value}")) } else { value }
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

/// Rows of a CSV file as they are, or the beginning of one where there is a heading.
///
/// # Errors
/// [`StoreError::Corrupt`] where rows are not of one length.
pub fn rows<C: AsRef<str>, R: IntoIterator<Item = C>>(
    heading: Option<&[impl AsRef<str>]>,
    rows: impl IntoIterator<Item = R>,
) -> Result<Vec<u8>, StoreError> {
    // Spreadsheets take a file without the mark for one in their own old encoding.
    let mark = if heading.is_some() { "\u{feff}" } else { "" };
    let mut text = mark.to_owned().into_bytes();
    write(&mut text, heading, rows)
        .map_err(|err| StoreError::Corrupt(format!("a row of a file: {err}")))?;
    Ok(text)
}

fn write<C: AsRef<str>, R: IntoIterator<Item = C>>(
    text: &mut Vec<u8>,
    heading: Option<&[impl AsRef<str>]>,
    rows: impl IntoIterator<Item = R>,
) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(text);
    if let Some(heading) = heading {
        writer.write_record(heading.iter().map(|name| name.as_ref().as_bytes()))?;
    }
    for row in rows {
        for cell in row {
            writer.write_field(cell.as_ref())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_begins_with_its_mark_and_heading() {
        let first = rows(Some(["a", "b"].as_slice()), [["1", "x,y"]]).unwrap();
        assert_eq!(String::from_utf8(first).unwrap(), "\u{feff}a,b\n1,\"x,y\"\n");
        assert_eq!(rows(None::<&[&str]>, [["2", ""]]).unwrap(), b"2,\n");
        assert!(rows(None::<&[&str]>, [vec!["1"], vec!["1", "2"]]).is_err());
    }

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
