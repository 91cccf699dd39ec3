//! What every answer of the API keeps to.

use serde_json::json;
use support::{Answer, TestApp, both_databases};

both_databases! {
    async fn bad_bodies_are_named_and_leave_nothing(app: TestApp) {
        let owner = app.owner().await;
        let send = |body: &'static str, kind: &'static str| {
            let request = owner.request(reqwest::Method::POST, "/api/contacts").header("Content-Type", kind).body(body);
            async move { Answer::of(request).await }
        };
        send("{", "application/json").await.expect_error(400, "malformed");
        send("{}", "text/plain").await.expect_error(415, "unsupported_media_type");
        let unknown = send(r#"{"first_name": "Ada", "workspace_id": "x"}"#, "application/json").await;
        unknown.expect_error(422, "validation_failed");
        assert!(unknown.body["error"]["fields"]["workspace_id"].is_string(), "{}", unknown.text);
        let email = owner.post("/api/contacts", json!({"primary_email": "no-address"})).await;
        email.expect_error(422, "validation_failed");
        assert!(email.body["error"]["fields"]["primary_email"].is_string(), "{}", email.text);
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let request = owner.request(reqwest::Method::POST, "/api/contacts").header("Content-Type", "application/json").body(deep);
        assert_eq!(Answer::of(request).await.status / 100, 4);
        assert_eq!(app.db().count("SELECT count(*) FROM base_contacts").await, 0);
    }

    async fn bad_queries_are_named(app: TestApp) {
        let owner = app.owner().await;
        for (query, field) in [("limit=0", "limit"), ("limit=201", "limit"), ("cursor=nonsense", "cursor"), ("sort=salary", "sort")] {
            let answer = owner.get(&format!("/api/contacts?{query}")).await;
            answer.expect_error(422, "validation_failed");
            assert!(answer.body["error"]["fields"][field].is_string(), "{query}: {}", answer.text);
        }
        owner.get("/api/contacts/not-an-id").await.expect_error(404, "not_found");
        owner.get("/api/nothing").await.expect_error(404, "not_found");
    }

    async fn a_lost_update_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let made = owner.post("/api/contacts", json!({"first_name": "Ada"})).await;
        let tag = made.header("etag").to_owned();
        let path = format!("/api/contacts/{}", made.id());
        let change = |tag: String, name: &'static str| {
            let request = owner.request(reqwest::Method::PATCH, &path).header("If-Match", tag).json(&json!({"first_name": name}));
            async move { Answer::of(request).await }
        };
        change(tag.clone(), "Grace").await.expect(200);
        change(tag, "Hedy").await.expect_error(412, "stale");
        assert_eq!(owner.get(&path).await.data()["first_name"], "Grace");
    }
}

#[test]
fn every_error_code_is_documented() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let docs = std::fs::read_to_string(root.join("docs/errors.md")).unwrap();
    let mut codes = 0;
    for file in [
        "web/src/error/mod.rs",
        "web/src/error/table.rs",
        "web/src/extract/json.rs",
        "web/src/extract/upload.rs",
        "web/src/api/etag.rs",
        "web/src/middleware/forgery.rs",
        "web/src/middleware/body.rs",
        "web/src/middleware/idempotency.rs",
    ] {
        let source = std::fs::read_to_string(root.join(file)).unwrap();
        // Codes are the only lower-case words in quotes that hold an underscore or stand alone as a second argument.
        let quoted = source.split('"').skip(1).step_by(2);
        for word in quoted.filter(|word| {
            word.contains('_') && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        }) {
            let is_field = ["setup_code"].contains(&word)
                || source.contains(&format!("invalid(\"{word}\""))
                || source.contains(&format!("about(\"{word}\""))
                || word == "csrf_token";
            if !is_field {
                codes += 1;
                assert!(
                    docs.contains(&format!("`{word}`")),
                    "{word} of {file} is not in docs/errors.md"
                );
            }
        }
    }
    assert!(codes > 10, "the codes were not found");
}
