//! The pages of team and workspaces, as a browser without JavaScript uses them.

use reqwest::Method;
use serde_json::json;
use support::process::PASSWORD;
use support::{Answer, Client, TestApp, both_databases, unchanged};

use super::members::{first_workspace, me};

const TEAM: &str = "/settings/team";
const WORKSPACES: &str = "/settings/workspaces";

/// The link a page shows.
fn link(page: &Answer) -> String {
    let (_, rest) =
        page.text.split_once("value=\"/invitation/").unwrap_or_else(|| panic!("{}", page.text));
    format!("/invitation/{}", rest.split('"').next().unwrap())
}

async fn role_of(owner: &Client, ws: &str, who: &str) -> String {
    let members = owner.get(&format!("/api/workspaces/{ws}/members")).await;
    let members = members.data().as_array().unwrap().clone();
    members
        .iter()
        .find(|one| one["user_id"] == who)
        .map_or_else(String::new, |one| one["role"].as_str().unwrap().to_owned())
}

both_databases! {
    async fn a_team_is_made_and_changed_on_its_page(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let wrong = unchanged(app.db(), owner.submit(TEAM, "/settings/team/invitations", &[("email", "nobody"), ("role", "viewer")])).await;
        assert!(wrong.expect(422).text.contains("value=\"nobody\""), "what was typed is kept");
        let made = owner.submit(TEAM, "/settings/team/invitations", &[("email", "new@example.com"), ("role", "viewer")]).await;
        let link = link(made.expect(200));
        assert!(!owner.get(TEAM).await.text.contains(&link), "it is shown once");
        assert!(owner.get(TEAM).await.text.contains("new@example.com"));
        let person = app.client();
        person.submit(&link, &link, &[("name", "New"), ("password", PASSWORD)]).await.expect(303);
        let who = me(&person).await;

        let page = person.get(TEAM).await;
        assert!(page.expect(200).text.contains("Andy") && page.text.contains("Owners and admins invite"));
        assert!(!page.text.contains("Invite somebody"));
        let path = format!("/settings/team/members/{who}");
        let refused = unchanged(app.db(), person.submit(TEAM, &format!("{path}/role"), &[("role", "owner")])).await;
        refused.expect(403);
        let refused = unchanged(app.db(), person.submit(TEAM, "/settings/team/invitations", &[("email", "a@example.com"), ("role", "viewer")])).await;
        refused.expect(403);

        owner.submit(TEAM, &format!("{path}/role"), &[("role", "editor")]).await.expect(303);
        assert_eq!(role_of(&owner, &ws, &who).await, "editor");
        let last = unchanged(app.db(), owner.submit(TEAM, &format!("/settings/team/members/{}/role", me(&owner).await), &[("role", "viewer")])).await;
        assert_eq!(last.expect(303).header("location"), TEAM);
        assert!(owner.get(TEAM).await.text.contains("needs an owner"));
        unchanged(app.db(), owner.submit(TEAM, "/settings/team/leave", &[])).await.expect(303);

        owner.submit(TEAM, &format!("{path}/remove"), &[]).await.expect(303);
        let out = person.get("/dashboard").await;
        assert!(out.expect(404).text.contains("You are in no workspace"), "{}", out.text);
        // The way on.
        assert!(person.get(WORKSPACES).await.expect(200).text.contains("invite"));
        person.submit(WORKSPACES, WORKSPACES, &[("name", "Mine")]).await.expect(303);
        assert!(person.get("/dashboard").await.expect(200).text.contains("Mine"));
    }

    async fn invitations_are_revoked_and_renewed_on_the_page(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let fields = [("email", "new@example.com"), ("role", "viewer")];
        let first = link(&owner.submit(TEAM, "/settings/team/invitations", &fields).await);
        let second = link(&owner.submit(TEAM, "/settings/team/invitations", &fields).await);
        app.client().get(&first).await.expect(410);
        app.client().get(&second).await.expect(200);
        let open = owner.get(&format!("/api/workspaces/{ws}/invitations")).await;
        assert_eq!(open.body["meta"]["total"], 1);
        let id = open.data()[0]["id"].as_str().unwrap().to_owned();
        owner.submit(TEAM, &format!("/settings/team/invitations/{id}/revoke"), &[]).await.expect(303);
        app.client().get(&second).await.expect(410);
        unchanged(app.db(), owner.submit(TEAM, &format!("/settings/team/invitations/{id}/revoke"), &[])).await.expect(404);
    }

    async fn workspaces_are_made_switched_left_and_deleted(app: TestApp) {
        let owner = app.owner().await;
        let first = first_workspace(&owner).await;
        let twice = unchanged(app.db(), owner.submit(WORKSPACES, WORKSPACES, &[("name", " ")])).await;
        assert!(twice.expect(422).text.contains("up to 200 characters"), "{}", twice.text);
        owner.submit(WORKSPACES, WORKSPACES, &[("name", "Second <b>")]).await.expect(303);
        let page = owner.get("/dashboard").await;
        assert!(page.text.contains("Second &lt;b&gt; · pi-crm"), "the new one is shown");
        owner.submit(WORKSPACES, WORKSPACES, &[("name", "Second <b>")]).await.expect(409);
        owner.submit(WORKSPACES, &format!("/settings/workspaces/{first}/switch"), &[]).await.expect(303);
        assert!(!owner.get("/dashboard").await.text.contains("Second &lt;b&gt; · pi-crm"));
        let leave = unchanged(app.db(), owner.submit(WORKSPACES, &format!("/settings/workspaces/{first}/leave"), &[])).await;
        leave.expect(303);

        let second = owner.get("/api/workspaces").await.data()[1]["id"].as_str().unwrap().to_owned();
        owner.submit(WORKSPACES, &format!("/settings/workspaces/{second}/switch"), &[]).await.expect(303);
        let page = "/settings/workspace";
        assert!(owner.get(page).await.text.contains("Type the name of the workspace"));
        let wrong = unchanged(app.db(), owner.submit(page, "/settings/workspace/delete", &[("confirm", "Second")])).await;
        assert!(wrong.expect(422).text.contains("not the name"), "{}", wrong.text);
        owner.submit(page, "/settings/workspace/delete", &[("confirm", "Second <b>")]).await.expect(303);
        assert_eq!(owner.get("/api/workspaces").await.body["meta"]["total"], 1);
        owner.get("/dashboard").await.expect(200);
    }

    async fn only_owners_delete_a_workspace(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let admin = app.person(&owner, &ws, "admin@example.com", "admin").await;
        let name = owner.get(&format!("/api/workspaces/{ws}")).await.data()["name"].as_str().unwrap().to_owned();
        assert!(!admin.get("/settings/workspace").await.expect(200).text.contains("Type the name"));
        let body = [("confirm", name.as_str())];
        unchanged(app.db(), admin.submit("/settings/workspace", "/settings/workspace/delete", &body)).await.expect(403);
        let forged = Answer::of(owner.without_csrf().request(Method::POST, "/settings/workspace/delete").form(&body)).await;
        forged.expect(403);
        owner.put(&format!("/api/workspaces/{ws}"), json!({"name": "Still here"})).await.expect(200);
    }
}
