//! Signing in and out.

use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD, Site};
use support::{Backend, PerBackend, TestApp, both_databases};

both_databases! {
    async fn wrong_passwords_and_unknown_people_get_one_answer(app: TestApp) {
        app.owner().await;
        let wrong = app.client().post("/api/auth/login", json!({"email": OWNER_EMAIL, "password": "wrong wrong wrong"})).await;
        let nobody = app.client().post("/api/auth/login", json!({"email": "no@example.com", "password": "wrong wrong wrong"})).await;
        wrong.expect_error(401, "unauthenticated");
        assert_eq!(wrong.text, nobody.text);
    }

    async fn signing_in_takes_a_new_token_and_signing_out_ends_it(app: TestApp) {
        let owner = app.owner().await;
        let before = app.db().texts("SELECT id FROM sessions").await;
        let mut owner = owner;
        owner.login(OWNER_EMAIL, PASSWORD).await;
        let after = app.db().texts("SELECT id FROM sessions").await;
        assert!(before.iter().all(|id| !after.contains(id)) || after.len() > before.len());
        owner.get("/api/auth/me").await.expect(200);
        owner.post("/api/auth/logout", json!({})).await.expect(200);
        owner.get("/api/auth/me").await.expect_error(401, "unauthenticated");
    }

    async fn the_database_holds_no_token_that_would_let_anybody_in(app: TestApp) {
        let owner = app.owner().await;
        let ids = app.db().texts("SELECT id FROM sessions").await;
        assert!(!ids.is_empty());
        for id in ids {
            let request = app.client().request(reqwest::Method::GET, "/api/auth/me")
                .header("Cookie", format!("pi-crm={id}"));
            support::Answer::of(request).await.expect_error(401, "unauthenticated");
        }
        owner.get("/api/auth/me").await.expect(200);
    }

    async fn every_call_needs_somebody(app: TestApp) {
        let owner = app.owner().await;
        let contact = owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        for path in ["/api/contacts", "/api/lists", "/api/templates", "/api/campaigns", "/api/providers",
            "/api/practice", "/api/import", "/api/audit", "/api/workspaces", &format!("/api/contacts/{contact}")] {
            app.client().get(path).await.expect_error(401, "unauthenticated");
        }
        // Before a body is looked at.
        app.client().post("/api/contacts", json!("nonsense")).await.expect_error(401, "unauthenticated");
    }
}

#[tokio::test]
async fn guessing_is_slowed_down_and_says_for_how_long() {
    let app = TestApp::start_with(Backend::Sqlite, &[("RATE_LIMIT_LOGIN", "3")]).await;
    let guess = || async {
        app.client()
            .post("/api/auth/login", json!({"email": "a@example.com", "password": "guess"}))
            .await
    };
    for _ in 0..3 {
        guess().await.expect_error(401, "unauthenticated");
    }
    let refused = guess().await;
    refused.expect_error(429, "rate_limited");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    // Somebody else is not locked out.
    app.client()
        .post("/api/auth/login", json!({"email": "b@example.com", "password": "guess"}))
        .await
        .expect_error(401, "unauthenticated");
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once() {
    let site = Site::fresh(Backend::Sqlite).await.set("SEED_PASSWORD", PASSWORD);
    assert!(site.run(&["seed", "--contacts", "2"]).status.success());
    let process = site.start().await;
    let mut andy = process.client();
    andy.login("andy@example.com", PASSWORD).await;
    process.terminate();
    let disabled = site.run(&["user", "disable", "--email", "andy@example.com"]);
    assert!(disabled.status.success(), "{}", String::from_utf8_lossy(&disabled.stderr));
    let process = site.start().await;
    andy.get("/api/auth/me").await.expect_error(401, "unauthenticated");
    process
        .client()
        .post("/api/auth/login", json!({"email": "andy@example.com", "password": PASSWORD}))
        .await
        .expect_error(401, "unauthenticated");
}
