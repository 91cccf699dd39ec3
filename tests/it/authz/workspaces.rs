//! Workspaces over the API: versions, and what deleting one takes along.

use std::time::Duration;

use reqwest::Method;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;
use support::{Answer, Backend, TestApp, both_databases, unchanged, wait};

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

    /// As an import does: it holds a row of its own, and then writes one that points to the workspace.
    async fn deleting_outlasts_somebody_who_writes_into_it(app: TestApp) {
        if app.db().backend() == Backend::Sqlite {
            // It has one writer at a time, so that nobody waits for the other.
            return;
        }
        let owner = app.owner().await;
        let second = owner.post("/api/workspaces", json!({"name": "Second"})).await.id();
        let ada = owner.in_workspace(&second).post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        let writer = app.db().raw().begin().await.unwrap();
        writer.execute_unprepared(&format!("UPDATE base_contacts SET company = 'X' WHERE id = '{ada}'")).await.unwrap();
        let path = format!("/api/workspaces/{second}");
        let (deleted, ()) = tokio::join!(owner.delete(&path), async {
            wait::until("the deletion to wait for the writer", Duration::from_secs(20), || async {
                let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
                (app.db().count(waiting).await > 0).then_some(())
            })
            .await;
            let list = format!(
                "INSERT INTO contact_lists (id, workspace_id, name, is_primary, position, created_at) \
                 VALUES ('018f0000-0000-7000-8000-00000000bbbb', '{second}', 'New one', false, 90, '2026-01-01T00:00:00.000Z')"
            );
            // One of the two is ended by the database; where it is this one, the deletion has gone through.
            if writer.execute_unprepared(&list).await.is_ok() {
                writer.commit().await.unwrap();
            }
        });
        deleted.expect(200);
        assert_eq!(app.db().count(&format!("SELECT count(*) FROM contact_lists WHERE workspace_id = '{second}'")).await, 0);
    }
}
