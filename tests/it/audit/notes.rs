//! What was refused or failed is in the log, and a flood of it is not.

use std::time::Duration;

use crm_audit::Notes;
use crm_core::{Actor, Role, WorkspaceId};
use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD};
use support::{Client, TestApp, both_databases};

use super::{Bench, run};

const REFUSED: &str = "SELECT count(*) FROM audit_logs WHERE action = 'access.refused'";
const FAILED: &str = "SELECT count(*) FROM audit_logs WHERE action = 'login.failed'";

/// The owner once more, as somebody who may only look.
async fn demoted(app: &TestApp) -> Client {
    let owner = app.owner().await;
    run(app.db(), "UPDATE workspace_members SET role = 'viewer'").await;
    owner
}

both_databases! {
    async fn a_refusal_names_who_what_and_where_once_a_minute(app: TestApp) {
        let viewer = demoted(&app).await;
        for _ in 0..3 {
            viewer.post("/api/contacts", json!({"first_name": "Eve"})).await.expect_error(403, "forbidden");
        }
        assert_eq!(app.db().count(REFUSED).await, 1);
        viewer.submit("/dashboard", "/contacts", &[("first_name", "Eve")]).await.expect(403);
        assert_eq!(app.db().count(REFUSED).await, 1);
        viewer.get("/api/audit").await.expect(403);
        viewer.get("/settings/audit").await.expect(403);
        let details = app.db().texts("SELECT CAST(details AS text) FROM audit_logs WHERE action = 'access.refused' ORDER BY seq").await;
        assert_eq!(details.len(), 2);
        let first: serde_json::Value = serde_json::from_str(&details[0]).unwrap();
        let me = app.db().texts("SELECT id FROM users").await;
        assert_eq!((&first["right"], &first["role"], &first["actor"]), (&json!("contacts:write"), &json!("viewer"), &json!(me[0])));
        assert_eq!(first["route"], "POST /api/contacts");
        let workspace = app.db().count(&format!("{REFUSED} AND workspace_id IS NOT NULL AND ip_address = '127.0.0.1'")).await;
        assert_eq!(workspace, 2);
    }

    async fn what_is_not_there_or_needs_a_sign_in_is_no_refusal(app: TestApp) {
        let owner = app.owner().await;
        app.client().get("/api/contacts").await.expect(401);
        owner.get("/api/contacts/0190a8f0-0000-7000-8000-000000000001").await.expect(404);
        owner.without_csrf().post("/api/contacts", json!({"first_name": "Eve"})).await.expect_error(403, "csrf_failed");
        assert_eq!(app.db().count(REFUSED).await, 0);
    }

    async fn a_failed_sign_in_names_the_address_and_never_the_password(app: TestApp) {
        app.owner().await;
        let attempt = async |email: &str, password: &str| {
            let body = json!({"email": email, "password": password});
            app.client().post("/api/auth/login", body).await.expect(401);
        };
        attempt(OWNER_EMAIL, "not my secret canary").await;
        attempt("nobody@example.com", "not my secret canary").await;
        // The password typed into the wrong field.
        attempt(PASSWORD, "").await;
        attempt("two\u{0}lines@example.com", "x").await;
        let client = app.client();
        client.submit("/login", "/login", &[("email", OWNER_EMAIL), ("password", "wrong canary")]).await.expect(422);

        let rows = app.db().texts("SELECT coalesce(entity_id, '-') || CAST(details AS text) FROM audit_logs WHERE action = 'login.failed' ORDER BY seq").await;
        assert_eq!(rows.len(), 5, "{rows:?}");
        let me = app.db().texts("SELECT id FROM users").await.remove(0);
        assert!(rows[0].starts_with(&me) && rows[0].contains(OWNER_EMAIL), "{rows:?}");
        assert!(rows[1].starts_with('-') && rows[1].contains("nobody@example.com"), "{rows:?}");
        assert!(rows[4].starts_with(&me), "{rows:?}");
        assert!(!rows.concat().contains("canary") && !rows.concat().contains(PASSWORD), "{rows:?}");
        assert_eq!(app.db().count(&format!("{FAILED} AND ip_address = '127.0.0.1' AND user_id IS NULL")).await, 5);
    }

    async fn a_flood_leaves_few_entries_and_a_minute_later_there_is_room(bench: Bench) {
        let notes = Notes::new(bench.ctx.clone());
        let actor = Actor::system("test");
        let place = Some((bench.ctx.id(WorkspaceId::from_uuid), Role::Viewer));
        let flood = async || {
            for _ in 0..50 {
                notes.refused(&actor, place, "contacts:write", "POST /api/contacts").await.unwrap();
                notes.refused(&actor, place, "lists:write", "POST /api/lists").await.unwrap();
                notes.login_failed("a@example.com", Some("192.0.2.1".to_owned())).await.unwrap();
            }
        };
        flood().await;
        assert_eq!((bench.db.count(REFUSED).await, bench.db.count(FAILED).await), (2, 20));
        bench.clock.advance(Duration::from_secs(59));
        flood().await;
        assert_eq!((bench.db.count(REFUSED).await, bench.db.count(FAILED).await), (2, 20));
        bench.clock.advance(Duration::from_secs(1));
        flood().await;
        assert_eq!((bench.db.count(REFUSED).await, bench.db.count(FAILED).await), (4, 40));
        // Somebody at another address is not drowned out.
        notes.login_failed("a@example.com", Some("192.0.2.2".to_owned())).await.unwrap();
        assert_eq!(bench.db.count(FAILED).await, 41);
        assert_eq!(bench.first_bad().await, None);
    }

    async fn taking_the_problem_rows_of_an_import_away_is_noted(app: TestApp) {
        let owner = app.owner().await;
        let file = reqwest::multipart::Part::bytes("first_name,email\nEve,nonsense\n".as_bytes()).file_name("people.csv");
        let form = reqwest::multipart::Form::new().part("file", file);
        let import = owner.upload("/api/import", form).await.expect(202).id();
        support::wait::until("the import to end", Duration::from_secs(20), || async {
            let found = owner.get(&format!("/api/import/{import}")).await;
            (found.data()["state"] == json!("done")).then_some(())
        })
        .await;
        owner.get(&format!("/api/import/{import}/errors.csv")).await.expect(200);
        owner.get(&format!("/import/{import}/errors.csv")).await.expect(200);
        let noted = format!("SELECT count(*) FROM audit_logs WHERE action = 'import.errors_exported' AND entity_id = '{import}'");
        assert_eq!(app.db().count(&noted).await, 2);
    }
}
