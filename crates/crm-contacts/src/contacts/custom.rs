//! Values of custom fields: checked against their definitions, written as text, read back typed.

use std::collections::BTreeMap;

use crm_core::StoreError;
use time::Date;
use time::macros::format_description;

use super::definitions::{Definition, FieldType};
use super::{ContactsError, CustomValue, Result};

/// Most bytes of UTF-8 in a value; the database refuses longer ones.
const MAX_BYTES: usize = 2000;

/// Custom fields by name as they are stored; `None` removes one.
pub(crate) type Stored = BTreeMap<String, Option<(FieldType, String)>>;

/// Checks the fields of a new contact and fills in defaults.
pub(super) fn of_new(
    definitions: &[Definition],
    values: &BTreeMap<String, CustomValue>,
) -> Result<Stored> {
    let mut stored = given(definitions, values.iter().map(|(name, value)| (name, Some(value))))?;
    for definition in definitions.iter().filter(|known| !known.is_archived) {
        let missing = stored.get(&definition.name).is_none_or(Option::is_none);
        if let (true, Some(default)) = (missing, &definition.default_value) {
            let default = CustomValue::Text(default.clone());
            stored.insert(definition.name.clone(), one(definition, &default)?);
        }
    }
    require(definitions, |name| stored.get(name).is_some_and(Option::is_some))?;
    stored.retain(|_, value| value.is_some());
    Ok(stored)
}

/// Checks all fields of a contact that is replaced: what is not given is removed.
pub(super) fn of_replaced(
    definitions: &[Definition],
    values: &BTreeMap<String, CustomValue>,
    current: &BTreeMap<String, CustomValue>,
) -> Result<Stored> {
    let mut stored = given(definitions, values.iter().map(|(name, value)| (name, Some(value))))?;
    for name in current.keys() {
        stored.entry(name.clone()).or_insert(None);
    }
    require(definitions, |name| stored.get(name).is_some_and(Option::is_some))?;
    Ok(stored)
}

/// Checks the fields of a contact that are changed: what is not given stays. A required field that was empty before may
/// stay so, since a contact may be older than the rule.
pub(crate) fn of_changed(
    definitions: &[Definition],
    values: &BTreeMap<String, Option<CustomValue>>,
) -> Result<Stored> {
    let stored = given(definitions, values.iter().map(|(name, value)| (name, value.as_ref())))?;
    require(definitions, |name| stored.get(name).is_none_or(Option::is_some))?;
    Ok(stored)
}

fn require(definitions: &[Definition], is_there: impl Fn(&str) -> bool) -> Result<()> {
    let asked = |known: &&Definition| known.is_required && !known.is_archived;
    match definitions.iter().filter(asked).find(|known| !is_there(&known.name)) {
        Some(missing) => Err(invalid(&missing.name, "must have a value")),
        None => Ok(()),
    }
}

fn given<'a>(
    definitions: &[Definition],
    values: impl Iterator<Item = (&'a String, Option<&'a CustomValue>)>,
) -> Result<Stored> {
    let mut stored = Stored::new();
    for (name, value) in values {
        let definition = definitions
            .iter()
            .find(|known| known.name == *name)
            .ok_or_else(|| invalid(name, "there is no such field"))?;
        let value = value.map(|value| one(definition, value)).transpose()?.flatten();
        if definition.is_archived && value.is_some() {
            return Err(invalid(name, "is archived and takes no new values"));
        }
        stored.insert(name.clone(), value);
    }
    Ok(stored)
}

fn invalid(field: &str, problem: impl Into<String>) -> ContactsError {
    ContactsError::InvalidCustom { field: field.to_owned(), problem: problem.into() }
}

fn one(definition: &Definition, value: &CustomValue) -> Result<Option<(FieldType, String)>> {
    let text = to_text(definition, value).map_err(|problem| invalid(&definition.name, problem))?;
    Ok(text.map(|text| (definition.field_type, text)))
}

/// Writes a value as the text of its definition's type; `None` where it is empty, an error in words where it does not
/// fit. Texts are read as people write them, so that forms and files need no types of their own.
pub(crate) fn to_text(
    definition: &Definition,
    value: &CustomValue,
) -> std::result::Result<Option<String>, String> {
    let text = match value {
        CustomValue::Text(text) => text.trim(),
        CustomValue::Boolean(truth) => {
            return match definition.field_type {
                FieldType::Boolean => Ok(Some(truth.to_string())),
                other => Err(expected(other)),
            };
        }
        CustomValue::Number(number) => {
            return match definition.field_type {
                FieldType::Number if number.is_finite() => Ok(Some(number_text(*number))),
                other => Err(expected(other)),
            };
        }
    };
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > MAX_BYTES || text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(format!("must be at most {MAX_BYTES} bytes without control characters"));
    }
    let wrong = || expected(definition.field_type);
    let text = match definition.field_type {
        FieldType::Text => text.to_owned(),
        FieldType::Number => {
            let number: f64 = text.parse().map_err(|_| wrong())?;
            if !number.is_finite() {
                return Err(wrong());
            }
            number_text(number)
        }
        FieldType::Date => {
            let date = Date::parse(text, format_description!("[year]-[month]-[day]"));
            date.map_err(|_| wrong())?;
            text.to_owned()
        }
        FieldType::Boolean => truth(text).ok_or_else(wrong)?.to_string(),
        FieldType::Select => choice(&definition.options, text)?,
        FieldType::Url if is_web_address(text) => text.to_owned(),
        FieldType::Url => return Err(wrong()),
    };
    Ok(Some(text))
}

/// The one text a number is stored and compared as.
pub(crate) fn number_text(number: f64) -> String {
    // Adding zero turns the negative zero into the plain one.
    (number + 0.0).to_string()
}

fn expected(kind: FieldType) -> String {
    match kind {
        FieldType::Text => "must be text",
        FieldType::Number => "must be a number",
        FieldType::Date => "must be a date like 2026-11-03",
        FieldType::Boolean => "must be true or false",
        FieldType::Select => "must be one of the choices",
        FieldType::Url => "must be a web address beginning with https:// or http://",
    }
    .to_owned()
}

fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "1" | "on" => Some(true),
        "false" | "no" | "0" | "off" => Some(false),
        _ => None,
    }
}

fn choice(options: &[String], text: &str) -> std::result::Result<String, String> {
    let lower = text.to_lowercase();
    let exact = options.iter().find(|option| *option == text);
    let found = exact.or_else(|| options.iter().find(|option| option.to_lowercase() == lower));
    found.cloned().ok_or_else(|| format!("must be one of {}", options.join(", ")))
}

fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with(['/', '?', '#'])
            && !text.contains(char::is_whitespace)
    })
}

/// Reads a stored value back as its type.
pub(crate) fn from_text(
    field_type: &str,
    text: String,
) -> std::result::Result<CustomValue, StoreError> {
    let damaged = || StoreError::Corrupt(format!("custom field of type {field_type}"));
    Ok(match FieldType::parse(field_type)? {
        FieldType::Number => CustomValue::Number(text.parse().map_err(|_| damaged())?),
        FieldType::Boolean => CustomValue::Boolean(text.parse().map_err(|_| damaged())?),
        FieldType::Text | FieldType::Date | FieldType::Select | FieldType::Url => {
            CustomValue::Text(text)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(field_type: FieldType) -> Definition {
        Definition {
            name: "plan".to_owned(),
            label: "Plan".to_owned(),
            field_type,
            options: vec!["Basic".to_owned(), "Pro".to_owned()],
            is_required: false,
            default_value: None,
            is_archived: false,
        }
    }

    fn text(kind: FieldType, typed: &str) -> std::result::Result<Option<String>, String> {
        to_text(&field(kind), &CustomValue::Text(typed.to_owned()))
    }

    #[test]
    fn values_are_stored_in_one_form_each() {
        assert_eq!(text(FieldType::Text, "  hello "), Ok(Some("hello".to_owned())));
        assert_eq!(text(FieldType::Text, "  "), Ok(None));
        assert_eq!(text(FieldType::Number, "007.50"), Ok(Some("7.5".to_owned())));
        assert_eq!(text(FieldType::Number, "-0"), Ok(Some("0".to_owned())));
        assert_eq!(text(FieldType::Boolean, "Yes"), Ok(Some("true".to_owned())));
        assert_eq!(text(FieldType::Select, "pro"), Ok(Some("Pro".to_owned())));
        assert_eq!(text(FieldType::Date, "2024-02-29"), Ok(Some("2024-02-29".to_owned())));
        assert!(text(FieldType::Url, "https://example.org/a?b").is_ok());
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        for (kind, typed) in [
            (FieldType::Number, "NaN"),
            (FieldType::Number, "1,5"),
            (FieldType::Date, "2023-02-29"),
            (FieldType::Date, "3.11.2026"),
            (FieldType::Boolean, "perhaps"),
            (FieldType::Select, "Gold"),
            (FieldType::Url, "javascript:alert(1)"),
            (FieldType::Url, "https://a b"),
            (FieldType::Text, "a\u{0}b"),
        ] {
            assert!(text(kind, typed).is_err(), "{typed}");
        }
        assert!(to_text(&field(FieldType::Text), &CustomValue::Number(1.0)).is_err());
        assert!(to_text(&field(FieldType::Number), &CustomValue::Boolean(true)).is_err());
    }

    #[test]
    fn a_required_field_must_be_there_or_have_a_default() {
        let mut required = field(FieldType::Select);
        required.is_required = true;
        let none = BTreeMap::new();
        assert!(of_new(std::slice::from_ref(&required), &none).is_err());
        required.default_value = Some("Basic".to_owned());
        let stored = of_new(std::slice::from_ref(&required), &none).unwrap();
        assert_eq!(stored.get("plan"), Some(&Some((FieldType::Select, "Basic".to_owned()))));
        let removed = BTreeMap::from([("plan".to_owned(), None)]);
        assert!(of_changed(&[required], &removed).is_err());
    }
}
