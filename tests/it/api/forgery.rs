//! Requests that change something and do not come from our pages.

use serde_json::json;
use support::{Answer, TestApp, both_databases};

both_databases! {
    async fn a_session_without_its_token_changes_nothing(app: TestApp) {
        let owner = app.owner().await;
        let forged = owner.without_csrf();
        forged.post("/api/contacts", json!({"first_name": "Eve"})).await.expect_error(403, "csrf_failed");
        let wrong = owner.without_csrf().request(reqwest::Method::POST, "/api/contacts")
            .header("X-CSRF-Token", "guess").json(&json!({"first_name": "Eve"}));
        Answer::of(wrong).await.expect_error(403, "csrf_failed");
        assert_eq!(app.db().count("SELECT count(*) FROM base_contacts").await, 0);
    }

    async fn other_origins_are_refused_even_with_the_token(app: TestApp) {
        let owner = app.owner().await;
        for (name, value) in [("Origin", "https://evil.test"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site")] {
            let request = owner.request(reqwest::Method::POST, "/api/contacts")
                .header(name, value).json(&json!({"first_name": "Eve"}));
            Answer::of(request).await.expect_error(403, "csrf_failed");
        }
        let own = owner.request(reqwest::Method::POST, "/api/contacts")
            .header("Origin", app.base()).header("Sec-Fetch-Site", "same-origin")
            .json(&json!({"first_name": "Ada"}));
        Answer::of(own).await.expect(201);
    }

    async fn a_form_without_its_token_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let request = owner.without_csrf().request(reqwest::Method::POST, "/contacts/new")
            .form(&[("first_name", "Eve")]);
        let answer = Answer::of(request).await;
        answer.expect(403);
        assert!(answer.header("content-type").starts_with("text/html"), "{}", answer.text);
        assert_eq!(app.db().count("SELECT count(*) FROM base_contacts").await, 0);
    }

    async fn answers_carry_their_headers(app: TestApp) {
        let owner = app.owner().await;
        for path in ["/dashboard", "/login", "/api/contacts", "/nothing/here", "/health"] {
            let answer = owner.get(path).await;
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
}
