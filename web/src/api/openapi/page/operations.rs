//! The operations of the document.

use serde_json::Value;

use super::example;
use super::kinds::{self, text};
use crate::api::openapi::PERMISSION;
use crate::views::api_docs::{FieldRow, Kind, OperationCard};

/// Methods in the order they are shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every operation with the group it belongs to, by path.
pub(super) fn all(document: &Value, base: &str) -> Vec<(String, OperationCard)> {
    let paths = document["paths"].as_object();
    let mut found = Vec::new();
    for (path, item) in paths.into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                let group = text(kinds::at(operation, "/tags/0"));
                found.push((group, card(document, base, path, method, operation)));
            }
        }
    }
    found
}

fn card(
    document: &Value,
    base: &str,
    path: &str,
    method: &str,
    operation: &Value,
) -> OperationCard {
    let summary = text(&operation["summary"]);
    let body =
        kinds::at(operation, "/requestBody/content").as_object().and_then(|all| all.iter().next());
    let mut card = OperationCard {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        about: more(&text(&operation["description"]), &summary),
        asks: asks(&text(&operation[PERMISSION])),
        parameters: parameters(document, operation),
        body: body.map(|(media, content)| match media.as_str() {
            "application/json" => kinds::of(document, &content["schema"]),
            other => {
                let kind = kinds::of(document, &content["schema"]);
                Kind { words: format!("{} as {other}", kind.words), ..kind }
            }
        }),
        example: example::curl(document, base, path, method, operation),
        summary,
        ..OperationCard::default()
    };
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        if answer.get("$ref").is_some() {
            card.problems.push(status.clone());
            continue;
        }
        card.status.clone_from(status);
        let content = answer["content"].as_object().and_then(|all| all.iter().next());
        card.answer = content.map(|(media, content)| {
            if media == "application/json" {
                kinds::carried(document, &content["schema"])
            } else {
                Kind { words: media.clone(), shape: String::new() }
            }
        });
    }
    card
}

/// The description less its first line, which is the summary.
fn more(description: &str, summary: &str) -> String {
    let rest = description.strip_prefix(summary).unwrap_or(description);
    rest.trim_start_matches('.').trim().to_owned()
}

/// Who may call it, as a sentence.
fn asks(words: &str) -> String {
    match words {
        "nothing" => "Open to everybody".to_owned(),
        "anybody" => "Anybody, by a session or any API key".to_owned(),
        "session" => "Anybody who signed in; no API key".to_owned(),
        "administrator" => "An administrator of the server who signed in; no API key".to_owned(),
        words => format!("Needs {words}"),
    }
}

fn parameters(document: &Value, operation: &Value) -> Vec<FieldRow> {
    let all = operation["parameters"].as_array();
    let row = |parameter: &Value| FieldRow {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        required: parameter["required"] == true,
        kind: kinds::of(document, &parameter["schema"]),
        about: text(&parameter["description"]),
    };
    all.into_iter().flatten().map(row).collect()
}
