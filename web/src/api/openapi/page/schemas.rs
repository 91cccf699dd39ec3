//! The shapes of the document.

use std::collections::BTreeSet;

use serde_json::Value;

use super::kinds::{self, text};
use crate::views::api_docs::{FieldRow, Shape};

/// Every shape worth a look: neither envelopes nor what is a plain text.
pub(super) fn all(document: &Value) -> Vec<Shape> {
    let Some(schemas) = kinds::at(document, "/components/schemas").as_object() else {
        return Vec::new();
    };
    schemas
        .iter()
        .filter(|(name, schema)| {
            let envelope = name.starts_with("One_") || name.starts_with("Many_");
            !envelope && (schema["type"] != "string" || schema.get("enum").is_some())
        })
        .map(|(name, schema)| shape(document, name, schema))
        .collect()
}

fn shape(document: &Value, name: &str, schema: &Value) -> Shape {
    let mut shape = Shape {
        name: name.to_owned(),
        about: text(&schema["description"]),
        words: words(schema),
        ..Shape::default()
    };
    fields(document, schema, &mut shape.fields);
    for choice in ["oneOf", "anyOf"] {
        for one in schema[choice].as_array().into_iter().flatten() {
            let before = shape.fields.len();
            fields(document, one, &mut shape.fields);
            shape.words.extend(words(one));
            if shape.fields.len() == before && words(one).is_empty() {
                shape.choices.push(kinds::of(document, one));
            }
        }
    }
    // What is put together of several has the fields of all of them.
    for part in schema["allOf"].as_array().into_iter().flatten() {
        let part = kinds::reference(part).map_or(part, |name| kinds::component(document, name));
        fields(document, part, &mut shape.fields);
    }
    let mut seen = BTreeSet::new();
    shape.fields.retain(|field| seen.insert((field.name.clone(), field.kind.words.clone())));
    shape
}

fn words(schema: &Value) -> Vec<String> {
    schema["enum"].as_array().into_iter().flatten().map(text).collect()
}

/// The fields of an object.
fn fields(document: &Value, schema: &Value, rows: &mut Vec<FieldRow>) {
    let required: BTreeSet<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        rows.push(FieldRow {
            name: name.clone(),
            place: String::new(),
            required: required.contains(name.as_str()),
            kind: kinds::of(document, field),
            about: text(&field["description"]),
        });
    }
}
