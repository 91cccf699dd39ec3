//! A schema of the document in words.

use serde_json::Value;

use crate::views::api_docs::Kind;

/// The text of a value without the marks of Markdown; empty where it is none.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('`', "")
}

/// What lies at a JSON pointer (RFC 6901); `null` where there is nothing.
pub(super) fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// The name a reference leads to.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

/// The component of that name.
pub(super) fn component<'a>(document: &'a Value, name: &str) -> &'a Value {
    at(document, &format!("/components/schemas/{name}"))
}

/// What an answer carries: what is in its envelope, where it is one.
pub(super) fn carried(document: &Value, schema: &Value) -> Kind {
    let name = reference(schema).unwrap_or_default();
    let named = |inner: &str, words: String| Kind { words, shape: inner.to_owned() };
    if let Some(inner) = name.strip_prefix("One_") {
        named(inner, inner.to_owned())
    } else if let Some(inner) = name.strip_prefix("Many_") {
        named(inner, format!("list of {inner}"))
    } else {
        of(document, schema)
    }
}

/// What kind of value a schema allows.
pub(super) fn of(document: &Value, schema: &Value) -> Kind {
    if let Some(name) = reference(schema) {
        let target = component(document, name);
        // Ids and moments say what they are without a shape of their own.
        if target["type"] == "string" && target.get("enum").is_none() {
            return of(document, target);
        }
        return Kind { words: name.to_owned(), shape: name.to_owned() };
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        if let Some(all) = schema[choice].as_array() {
            let some = all.iter().filter(|one| one["type"] != "null").map(|one| of(document, one));
            return join(some.collect(), all.iter().any(|one| one["type"] == "null"));
        }
    }
    if let Some(types) = schema["type"].as_array() {
        let some = types.iter().filter(|one| *one != "null");
        let some = some.map(|one| plain(document, schema, one.as_str().unwrap_or_default()));
        return join(some.collect(), types.iter().any(|one| one == "null"));
    }
    plain(document, schema, schema["type"].as_str().unwrap_or_default())
}

fn join(kinds: Vec<Kind>, or_null: bool) -> Kind {
    let shape = kinds.iter().map(|kind| kind.shape.clone()).find(|shape| !shape.is_empty());
    let mut words: Vec<String> = kinds.into_iter().map(|kind| kind.words).collect();
    if or_null {
        words.push("null".to_owned());
    }
    Kind { words: words.join(" or "), shape: shape.unwrap_or_default() }
}

fn plain(document: &Value, schema: &Value, word: &str) -> Kind {
    let simple = |words: &str| Kind { words: words.to_owned(), shape: String::new() };
    match (word, schema["format"].as_str()) {
        ("string", Some("uuid")) => simple("UUID"),
        ("string", Some("date-time")) => simple("time (RFC 3339)"),
        ("string", Some("binary")) => simple("file"),
        ("string", _) => simple("text"),
        ("integer", _) => simple("whole number"),
        ("number", _) => simple("number"),
        ("boolean", _) => simple("true or false"),
        ("null", _) => simple("null"),
        ("array", _) => {
            let item = of(document, &schema["items"]);
            Kind { words: format!("list of {}", item.words), shape: item.shape }
        }
        ("object", _) if schema["additionalProperties"].is_object() => {
            let value = of(document, &schema["additionalProperties"]);
            Kind { words: format!("object of {}", value.words), shape: value.shape }
        }
        ("object", _) => simple("object"),
        _ => simple("any value"),
    }
}
