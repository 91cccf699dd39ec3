//! Passwords: what is accepted, changing one, and an answer that tells nothing.

use std::time::{Duration, Instant};

use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD};
use support::{Answer, Backend, TestApp, both_databases};

const NEW: &str = "seven quiet lanterns drift";

both_databases! {
    async fn changing_a_password_needs_the_old_one_and_ends_all_other_sessions(app: TestApp) {
        let mut owner = app.owner().await;
        let login = owner.login(OWNER_EMAIL, PASSWORD).await;
        let old_cookie = login.header("set-cookie").split(';').next().unwrap().to_owned();
        let other = app.login(OWNER_EMAIL, PASSWORD).await;
        let path = "/api/auth/password";
        let wrong = owner.post(path, json!({"current_password": "not this one", "new_password": NEW})).await;
        wrong.expect_error(403, "wrong_password");
        assert!(wrong.body["error"]["fields"]["current_password"].is_string(), "{}", wrong.text);
        owner.post(path, json!({"new_password": NEW})).await.expect_error(422, "validation_failed");
        for weak in ["short", "password1234", "andy@example.com", "Andy-Andy-Andy"] {
            let refused = owner.post(path, json!({"current_password": PASSWORD, "new_password": weak})).await;
            refused.expect_error(422, "validation_failed");
            assert!(refused.body["error"]["fields"]["new_password"].is_string(), "{}", refused.text);
        }
        app.client().post(path, json!({"current_password": PASSWORD, "new_password": NEW})).await
            .expect_error(401, "unauthenticated");
        other.get("/api/auth/me").await.expect(200);

        let changed = owner.post(path, json!({"current_password": PASSWORD, "new_password": NEW})).await;
        changed.expect(200);
        assert!(changed.data()["csrf_token"].is_string());
        other.get("/api/auth/me").await.expect_error(401, "unauthenticated");
        owner.get("/api/auth/me").await.expect(200);
        let replay = app.client().request(reqwest::Method::GET, "/api/auth/me").header("Cookie", old_cookie);
        Answer::of(replay).await.expect_error(401, "unauthenticated");
        assert_eq!(app.db().count("SELECT count(*) FROM sessions").await, 1);
        app.client().post("/api/auth/login", json!({"email": OWNER_EMAIL, "password": PASSWORD})).await
            .expect_error(401, "unauthenticated");
        app.login(OWNER_EMAIL, NEW).await;
        let told = app.db().texts("SELECT action FROM audit_logs ORDER BY seq").await;
        assert_eq!(told.iter().filter(|action| *action == "user.password_changed").count(), 1);
    }

    async fn a_password_counts_to_its_last_character(app: TestApp) {
        let owner = app.owner().await;
        let base = "a".repeat(72);
        let (long, other) = (format!("{base}X"), format!("{base}Y"));
        let body = json!({"current_password": PASSWORD, "new_password": long});
        owner.post("/api/auth/password", body).await.expect(200);
        let spaces = format!("{long} ");
        let small = long.to_lowercase();
        for wrong in [&other, &base, &spaces, &small] {
            app.client().post("/api/auth/login", json!({"email": OWNER_EMAIL, "password": wrong})).await
                .expect_error(401, "unauthenticated");
        }
        app.login(OWNER_EMAIL, &long).await;
        let hashes = app.db().texts("SELECT password_hash FROM users").await;
        assert!(hashes.iter().all(|hash| hash.starts_with("$2b$12$")), "{hashes:?}");
    }

    async fn the_page_changes_a_password_and_says_what_is_wrong_beside_the_field(app: TestApp) {
        let owner = app.owner().await;
        let page = owner.get("/settings/security").await;
        page.expect(200);
        assert!(page.text.contains(r#"autocomplete="current-password""#), "{}", page.text);
        assert!(page.text.contains(r#"autocomplete="new-password""#), "{}", page.text);
        let to = "/settings/security/password";
        let change = |current: &'static str, new: &'static str| {
            let owner = owner.clone();
            async move {
                owner.submit("/settings/security", to, &[("current_password", current), ("new_password", new)]).await
            }
        };
        let wrong = change("not this one", NEW).await;
        wrong.expect(403);
        assert!(wrong.text.contains("This is not your current password."), "{}", wrong.text);
        assert!(!wrong.text.contains(NEW));
        let weak = change(PASSWORD, "password1234").await;
        weak.expect(422);
        assert!(weak.text.contains("easy to guess"), "{}", weak.text);
        change(PASSWORD, NEW).await.expect(303);
        owner.get("/settings/security").await.expect(200);
        app.login(OWNER_EMAIL, NEW).await;
    }
}

/// How long a wrong sign-in takes at best: the shortest of several, so that a busy machine does not decide.
async fn shortest(app: &TestApp, email: &str) -> Duration {
    let mut shortest = Duration::MAX;
    for _ in 0..6 {
        let started = Instant::now();
        let answer = app
            .client()
            .post("/api/auth/login", json!({"email": email, "password": "wrong wrong wrong"}))
            .await;
        answer.expect_error(401, "unauthenticated");
        shortest = shortest.min(started.elapsed());
    }
    shortest
}

#[tokio::test]
async fn unknown_people_are_answered_as_slowly_as_known_ones() {
    let app = TestApp::start(Backend::Sqlite).await;
    app.owner().await;
    let known = shortest(&app, OWNER_EMAIL).await;
    let unknown = shortest(&app, "nobody@example.com").await;
    let (short, long) = (known.min(unknown), known.max(unknown));
    assert!(long < short * 2, "known {known:?}, unknown {unknown:?}");
}
