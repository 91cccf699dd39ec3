//! Cells of files that people open in a spreadsheet.

use std::borrow::Cow;

/// Whether a spreadsheet would run a cell as a formula.
pub fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// The cell as text: an apostrophe stands before what would be run.
pub fn harmless(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}
