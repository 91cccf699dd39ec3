//! Members, invitations, second factors and forgotten passwords.

use crm_core::accounts::second_factor::code_at;
use crm_core::clock::SystemClock;
use crm_core::{Clock as _, Timestamp};
use serde_json::{Value, json};
use support::process::PASSWORD;
use support::{Client, TestApp};

use super::Walk;

const NEW: &str = "seven quiet otters cross the bridge";

pub(super) async fn walk(walk: &mut Walk) {
    invitations(walk).await;
    acceptance(walk).await;
    members(walk).await;
    second_factor(walk).await;
    forgotten(walk).await;
    keys(walk).await;
    profile(walk).await;
    workspaces(walk).await;
}

async fn invitations(walk: &mut Walk) {
    let path = format!("/api/workspaces/{}/invitations", walk.workspace);
    let owner = walk.owner.clone();
    let body = json!({"email": "gone@example.com", "role": "viewer"});
    let route = "POST /api/workspaces/{id}/invitations";
    let id = walk.call(&owner, "invitation.created", route, &path, body).await.id();
    let route = "DELETE /api/workspaces/{id}/invitations/{invitation_id}";
    let one = format!("{path}/{id}");
    walk.call(&owner, "invitation.revoked", route, &one, Value::Null).await;

    let fields = [("email", "page@example.com"), ("role", "viewer")];
    walk.form("invitation.created", "POST /settings/team/invitations", "", &fields).await;
    let id = walk.newest("invitations").await;
    walk.form("invitation.revoked", "POST /settings/team/invitations/{id}/revoke", &id, &[]).await;

    let body = json!({"email": "link@example.com", "role": "viewer"});
    let made = walk.owner.post(&path, body).await;
    let token =
        made.expect(201).data()["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let (before, link) = (walk.last().await, format!("/invitation/{token}"));
    let fields = [("name", "Link"), ("password", PASSWORD)];
    walk.app.client().submit(&link, &link, &fields).await.expect(303);
    walk.left("POST /invitation/{token}", "invitation.accepted", before).await;
    walk.left("POST /invitation/{token}", "member.added", before).await;
}

/// Somebody with an account joins another workspace.
async fn acceptance(walk: &mut Walk) {
    let (joining, _) = person(walk, "joining@example.com").await;
    let third = walk.owner.post("/api/workspaces", json!({"name": "Third mill"})).await.id();
    let path = format!("/api/workspaces/{third}/invitations");
    let made =
        walk.owner.post(&path, json!({"email": "joining@example.com", "role": "viewer"})).await;
    let token =
        made.expect(201).data()["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let route = "POST /api/auth/invitation";
    let body = json!({"invitation": token});
    walk.call(&joining, "invitation.accepted", route, "/api/auth/invitation", body).await;
    walk.owner.delete(&format!("/api/workspaces/{third}")).await.expect(200);
}

async fn person(walk: &Walk, email: &str) -> (Client, String) {
    let client = walk.app.person(&walk.owner, &walk.workspace, email, "editor").await;
    let me = client.get("/api/auth/me").await.data()["user"]["id"].as_str().unwrap().to_owned();
    (client, me)
}

async fn members(walk: &mut Walk) {
    let (_, id) = person(walk, "member@example.com").await;
    let all = format!("/api/workspaces/{}/members", walk.workspace);
    let (one, owner) = (format!("{all}/{id}"), walk.owner.clone());
    let route = "PUT /api/workspaces/{id}/members/{user_id}";
    walk.call(&owner, "member.role_changed", route, &one, json!({"role": "viewer"})).await;
    // Only somebody one works with already can be added without an invitation.
    let body = json!({"user_id": id, "role": "editor"});
    let second = owner.post("/api/workspaces", json!({"name": "Second mill"})).await.id();
    let path = format!("/api/workspaces/{second}/members");
    owner.in_workspace(&second).post(&path, body.clone()).await.expect(201);
    let route = "DELETE /api/workspaces/{id}/members/{user_id}";
    walk.call(&owner, "member.removed", route, &one, Value::Null).await;
    walk.call(&owner, "member.added", "POST /api/workspaces/{id}/members", &all, body).await;
    let route = "POST /settings/team/members/{id}/role";
    walk.form("member.role_changed", route, &id, &[("role", "viewer")]).await;
    walk.form("member.removed", "POST /settings/team/members/{id}/remove", &id, &[]).await;

    let (leaving, _) = person(walk, "leaving@example.com").await;
    walk.send(&leaving, "member.removed", "POST /settings/team/leave", "/settings/team/leave", &[])
        .await;
    let (leaving, _) = person(walk, "leaving-too@example.com").await;
    let path = format!("/settings/workspaces/{}/leave", walk.workspace);
    walk.send(&leaving, "member.removed", "POST /settings/workspaces/{id}/leave", &path, &[]).await;
}

fn now() -> Timestamp {
    SystemClock.now()
}

async fn second_factor(walk: &mut Walk) {
    let (who, _) = person(walk, "factor@example.com").await;
    let password = json!({"current_password": PASSWORD});
    let path = "/api/auth/second-factor";
    let begun = walk
        .call(&who, "second_factor.begun", "POST /api/auth/second-factor", path, password.clone())
        .await;
    let secret = begun.data()["secret"].as_str().unwrap().to_owned();
    let code = json!({"code": code_at(&secret, now())});
    let route = "POST /api/auth/second-factor/confirm";
    walk.call(&who, "second_factor.enabled", route, &format!("{path}/confirm"), code).await;
    let route = "POST /api/auth/second-factor/recovery-codes";
    let codes = walk
        .call(
            &who,
            "recovery_codes.renewed",
            route,
            &format!("{path}/recovery-codes"),
            password.clone(),
        )
        .await;
    let code = codes.data()["recovery_codes"][0].as_str().unwrap().to_owned();

    let (browser, before) = (walk.app.client(), walk.last().await);
    let fields = [("email", "factor@example.com"), ("password", PASSWORD)];
    browser.submit("/login", "/login", &fields).await.expect(303);
    browser.submit("/login/code", "/login/code", &[("code", code.as_str())]).await.expect(303);
    walk.left("POST /login/code", "session.created", before).await;

    let route = "POST /api/auth/second-factor/disable";
    walk.call(&who, "second_factor.disabled", route, &format!("{path}/disable"), password).await;

    let path = "/settings/security/second-factor";
    let fields = [("factor_password", PASSWORD)];
    walk.send(&who, "second_factor.begun", &format!("POST {path}"), path, &fields).await;
    let page = who.get(path).await.text;
    let (_, rest) = page.split_once("id=\"second-factor-secret\">").unwrap();
    let secret = rest.split_once('<').unwrap().0.replace(' ', "");
    let confirm = format!("{path}/confirm");
    let code = code_at(&secret, now());
    walk.send(
        &who,
        "second_factor.enabled",
        &format!("POST {confirm}"),
        &confirm,
        &[("code", &code)],
    )
    .await;
    let renew = "/settings/security/recovery-codes";
    walk.send(&who, "recovery_codes.renewed", &format!("POST {renew}"), renew, &fields).await;
    let disable = format!("{path}/disable");
    walk.send(&who, "second_factor.disabled", &format!("POST {disable}"), &disable, &fields).await;
}

/// A code for a new password, from the command line.
fn code(app: &TestApp, email: &str) -> String {
    let made = app.run(&["--json", "user", "passwd", "--email", email, "--code"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    made["code"].as_str().unwrap().to_owned()
}

async fn forgotten(walk: &mut Walk) {
    person(walk, "forgetful@example.com").await;
    let anybody = walk.app.client();
    // The link is made after the answer, so that it tells nothing by the time it takes.
    let before = walk.last().await;
    let body = json!({"email": "forgetful@example.com"});
    anybody.post("/api/auth/reset", body).await.expect(200);
    walk.leaves("POST /api/auth/reset", "password_reset.requested", before).await;
    let before = walk.last().await;
    let fields = [("email", "forgetful@example.com")];
    anybody.submit("/reset", "/reset", &fields).await.expect(303);
    walk.leaves("POST /reset", "password_reset.requested", before).await;
    let body = json!({"token": code(&walk.app, "forgetful@example.com"), "new_password": NEW});
    walk.call(
        &anybody,
        "password_reset.used",
        "POST /api/auth/reset/use",
        "/api/auth/reset/use",
        body,
    )
    .await;
    let (code, before) = (code(&walk.app, "forgetful@example.com"), walk.last().await);
    let fields = [("token", code.as_str()), ("by_code", "true"), ("new_password", PASSWORD)];
    walk.app.client().submit("/reset/code", "/reset/use", &fields).await.expect(303);
    walk.left("POST /reset/use", "password_reset.used", before).await;
}

async fn keys(walk: &mut Walk) {
    let body = json!({"description": "Script", "scopes": ["contacts:read"]});
    let id = walk.api("api_key.created", "POST /api/auth/keys", "", body).await.id();
    walk.api("api_key.revoked", "DELETE /api/auth/keys/{id}", &id, Value::Null).await;
    let fields = [("description", "Page"), ("expires", ""), ("scopes", "contacts:read")];
    walk.form("api_key.created", "POST /settings/keys", "", &fields).await;
    let id = walk.newest("api_keys").await;
    walk.form("api_key.revoked", "POST /settings/keys/{id}/revoke", &id, &[]).await;
}

async fn profile(walk: &mut Walk) {
    let (who, _) = person(walk, "profile@example.com").await;
    walk.call(&who, "user.changed", "PATCH /api/auth/me", "/api/auth/me", json!({"name": "Pro"}))
        .await;
    let fields = [("name", "File"), ("email", "profile@example.com"), ("current_password", "")];
    walk.send(&who, "user.changed", "POST /settings/profile", "/settings/profile", &fields).await;
}

async fn workspaces(walk: &mut Walk) {
    let (who, _) = person(walk, "founder@example.com").await;
    let fields = [("name", "Side business")];
    walk.send(
        &who,
        "workspace.created",
        "POST /settings/workspaces",
        "/settings/workspaces",
        &fields,
    )
    .await;
    // The pages show the new one now.
    let route = "POST /settings/workspace/delete";
    let fields = [("confirm", "Side business")];
    walk.send(&who, "workspace.deleted", route, "/settings/workspace/delete", &fields).await;
}
