//! The description of the API, as it is served, printed and shown.

use std::collections::BTreeSet;

use serde_json::Value;
use support::process::Site;
use support::{TestApp, both_databases};

/// Every `$ref` in a document.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get("$ref") {
                found.insert(target);
            }
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// Path, method and description of every operation.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, it)| (path.as_str(), method.as_str(), it))
    });
    operations.collect()
}

both_databases! {
    async fn anybody_may_read_it_and_it_hangs_together(app: TestApp) {
        let served = app.client().get("/api/openapi.json").await;
        let document = &served.expect(200).body;
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
        assert_eq!(served.header("content-type"), "application/json");
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));

        let mut targets = BTreeSet::new();
        references(document, &mut targets);
        for target in targets {
            let there = document.pointer(target.strip_prefix('#').expect("nothing lies elsewhere"));
            assert!(there.is_some(), "{target} leads nowhere");
        }

        let tags: BTreeSet<&str> =
            document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
        let mut ids = BTreeSet::new();
        for (path, method, operation) in operations(document) {
            let what = format!("{method} {path}: {operation}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "two of {what}");
            assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "no words for {what}");
            assert!(tags.contains(operation["tags"][0].as_str().unwrap()), "no group for {what}");
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.keys().any(|status| status.starts_with('2')), "no answer of {what}");
            assert!(answers.contains_key("429") && answers.contains_key("500"), "{what}");
            for name in path.split(['{', '}']).skip(1).step_by(2) {
                let parameters = operation["parameters"].as_array().unwrap();
                let named = parameters.iter().any(|one| one["name"] == name && one["in"] == "path");
                assert!(named, "{name} is not said in {what}");
            }
            // Whoever may be let in has to show something, and a session has to show its token where it writes.
            let open = operation["x-permission"] == "nothing";
            let ways = operation["security"].as_array().unwrap();
            assert_eq!(ways.is_empty(), open, "{what}");
            for way in ways.iter().filter(|way| way.get("session").is_some()) {
                assert_eq!(way.get("csrf_token").is_some(), method != "get", "{what}");
            }
        }
        assert!(ids.len() > 80, "only {} operations", ids.len());
    }

    async fn the_page_shows_every_operation_and_loads_nothing_from_elsewhere(app: TestApp) {
        let served = app.client().get("/api/openapi.json").await;
        let page = app.client().get("/api/docs").await;
        assert!(page.expect(200).header("content-type").starts_with("text/html"));
        for (path, method, operation) in operations(&served.body) {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.text.contains(&format!("id=\"{id}\"")), "{method} {path}");
            assert!(page.text.contains(path), "{path}");
        }
        for (name, _) in served.body["components"]["schemas"].as_object().unwrap() {
            let linked = page.text.contains(&format!("href=\"#shape-{name}\""));
            let there = page.text.contains(&format!("id=\"shape-{name}\""));
            assert!(!linked || there, "the link to {name} leads nowhere");
        }
        for attribute in ["src=\"", "href=\""] {
            for target in page.text.split(attribute).skip(1) {
                let target = target.split('"').next().unwrap();
                assert!(target.starts_with('/') || target.starts_with('#'), "{target}");
                assert!(!target.starts_with("//"), "{target}");
            }
        }
        // What is shown as an example names where the server is, and nothing it says is markup.
        assert!(page.text.contains("curl ") && page.text.contains(app.client().base()));
    }

    async fn the_command_prints_what_is_served(site: Site) {
        let printed = site.run(&["openapi"]);
        assert!(printed.status.success());
        let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
        let process = site.start().await;
        assert_eq!(printed, process.client().get("/api/openapi.json").await.body);
    }
}
