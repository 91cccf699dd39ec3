//! Workspaces over the API: versions, and what deleting one takes along.

use reqwest::Method;
use serde_json::json;
use support::{Answer, TestApp, both_databases, unchanged};

use super::members::first_workspace;

both_databases! {
    async fn a_lost_update_of_a_workspace_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/api/workspaces/{}", first_workspace(&owner).await);
        let tag = owner.get(&path).await.expect(200).header("etag").to_owned();
        assert!(!tag.is_empty());
        let change = |tag: String, name: &'static str| {
            let request = owner.request(Method::PUT, &path).header("If-Match", tag).json(&json!({"name": name}));
            async move { Answer::of(request).await }
        };
        let changed = change(tag.clone(), "One").await;
        assert_ne!(changed.expect(200).header("etag"), tag);
        unchanged(app.db(), change(tag, "Two")).await.expect_error(412, "stale");
        change(changed.header("etag").to_owned(), "Three").await.expect(200);
        assert_eq!(owner.get(&path).await.data()["name"], "Three");
    }

    async fn deleting_is_the_owners_and_takes_everything_along(app: TestApp) {
        let owner = app.owner().await;
        let first = first_workspace(&owner).await;
        let second = owner.post("/api/workspaces", json!({"name": "Second"})).await.id();
        let admin = app.person(&owner, &second, "admin@example.com", "admin").await;
        let path = format!("/api/workspaces/{second}");
        unchanged(app.db(), admin.delete(&path)).await.expect_error(403, "forbidden");
        let inside = owner.in_workspace(&second);
        inside.post("/api/contacts", json!({"first_name": "Ada"})).await.expect(201);
        let form = reqwest::multipart::Form::new().part("file",
            reqwest::multipart::Part::bytes(&b"first_name\nGrace\n"[..]).file_name("people.csv"));
        inside.upload("/api/import", form).await.expect(202);
        let files = || std::fs::read_dir(app.data_dir().join("imports")).map_or(0, Iterator::count);
        assert_eq!(files(), 1);
        owner.delete(&path).await.expect(200);
        assert_eq!(files(), 0, "the uploaded file is gone");
        admin.get("/api/contacts").await.expect_error(404, "not_found");
        owner.get(&path).await.expect_error(404, "not_found");
        for table in ["base_contacts", "imports", "invitations"] {
            let sql = format!("SELECT count(*) FROM {table} WHERE workspace_id = '{second}'");
            assert_eq!(app.db().count(&sql).await, 0, "{table}");
        }
        assert_eq!(first_workspace(&owner).await, first);
        assert_eq!(app.db().count("SELECT count(*) FROM audit_logs WHERE action = 'workspace.deleted'").await, 1);
    }
}
