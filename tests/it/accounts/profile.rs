//! A person's own name and address.

use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD, Site};
use support::{TestApp, both_databases};

both_databases! {
    async fn another_address_needs_the_password(app: TestApp) {
        let owner = app.owner().await;
        let named = owner.patch("/api/auth/me", json!({"name": " Andy Kern "})).await;
        named.expect(200);
        assert_eq!(named.data()["user"]["name"], "Andy Kern");
        let new = "andy.kern@example.com";
        for body in [json!({"email": new}), json!({"email": new, "current_password": "not this one"})] {
            let refused = owner.patch("/api/auth/me", body).await;
            refused.expect_error(403, "wrong_password");
            assert!(refused.body["error"]["fields"]["current_password"].is_string(), "{}", refused.text);
        }
        owner.patch("/api/auth/me", json!({"email": "no address", "current_password": PASSWORD})).await
            .expect_error(422, "validation_failed");
        owner.patch("/api/auth/me", json!({"is_admin": true})).await.expect_error(422, "validation_failed");
        owner.patch("/api/auth/me", json!({"name": ""})).await.expect_error(422, "validation_failed");
        assert_eq!(app.db().texts("SELECT email FROM users").await, [OWNER_EMAIL]);
        let moved = owner.patch("/api/auth/me", json!({"email": " Andy.Kern@Example.com", "current_password": PASSWORD})).await;
        moved.expect(200);
        assert_eq!(owner.get("/api/auth/me").await.data()["user"]["email"], new);
        app.login(new, PASSWORD).await;
        app.client().post("/api/auth/login", json!({"email": OWNER_EMAIL, "password": PASSWORD})).await
            .expect_error(401, "unauthenticated");
        let told = app.db().texts("SELECT action FROM audit_logs ORDER BY seq").await;
        assert_eq!(told.iter().filter(|action| *action == "user.changed").count(), 2);
    }

    async fn nobody_takes_the_address_of_somebody_else(site: Site) {
        let site = site.set("SEED_PASSWORD", PASSWORD);
        assert!(site.run(&["seed", "--contacts", "2"]).status.success());
        let process = site.start().await;
        let mut andy = process.client();
        andy.login("andy@example.com", PASSWORD).await;
        let body = json!({"email": "MONALISA@example.com", "current_password": PASSWORD});
        let refused = andy.patch("/api/auth/me", body).await;
        refused.expect_error(409, "duplicate_email");
        assert!(refused.body["error"]["fields"]["email"].is_string(), "{}", refused.text);
    }

    async fn the_page_keeps_what_was_typed(app: TestApp) {
        let owner = app.owner().await;
        let page = "/settings/profile";
        let typed = [("name", "Andy K."), ("email", "other@example.com"), ("current_password", "not this one")];
        let wrong = owner.submit(page, page, &typed).await;
        wrong.expect(403);
        assert!(wrong.text.contains("Andy K.") && wrong.text.contains("other@example.com"), "{}", wrong.text);
        assert!(wrong.text.contains("This is not your current password."));
        assert!(!wrong.text.contains("not this one"));
        let typed = [("name", "Andy K."), ("email", OWNER_EMAIL), ("current_password", "")];
        owner.submit(page, page, &typed).await.expect(303);
        assert!(owner.get(page).await.text.contains("Andy K."));
    }
}
