//! Members of a workspace: roles, removing, leaving.

use reqwest::Method;
use serde_json::json;
use support::{Answer, Client, TestApp, both_databases, unchanged};

/// The id of the caller's first workspace.
pub(super) async fn first_workspace(client: &Client) -> String {
    let all = client.get("/api/workspaces").await;
    all.data()[0]["id"].as_str().unwrap_or_else(|| panic!("{}", all.text)).to_owned()
}

/// The caller's own id.
pub(super) async fn me(client: &Client) -> String {
    client.get("/api/auth/me").await.data()["user"]["id"].as_str().unwrap().to_owned()
}

async fn refused(
    app: &TestApp,
    who: &Client,
    method: Method,
    path: &str,
    role: Option<&str>,
) -> Answer {
    let body = role.map(|role| json!({"role": role}));
    unchanged(app.db(), who.send(method, path, body)).await
}

both_databases! {
    async fn roles_change_within_the_rules(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let admin = app.person(&owner, &ws, "admin@example.com", "admin").await;
        let editor = app.person(&owner, &ws, "editor@example.com", "editor").await;
        let path = |id: &str| format!("/api/workspaces/{ws}/members/{id}");
        let (boss, second, third) = (me(&owner).await, me(&admin).await, me(&editor).await);

        // Whoever does not manage members changes none, themselves included.
        for (id, role) in [(&third, "admin"), (&third, "viewer"), (&second, "viewer"), (&boss, "viewer")] {
            refused(&app, &editor, Method::PUT, &path(id), Some(role)).await.expect_error(403, "forbidden");
        }
        refused(&app, &editor, Method::DELETE, &path(&second), None).await.expect_error(403, "forbidden");
        // Nobody raises anybody above themselves, and nobody touches somebody above them.
        refused(&app, &admin, Method::PUT, &path(&second), Some("owner")).await.expect_error(403, "forbidden");
        refused(&app, &admin, Method::PUT, &path(&third), Some("owner")).await.expect_error(403, "forbidden");
        refused(&app, &admin, Method::PUT, &path(&boss), Some("admin")).await.expect_error(403, "forbidden");
        refused(&app, &admin, Method::DELETE, &path(&boss), None).await.expect_error(403, "forbidden");
        // The last owner stays.
        refused(&app, &owner, Method::PUT, &path(&boss), Some("admin")).await.expect_error(409, "last_owner");
        refused(&app, &owner, Method::DELETE, &path(&boss), None).await.expect_error(409, "last_owner");
        refused(&app, &owner, Method::PUT, &path(&boss), Some("king")).await.expect_error(422, "validation_failed");
        let never = "018f0000-0000-7000-8000-000000000000";
        refused(&app, &owner, Method::PUT, &path(never), Some("editor")).await.expect_error(404, "not_found");
        refused(&app, &owner, Method::DELETE, &path(never), None).await.expect_error(404, "not_found");

        let changed = admin.put(&path(&third), json!({"role": "admin"})).await;
        assert_eq!(changed.expect(200).data()["role"], "admin");
        editor.get(&format!("/api/workspaces/{ws}/invitations")).await.expect(200);
        admin.put(&path(&third), json!({"role": "viewer"})).await.expect(200);
        editor.post("/api/contacts", json!({"first_name": "Ada"})).await.expect_error(403, "forbidden");
        let written = app.db().texts("SELECT action FROM audit_logs WHERE action = 'member.role_changed'").await;
        assert_eq!(written.len(), 2);
        let same = unchanged(app.db(), admin.put(&path(&third), json!({"role": "viewer"}))).await;
        same.expect(200);
        owner.get("/api/audit/verify").await.expect(200);
    }

    async fn a_removed_member_is_out_with_the_next_request(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let viewer = app.person(&owner, &ws, "viewer@example.com", "viewer").await;
        viewer.get("/api/contacts").await.expect(200);
        viewer.get("/dashboard").await.expect(200);
        owner.delete(&format!("/api/workspaces/{ws}/members/{}", me(&viewer).await)).await.expect(200);
        viewer.get("/api/contacts").await.expect_error(404, "not_found");
        let theirs = viewer.in_workspace(&ws);
        theirs.get("/api/contacts").await.expect_error(404, "not_found");
        viewer.get(&format!("/api/workspaces/{ws}/members")).await.expect_error(404, "not_found");
        viewer.get("/dashboard").await.expect(404);
        // They are a user still.
        viewer.get("/api/auth/me").await.expect(200);
        assert_eq!(viewer.get("/api/workspaces").await.data().as_array().map(Vec::len), Some(0));
        assert_eq!(app.db().count("SELECT count(*) FROM audit_logs WHERE action = 'member.removed'").await, 1);
    }

    async fn everybody_may_leave_and_a_workspace_passes_to_another_owner(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let viewer = app.person(&owner, &ws, "viewer@example.com", "viewer").await;
        let heir = app.person(&owner, &ws, "heir@example.com", "owner").await;
        let path = |id: &str| format!("/api/workspaces/{ws}/members/{id}");
        viewer.delete(&path(&me(&viewer).await)).await.expect(200);
        owner.delete(&path(&me(&owner).await)).await.expect(200);
        let left = heir.get(&format!("/api/workspaces/{ws}")).await;
        assert_eq!(left.expect(200).data()["user_id"], me(&heir).await.as_str());
        assert_eq!(heir.get(&format!("/api/workspaces/{ws}/members")).await.body["meta"]["total"], 1);
        heir.delete(&path(&me(&heir).await)).await.expect_error(409, "last_owner");
    }

    async fn of_two_owners_who_leave_at_once_one_stays(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let other = app.person(&owner, &ws, "other@example.com", "owner").await;
        let leave = |who: Client, id: String| {
            let path = format!("/api/workspaces/{ws}/members/{id}");
            tokio::spawn(async move { who.delete(&path).await.status })
        };
        let (first, second) = (leave(owner.clone(), me(&owner).await), leave(other.clone(), me(&other).await));
        let mut ended = [first.await.unwrap(), second.await.unwrap()];
        ended.sort_unstable();
        assert_eq!(ended, [200, 409]);
        assert_eq!(app.db().count("SELECT count(*) FROM workspace_members").await, 1);
    }

    async fn colleagues_are_added_and_strangers_are_not_there(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let editor = app.person(&owner, &ws, "editor@example.com", "editor").await;
        let admin = app.person(&owner, &ws, "admin@example.com", "admin").await;
        let second = admin.post("/api/workspaces", json!({"name": "Second"})).await.id();
        let path = format!("/api/workspaces/{second}/members");
        let add = |id: String, role: &'static str| json!({"user_id": id, "role": role});
        admin.post(&path, add(me(&editor).await, "editor")).await.expect(201);
        let again = unchanged(app.db(), admin.post(&path, add(me(&editor).await, "viewer"))).await;
        again.expect_error(409, "already_member");
        // Somebody who left every shared workspace is like somebody who never was.
        owner.delete(&format!("/api/workspaces/{ws}/members/{}", me(&admin).await)).await.expect(200);
        let stranger = unchanged(app.db(), admin.post(&path, add(me(&owner).await, "viewer"))).await;
        let never = admin.post(&path, add("018f0000-0000-7000-8000-000000000000".to_owned(), "viewer")).await;
        stranger.expect_error(404, "not_found");
        assert_eq!(stranger.text, never.text);
        let inside = editor.in_workspace(&second);
        let refused = unchanged(app.db(), inside.post(&path, add(me(&owner).await, "viewer"))).await;
        refused.expect_error(403, "forbidden");
    }
}
