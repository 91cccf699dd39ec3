//! `/settings/keys` in a browser without JavaScript.

use support::process::PASSWORD;
use support::{TestApp, both_databases};

both_databases! {
    async fn a_key_is_made_shown_once_and_revoked(app: TestApp) {
        let owner = app.owner().await;
        let empty = owner.get("/settings/keys").await;
        assert!(empty.expect(200).text.contains("Let a program in"));
        let made = owner.submit("/settings/keys/new", "/settings/keys", &[
            ("description", "Web shop"), ("expires", "90"), ("scopes", "contacts:write"), ("scopes", "lists:read"),
        ]).await;
        made.expect(200);
        let key = made.text.split("pcrm_").nth(1).unwrap().split('"').next().unwrap();
        let key = format!("pcrm_{key}");
        let program = app.client().with_api_key(&key);
        program.get("/api/contacts").await.expect(200);
        program.get("/api/campaigns").await.expect_error(403, "insufficient_scope");
        let page = owner.get("/settings/keys").await;
        assert!(!page.expect(200).text.contains(&key), "the key is shown twice");
        assert!(page.text.contains("Web shop") && page.text.contains("Contacts: read and write"), "{}", page.text);

        let id = owner.get("/api/auth/keys").await.data()[0]["id"].as_str().unwrap().to_owned();
        owner.submit("/settings/keys", &format!("/settings/keys/{id}/revoke"), &[]).await.expect(303);
        program.get("/api/contacts").await.expect_error(401, "unauthenticated");
        assert!(!owner.get("/settings/keys").await.text.contains("Web shop"));
        owner.submit("/settings/keys/new", &format!("/settings/keys/{id}/revoke"), &[]).await.expect(404);
    }

    async fn a_form_with_mistakes_comes_back_with_what_was_typed(app: TestApp) {
        let owner = app.owner().await;
        let again = owner.submit("/settings/keys/new", "/settings/keys", &[("description", "Shop <3"), ("expires", "30")]).await;
        again.expect(422);
        assert!(again.text.contains("Choose at least one scope") && again.text.contains("Shop &lt;3"), "{}", again.text);
        for fields in [&[("scopes", "admin")][..], &[("description", "K"), ("scopes", "admin"), ("expires", "7")]] {
            owner.submit("/settings/keys/new", "/settings/keys", fields).await.expect(422);
        }
        assert_eq!(app.db().count("SELECT count(*) FROM api_keys").await, 0);
    }

    async fn only_scopes_the_role_allows_are_offered(app: TestApp) {
        use sea_orm::ConnectionTrait;
        let owner = app.owner().await;
        let form = owner.get("/settings/keys/new").await;
        for word in ["contacts:write", "campaigns:approve", "audit:read"] {
            assert!(form.text.contains(&format!("value=\"{word}\"")), "{word}");
        }
        app.db().raw().execute_unprepared("UPDATE workspace_members SET role = 'viewer'").await.unwrap();
        let viewer = app.login("andy@example.com", PASSWORD).await;
        let form = viewer.get("/settings/keys/new").await;
        assert!(form.expect(200).text.contains("value=\"contacts:read\""));
        for word in ["contacts:write", "campaigns:send", "campaigns:approve", "audit:read"] {
            assert!(!form.text.contains(&format!("value=\"{word}\"")), "{word}");
        }
    }
}
