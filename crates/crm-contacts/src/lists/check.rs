//! What a list is made or changed with, checked.

use super::{ListsError, Result};

/// Most characters of a name.
const MAX_CHARS: usize = 100;
/// How many category colours there are.
pub(super) const COLORS: i64 = 8;

pub(super) fn name(typed: &str) -> Result<String> {
    let name = typed.trim();
    let length = name.chars().count();
    if length == 0 || length > MAX_CHARS || name.chars().any(char::is_control) {
        return Err(ListsError::InvalidName);
    }
    Ok(name.to_owned())
}

pub(super) fn color(color: Option<i64>) -> Result<Option<i64>> {
    match color {
        Some(color) if !(1..=COLORS).contains(&color) => Err(ListsError::InvalidColor),
        color => Ok(color),
    }
}

pub(super) fn position(position: Option<i64>) -> Result<Option<i64>> {
    match position {
        Some(position) if position < 1 => Err(ListsError::InvalidPosition),
        position => Ok(position),
    }
}
