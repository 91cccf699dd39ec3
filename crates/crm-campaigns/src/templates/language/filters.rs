//! What can be done to a value with `|`.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::strtime;

use super::{Expression, Value};

/// One filter with its argument.
#[derive(Debug, Clone)]
pub(super) enum Filter {
    /// Stands in for a value that is not there.
    Default(Box<Expression>),
    Upper,
    Lower,
    Title,
    Trim,
    /// A date in another format, as `strftime` writes it.
    Date(String),
    /// Written so that HTML shows it as it is.
    Escape,
}

/// Names of all filters, for messages.
pub(super) const NAMES: &str = "default, upper, lower, title, trim, date, escape";

/// Applies a filter other than `default`. A variable without a value stays without one.
pub(super) fn apply<'a>(filter: &Filter, value: Value<'a>, source: &'a str) -> Value<'a> {
    if matches!(value, Value::Missing(_)) {
        return value;
    }
    let text = value.into_text();
    let text = match filter {
        // A default is chosen where the expression is evaluated: what is there already stays as it is.
        Filter::Default(_) => text,
        Filter::Upper => Cow::Owned(text.to_uppercase()),
        Filter::Lower => Cow::Owned(text.to_lowercase()),
        Filter::Title => Cow::Owned(title(&text)),
        Filter::Trim => Cow::Owned(text.trim().to_owned()),
        Filter::Date(format) => match date(&text).map(|date| strtime::format(format, date)) {
            Some(Ok(text)) => Cow::Owned(text),
            // What is no date has no value as a date; the recipient is left out, not the campaign stopped.
            Some(Err(_)) | None => return Value::Missing(source),
        },
        Filter::Escape => Cow::Owned(escape(&text)),
    };
    Value::Text(text)
}

/// Whether `strftime` can write a date in this format.
pub(super) fn is_date_format(format: &str) -> bool {
    strtime::format(format, Date::constant(2026, 11, 3)).is_ok()
}

/// Reads `2026-11-03`, alone or at the beginning of a date and time.
fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    let day =
        || text.parse::<Timestamp>().ok().map(|time| time.to_zoned(jiff::tz::TimeZone::UTC).date());
    text.parse().ok().or_else(day)
}

/// Each word with a capital first letter.
fn title(text: &str) -> String {
    let mut begins = true;
    let mut titled = String::with_capacity(text.len());
    for letter in text.chars() {
        if begins {
            titled.extend(letter.to_uppercase());
        } else {
            titled.extend(letter.to_lowercase());
        }
        begins = !letter.is_alphanumeric() && letter != '\'' && letter != '’';
    }
    titled
}

/// Text as HTML shows it, in elements and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
