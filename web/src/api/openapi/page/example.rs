//! A call of an operation from a shell.

use serde_json::{Map, Value, json};

use super::kinds;

/// Fields shown where none is required.
const SOME: usize = 3;
/// How deep an example goes.
const DEPTH: u8 = 4;

/// `curl` with everything the operation needs.
pub(super) fn curl(
    document: &Value,
    base: &str,
    path: &str,
    method: &str,
    operation: &Value,
) -> String {
    let mut lines = vec![if method == "get" {
        format!("curl '{base}{path}'")
    } else {
        format!("curl -X {} '{base}{path}'", method.to_uppercase())
    }];
    let ways = operation["security"].as_array().map_or(&[] as &[Value], Vec::as_slice);
    if ways.iter().any(|way| way.get("api_key").is_some()) {
        lines.push("-H 'X-Api-Key: pcrm_…'".to_owned());
    } else if let Some(way) = ways.first() {
        lines.push("--cookie cookies.txt".to_owned());
        if way.get("csrf_token").is_some() {
            lines.push("-H 'X-CSRF-Token: …'".to_owned());
        }
    }
    let content = kinds::at(operation, "/requestBody/content").as_object();
    match content.and_then(|all| all.iter().next()) {
        Some((media, content)) if media == "application/json" => {
            lines.push("-H 'Content-Type: application/json'".to_owned());
            let body = value(document, &content["schema"], DEPTH);
            lines.push(format!("-d '{}'", body.to_string().replace('\'', "'\\''")));
        }
        Some(_) => lines.push("-F 'file=@contacts.csv'".to_owned()),
        None => {}
    }
    lines.join(" \\\n  ")
}

/// A value that fits a schema.
fn value(document: &Value, schema: &Value, depth: u8) -> Value {
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if let Some(name) = kinds::reference(schema) {
        if name == "Segment" {
            return json!({"all": []});
        }
        return value(document, kinds::component(document, name), depth.saturating_sub(1));
    }
    if let Some(word) = schema["enum"].as_array().and_then(|words| words.first()) {
        return word.clone();
    }
    for choice in ["oneOf", "anyOf"] {
        let mut all = schema[choice].as_array().into_iter().flatten();
        if let Some(one) = all.find(|one| one["type"] != "null") {
            return value(document, one, depth);
        }
    }
    let word = schema["type"]
        .as_str()
        .or_else(|| kinds::at(schema, "/type/0").as_str())
        .unwrap_or_default();
    match (word, schema["format"].as_str()) {
        ("string", Some("uuid")) => json!("019aa000-0000-7000-8000-000000000000"),
        ("string", _) => json!("…"),
        ("integer" | "number", _) => json!(1),
        ("boolean", _) => json!(true),
        ("array", _) if depth > 0 => json!([value(document, &schema["items"], depth - 1)]),
        ("object", _) if depth > 0 => object(document, schema, depth),
        _ => json!({}),
    }
}

/// The required fields of an object, or a few where none is.
fn object(document: &Value, schema: &Value, depth: u8) -> Value {
    let required = schema["required"].as_array();
    let is_required =
        |name: &str| required.into_iter().flatten().any(|one| one.as_str() == Some(name));
    let all = || schema["properties"].as_object().into_iter().flatten();
    let any = all().any(|(name, _)| is_required(name));
    let fields: Map<String, Value> = all()
        .filter(|(name, _)| !any || is_required(name))
        .take(if any { usize::MAX } else { SOME })
        .map(|(name, field)| (name.clone(), value(document, field, depth - 1)))
        .collect();
    Value::Object(fields)
}
