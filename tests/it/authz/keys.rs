//! API keys over HTTP: made, used, refused.

use reqwest::Method;
use serde_json::{Value, json};
use support::process::PASSWORD;
use support::{Answer, Backend, Client, TestApp, both_databases};

pub(super) async fn make(owner: &Client, scopes: &[&str]) -> (String, String) {
    let made = owner.post("/api/auth/keys", json!({"description": "Shop", "scopes": scopes})).await;
    made.expect(201);
    (made.id(), made.data()["key"].as_str().unwrap().to_owned())
}

async fn sql(app: &TestApp, statement: &str) {
    use sea_orm::ConnectionTrait;
    app.db().raw().execute_unprepared(statement).await.unwrap();
}

async fn audit(app: &TestApp, action: &str) -> Vec<Value> {
    let rows = format!(
        "SELECT CAST(details AS TEXT) FROM audit_logs WHERE action = '{action}' ORDER BY seq"
    );
    app.db().texts(&rows).await.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

both_databases! {
    async fn a_key_is_shown_once_and_only_its_hash_is_kept(app: TestApp) {
        let owner = app.owner().await;
        let made = owner.post("/api/auth/keys", json!({
            "description": "  Web shop ", "scopes": ["lists:read", "contacts:write"], "expires_at": "2126-01-01T00:00:00Z",
        })).await;
        made.expect(201);
        let key = made.data()["key"].as_str().unwrap();
        // Base64 without padding: six bits a character.
        assert!(key.starts_with("pcrm_") && (key.len() - 5) * 6 >= 160, "{key}");
        assert!(key.starts_with(made.data()["prefix"].as_str().unwrap()));
        assert_eq!(made.data()["description"], "Web shop");
        assert_eq!(made.data()["scopes"], json!(["contacts:write", "lists:read"]));
        let (_, other) = make(&owner, &["admin"]).await;
        assert_ne!(key, other);

        let listed = owner.get("/api/auth/keys").await;
        assert_eq!(listed.expect(200).body["meta"]["total"], 2);
        assert!(!listed.text.contains(key) && listed.data()[1].get("key").is_none());
        assert_eq!(listed.data()[1]["last_used_at"], Value::Null);
        app.client().with_api_key(key).get("/api/contacts").await.expect(200);
        let secret = &key[11..];
        for table in ["api_keys", "audit_logs", "outbox", "system_settings"] {
            let text = if app.db().backend() == Backend::Postgres {
                format!("SELECT count(*) FROM {table} t WHERE strpos(t::text, '{secret}') > 0")
            } else if table == "api_keys" {
                format!("SELECT count(*) FROM api_keys WHERE instr(key_hash || prefix || description || scopes, '{secret}')")
            } else if table == "audit_logs" {
                format!("SELECT count(*) FROM audit_logs WHERE instr(details, '{secret}')")
            } else {
                continue;
            };
            assert_eq!(app.db().count(&text).await, 0, "{table} holds the key");
        }
        assert_eq!(app.db().count("SELECT count(*) FROM api_keys WHERE length(key_hash) = 64").await, 2);
    }

    async fn a_key_does_what_its_scopes_say_and_nothing_else(app: TestApp) {
        let owner = app.owner().await;
        let (_, key) = make(&owner, &["contacts:write", "campaigns:send"]).await;
        let program = app.client().with_api_key(&key);
        // No CSRF token, and writing holds reading.
        let ada = program.post("/api/contacts", json!({"first_name": "Ada"})).await;
        ada.expect(201);
        program.get(&format!("/api/contacts/{}", ada.id())).await.expect(200);
        for (path, scope) in [("/api/lists", "lists:read"), ("/api/campaigns", "campaigns:read"), ("/api/audit", "audit:read"),
            ("/api/workspaces", "workspaces:read"), (&format!("/api/contacts/{}/logs", ada.id()), "logs:read")] {
            let refused = program.get(path).await;
            refused.expect_error(403, "insufficient_scope");
            assert!(refused.text.contains(scope), "{}", refused.text);
        }
        // A template shows a contact only to who may see the contact.
        let template = owner.post("/api/templates", json!({"name": "T", "subject": "S", "body_html": "<p>{{ contact.first_name }}</p>"})).await.id();
        let (_, key) = make(&owner, &["templates:read"]).await;
        let designer = app.client().with_api_key(&key);
        let preview = format!("/api/templates/{template}/preview");
        designer.post(&preview, json!({})).await.expect(200);
        let refused = designer.post(&preview, json!({"contact_id": ada.id()})).await;
        refused.expect_error(403, "insufficient_scope");
        assert!(refused.text.contains("contacts:read"), "{}", refused.text);
        // Who it is, it may always ask; there is no token for it to repeat.
        let me = program.get("/api/auth/me").await;
        assert_eq!(me.expect(200).data()["user"]["email"], "andy@example.com");
        assert!(me.data().get("csrf_token").is_none(), "{}", me.text);
    }

    async fn a_wrong_request_for_a_key_names_its_field(app: TestApp) {
        let owner = app.owner().await;
        for (body, field, text) in [
            (json!({"description": "K", "scopes": ["contacts:read", "contacts:paint"]}), "scopes", "contacts:paint"),
            (json!({"description": "K", "scopes": []}), "scopes", "at least one"),
            (json!({"description": " ", "scopes": ["admin"]}), "description", "200"),
            (json!({"description": "x".repeat(201), "scopes": ["admin"]}), "description", "200"),
            (json!({"description": "K", "scopes": ["admin"], "expires_at": "2020-01-01T00:00:00Z"}), "expires_at", "future"),
            (json!({"description": "K", "scopes": ["admin"], "user_id": "x"}), "user_id", "not a field"),
        ] {
            let refused = owner.post("/api/auth/keys", body).await;
            refused.expect_error(422, "validation_failed");
            let said = refused.body["error"]["fields"][field].as_str().unwrap_or_default();
            assert!(said.contains(text), "{}", refused.text);
        }
        assert_eq!(app.db().count("SELECT count(*) FROM api_keys").await, 0);
    }

    async fn revoked_expired_disabled_and_invented_keys_get_one_answer(app: TestApp) {
        let owner = app.owner().await;
        let invented = app.client().with_api_key("pcrm_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        let expected = invented.get("/api/contacts").await;
        expected.expect_error(401, "unauthenticated");
        let same = |answer: Answer| assert_eq!((answer.status, &answer.text), (401, &expected.text));

        let (id, key) = make(&owner, &["admin"]).await;
        let program = app.client().with_api_key(&key);
        program.get("/api/contacts").await.expect(200);
        owner.delete(&format!("/api/auth/keys/{id}")).await.expect(200);
        same(program.get("/api/contacts").await);
        owner.delete(&format!("/api/auth/keys/{id}")).await.expect_error(404, "not_found");
        assert_eq!(owner.get("/api/auth/keys").await.body["meta"]["total"], 0);

        let (id, key) = make(&owner, &["admin"]).await;
        let program = app.client().with_api_key(&key);
        program.get("/api/contacts").await.expect(200);
        sql(&app, &format!("UPDATE api_keys SET expires_at = '2026-01-01T00:00:00.000Z' WHERE id = '{id}'")).await;
        same(program.get("/api/contacts").await);

        let (_, key) = make(&owner, &["admin"]).await;
        let program = app.client().with_api_key(&key);
        program.get("/api/contacts").await.expect(200);
        sql(&app, "UPDATE users SET disabled_at = '2026-01-01T00:00:00.000Z'").await;
        same(program.get("/api/contacts").await);
        same(program.post("/api/contacts", json!({"first_name": "Eve"})).await);

        for odd in ["", "pcrm_", "ключ", &"pcrm_A".repeat(200)] {
            let request = app.client().request(Method::GET, "/api/contacts").header("X-Api-Key", odd.as_bytes());
            same(Answer::of(request).await);
        }
        let reasons: Vec<Value> = audit(&app, "api_key.refused").await.into_iter().map(|entry| entry["reason"].clone()).collect();
        for reason in ["revoked", "expired", "its user is disabled", "unknown"] {
            assert!(reasons.contains(&json!(reason)), "{reasons:?}");
        }
    }

    async fn a_key_wins_over_a_cookie_and_a_wrong_one_loses_for_both(app: TestApp) {
        let owner = app.owner().await;
        let (_, reader) = make(&owner, &["contacts:read"]).await;
        let with = |key: &str, csrf: bool| {
            let client = if csrf { owner.clone() } else { owner.without_csrf() };
            client.request(Method::POST, "/api/contacts").header("X-Api-Key", key).json(&json!({"first_name": "Eve"}))
        };
        // The session may write, the key may not: the key counts.
        Answer::of(with(&reader, true)).await.expect_error(403, "insufficient_scope");
        for csrf in [true, false] {
            Answer::of(with("pcrm_wrong", csrf)).await.expect_error(401, "unauthenticated");
        }
        assert_eq!(app.db().count("SELECT count(*) FROM base_contacts").await, 0);
        // A valid key needs no token, and an invented one does not take its place.
        let (_, writer) = make(&owner, &["contacts:write"]).await;
        Answer::of(with(&writer, false)).await.expect(201);
        let two = with(&writer, true).header("X-Api-Key", "pcrm_wrong");
        Answer::of(two).await.expect_error(401, "unauthenticated");
        owner.without_csrf().post("/api/contacts", json!({"first_name": "Eve"})).await.expect_error(403, "csrf_failed");
    }

    async fn keys_belong_to_one_person_and_open_no_doors_for_people(app: TestApp) {
        let owner = app.owner().await;
        let (id, key) = make(&owner, &["admin"]).await;
        let program = app.client().with_api_key(&key);
        program.get("/api/auth/keys").await.expect_error(403, "session_required");
        program.post("/api/auth/keys", json!({"description": "More", "scopes": ["admin"]})).await.expect_error(403, "session_required");
        program.delete(&format!("/api/auth/keys/{id}")).await.expect_error(403, "session_required");
        program.post("/api/auth/logout", json!({})).await.expect_error(403, "session_required");
        // Pages take sessions only, and signing in looks at no key.
        assert_eq!(program.get("/contacts").await.expect(303).header("location"), "/login?next=/contacts");
        let body = json!({"email": "andy@example.com", "password": PASSWORD});
        app.client().with_api_key("pcrm_wrong").post("/api/auth/login", body).await.expect(200);

        sql(&app, "INSERT INTO users (id, email, password_hash, name, is_admin, created_at, updated_at) \
            SELECT '018f0000-0000-7000-8000-0000000000aa', 'monalisa@example.com', password_hash, 'Monalisa', false, created_at, updated_at FROM users").await;
        let monalisa = app.login("monalisa@example.com", PASSWORD).await;
        assert_eq!(monalisa.get("/api/auth/keys").await.body["meta"]["total"], 0);
        monalisa.delete(&format!("/api/auth/keys/{id}")).await.expect_error(404, "not_found");
        program.get("/api/contacts").await.expect(200);
    }

    async fn the_audit_log_tells_what_a_key_did(app: TestApp) {
        let owner = app.owner().await;
        let (id, key) = make(&owner, &["contacts:write"]).await;
        let program = app.client().with_api_key(&key);
        for name in ["Ada", "Grace"] {
            program.post("/api/contacts", json!({"first_name": name})).await.expect(201);
        }
        owner.post("/api/contacts", json!({"first_name": "Hedy"})).await.expect(201);
        let by: Vec<Value> = audit(&app, "contact.created").await.into_iter().map(|entry| entry["api_key_id"].clone()).collect();
        assert_eq!(by, [json!(id), json!(id), Value::Null]);
        assert_eq!(audit(&app, "api_key.created").await[0]["scopes"], json!(["contacts:write"]));
        assert_eq!(audit(&app, "api_key.first_used").await.len(), 1);
        owner.delete(&format!("/api/auth/keys/{id}")).await.expect(200);
        assert_eq!(audit(&app, "api_key.revoked").await.len(), 1);
        program.get("/api/contacts").await.expect(401);
        assert_eq!(audit(&app, "api_key.refused").await[0]["api_key_id"], json!(id));
        assert_eq!(owner.get("/api/audit/verify").await.data()["ok"], true);
    }

    async fn what_one_key_was_answered_is_not_told_to_another(app: TestApp) {
        let owner = app.owner().await;
        let (_, writer) = make(&owner, &["contacts:write"]).await;
        let (_, reader) = make(&owner, &["contacts:read"]).await;
        let send = |key: String| {
            let request = app.client().with_api_key(&key).request(Method::POST, "/api/contacts");
            Answer::of(request.header("Idempotency-Key", "one").json(&json!({"first_name": "Ada"})))
        };
        let made = send(writer.clone()).await;
        assert_eq!(send(writer).await.id(), made.expect(201).id());
        send(reader).await.expect_error(403, "insufficient_scope");
        // A new key is told once, whoever asks again.
        let again = || {
            let request = owner.request(Method::POST, "/api/auth/keys").header("Idempotency-Key", "two");
            Answer::of(request.json(&json!({"description": "K", "scopes": ["admin"]})))
        };
        again().await.expect(201);
        again().await.expect_error(409, "already_answered");
    }

    async fn the_last_use_is_noted_once_a_minute(app: TestApp) {
        let owner = app.owner().await;
        let (id, key) = make(&owner, &["contacts:read"]).await;
        let program = app.client().with_api_key(&key);
        let last = || async {
            program.get("/api/contacts").await.expect(200);
            app.db().texts("SELECT last_used_at FROM api_keys").await.remove(0)
        };
        let first = last().await;
        assert_eq!(last().await, first);
        sql(&app, &format!("UPDATE api_keys SET last_used_at = '2026-01-01T00:00:00.000Z' WHERE id = '{id}'")).await;
        assert!(last().await >= first);
        assert_eq!(audit(&app, "api_key.first_used").await.len(), 1);
        assert_ne!(owner.get("/api/auth/keys").await.data()[0]["last_used_at"], Value::Null);
    }
}

#[tokio::test]
async fn guessing_keys_is_slowed_down_and_holds_up_no_valid_one() {
    let app = TestApp::start_with(Backend::Sqlite, &[("RATE_LIMIT_LOGIN", "3")]).await;
    let owner = app.owner().await;
    let (_, key) = make(&owner, &["contacts:read"]).await;
    let guess = app.client().with_api_key("pcrm_guess");
    for _ in 0..3 {
        guess.get("/api/contacts").await.expect_error(401, "unauthenticated");
    }
    let refused = guess.get("/api/contacts").await;
    refused.expect_error(429, "rate_limited");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    app.client().with_api_key(&key).get("/api/contacts").await.expect(200);
    assert_eq!(audit(&app, "api_key.refused").await.len(), 3);
}
