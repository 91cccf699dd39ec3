//! What a field may be called, offer and begin with.

use super::{FieldType, FieldsError, Result};
use crate::contacts::CustomValue;
use crate::contacts::custom::to_text;
use crate::contacts::definitions::Definition;

/// Most characters of a name.
const MAX_NAME: usize = 50;
/// Most characters of a label or a choice.
const MAX_LABEL: usize = 100;
/// Most choices of a select.
const MAX_OPTIONS: usize = 100;

/// A name as it is, or one made of the label.
pub(super) fn name(name: Option<&str>, label: &str) -> Result<String> {
    let name = match name.map(str::trim) {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => of_label(label),
    };
    let fits = name.chars().count() <= MAX_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if fits { Ok(name) } else { Err(FieldsError::InvalidName) }
}

/// `Contract value (€)` becomes `contract_value`. What has no such letters becomes `field`.
fn of_label(label: &str) -> String {
    let mut name = String::new();
    for c in label.to_lowercase().chars().take(MAX_NAME) {
        if c.is_ascii_lowercase() || (c.is_ascii_digit() && !name.is_empty()) {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    if name.is_empty() { "field".to_owned() } else { name.to_owned() }
}

/// A label without space around it.
pub(super) fn label(label: &str) -> Result<String> {
    let label = label.trim();
    let fits = !label.is_empty()
        && label.chars().count() <= MAX_LABEL
        && !label.chars().any(char::is_control);
    if fits { Ok(label.to_owned()) } else { Err(FieldsError::InvalidLabel) }
}

/// The choices of a select, none of them twice.
pub(super) fn options(kind: FieldType, given: Vec<String>) -> Result<Vec<String>> {
    let wrong = |problem: &str| Err(FieldsError::InvalidOptions(problem.to_owned()));
    let options: Vec<String> = given
        .into_iter()
        .map(|option| option.trim().to_owned())
        .filter(|option| !option.is_empty())
        .collect();
    if kind != FieldType::Select {
        return if options.is_empty() {
            Ok(options)
        } else {
            wrong("only a field of the type select has choices")
        };
    }
    if options.is_empty() || options.len() > MAX_OPTIONS {
        return wrong("enter from 1 to 100 choices");
    }
    let long = |option: &String| {
        option.chars().count() > MAX_LABEL || option.chars().any(char::is_control)
    };
    if options.iter().any(long) {
        return wrong("a choice has up to 100 characters");
    }
    for (index, option) in options.iter().enumerate() {
        let lower = option.to_lowercase();
        if options.iter().take(index).any(|other| other.to_lowercase() == lower) {
            return Err(FieldsError::InvalidOptions(format!("{option} is there twice")));
        }
    }
    Ok(options)
}

/// A default in the form values of this type are stored in; `None` where it is empty.
pub(super) fn default(
    kind: FieldType,
    options: &[String],
    given: Option<&str>,
) -> Result<Option<String>> {
    let definition = Definition {
        name: String::new(),
        label: String::new(),
        field_type: kind,
        options: options.to_vec(),
        is_required: false,
        default_value: None,
        is_archived: false,
    };
    let given = CustomValue::Text(given.unwrap_or_default().to_owned());
    to_text(&definition, &given).map_err(FieldsError::InvalidDefault)
}

/// A position, where one is given.
pub(super) fn position(position: Option<i64>) -> Result<Option<i64>> {
    if position.is_some_and(|position| position < 1) {
        return Err(FieldsError::InvalidPosition);
    }
    Ok(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_of_the_label() {
        for (label, expected) in [
            ("Contract value (€)", "contract_value"),
            ("  2nd  Phone ", "nd_phone"),
            ("誕生日", "field"),
            ("a__b", "a_b"),
        ] {
            assert_eq!(name(None, label).unwrap(), expected, "{label}");
        }
        assert_eq!(name(Some(" plan "), "Plan").unwrap(), "plan");
        for wrong in ["Plan", "2nd", "a b", "_a", "é", &"a".repeat(51)] {
            assert!(name(Some(wrong), "Plan").is_err(), "{wrong}");
        }
    }

    #[test]
    fn choices_are_some_and_different() {
        let list = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let select = |all: &[&str]| options(FieldType::Select, list(all));
        assert_eq!(select(&[" Basic ", "", "Pro"]).unwrap(), ["Basic", "Pro"]);
        for wrong in [&["", " "][..], &["Pro", "pro"], &["a\nb"]] {
            assert!(select(wrong).is_err(), "{wrong:?}");
        }
        assert!(options(FieldType::Text, list(&["a"])).is_err());
        assert!(options(FieldType::Text, list(&[""])).unwrap().is_empty());
    }

    #[test]
    fn a_default_fits_its_type() {
        let choices = ["Basic".to_owned()];
        let fits = |kind, text| default(kind, &choices, Some(text));
        assert_eq!(fits(FieldType::Number, " 2.50 ").unwrap().as_deref(), Some("2.5"));
        assert_eq!(fits(FieldType::Select, "basic").unwrap().as_deref(), Some("Basic"));
        assert_eq!(fits(FieldType::Text, " ").unwrap(), None);
        assert!(fits(FieldType::Number, "two").is_err() && fits(FieldType::Select, "Pro").is_err());
    }
}
