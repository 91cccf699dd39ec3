//! Invitations: made, mailed, accepted once, and never above anybody's role.

use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::json;
use support::process::PASSWORD;
use support::smtp::SmtpSink;
use support::{Answer, Backend, Client, TestApp, both_databases, unchanged};

use super::members::{first_workspace, me};

async fn invite(by: &Client, ws: &str, email: &str, role: &str) -> Answer {
    by.post(&format!("/api/workspaces/{ws}/invitations"), json!({"email": email, "role": role}))
        .await
}

fn token(answer: &Answer) -> String {
    answer.expect(201).data()["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

fn newcomer(email: &str, token: &str) -> serde_json::Value {
    json!({"email": email, "password": PASSWORD, "name": "New", "invitation": token})
}

async fn register(app: &TestApp, email: &str, token: &str) -> Answer {
    app.client().post("/api/auth/register", newcomer(email, token)).await
}

async fn gone(app: &TestApp, email: &str, token: &str) {
    let answer = unchanged(app.db(), register(app, email, token)).await;
    let never = register(app, email, "never-made").await;
    answer.expect_error(410, "invitation_gone");
    assert_eq!(answer.text, never.text);
}

both_databases! {
    async fn a_link_makes_one_member_once(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let request = owner.request(Method::POST, &format!("/api/workspaces/{ws}/invitations"))
            .header("X-Forwarded-Host", "evil.test").json(&json!({"email": " New@Example.com ", "role": "editor"}));
        let made = Answer::of(request).await;
        let token = token(&made);
        assert_eq!(made.data()["link"], format!("/invitation/{token}"), "a path, without PUBLIC_URL");
        assert_eq!(made.data()["email"], "new@example.com");
        assert_eq!(made.data()["mailed"], false);
        assert!(token.len() >= 22, "{token}");
        // It is in no list, no row and no log.
        let list = owner.get(&format!("/api/workspaces/{ws}/invitations")).await;
        assert!(list.expect(200).data()[0]["id"].is_string() && !list.text.contains(&token));
        let all = format!("{:?}", support::Snapshot::of(app.db()).await);
        assert!(!all.contains(&token));

        unchanged(app.db(), register(&app, "other@example.com", &token)).await.expect_error(403, "wrong_account");
        let weak = json!({"email": "new@example.com", "password": "short", "name": "New", "invitation": token});
        unchanged(app.db(), app.client().post("/api/auth/register", weak)).await.expect_error(422, "validation_failed");
        let mut person = app.client();
        person.register("new@example.com", PASSWORD, &token).await;
        assert_eq!(first_workspace(&person).await, ws);
        person.post("/api/contacts", json!({"first_name": "Ada"})).await.expect(201);
        person.get("/api/audit").await.expect_error(403, "forbidden");
        gone(&app, "new@example.com", &token).await;
        assert_eq!(app.db().count("SELECT count(*) FROM users WHERE is_admin").await, 1);
        for action in ["invitation.created", "invitation.accepted", "member.added"] {
            let sql = format!("SELECT count(*) FROM audit_logs WHERE action = '{action}'");
            assert_eq!(app.db().count(&sql).await, 1, "{action}");
        }
        let list = owner.get(&format!("/api/workspaces/{ws}/invitations")).await;
        assert_eq!(list.body["meta"]["total"], 0);
        invite(&owner, &ws, "new@example.com", "viewer").await.expect_error(409, "already_member");
    }

    async fn what_ended_an_invitation_is_not_told(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let first = token(&invite(&owner, &ws, "new@example.com", "editor").await);
        let second = invite(&owner, &ws, "new@example.com", "viewer").await;
        gone(&app, "new@example.com", &first).await;
        let path = format!("/api/workspaces/{ws}/invitations/{}", second.id());
        owner.delete(&path).await.expect(200);
        gone(&app, "new@example.com", &token(&second)).await;
        unchanged(app.db(), owner.delete(&path)).await.expect_error(404, "not_found");

        let old = token(&invite(&owner, &ws, "new@example.com", "editor").await);
        app.db().raw().execute_unprepared("UPDATE invitations SET expires_at = '2020-01-01T00:00:00.000Z' WHERE revoked_at IS NULL").await.unwrap();
        gone(&app, "new@example.com", &old).await;
        let list = owner.get(&format!("/api/workspaces/{ws}/invitations")).await;
        assert_eq!(list.data()[0]["is_expired"], true);
        let page = app.client().get(&format!("/invitation/{old}")).await;
        assert!(page.expect(410).text.contains("not valid"));
        // A new one takes its place.
        let fresh = token(&invite(&owner, &ws, "new@example.com", "editor").await);
        register(&app, "new@example.com", &fresh).await.expect(201);
    }

    async fn nobody_invites_above_themselves_then_or_later(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let admin = app.person(&owner, &ws, "admin@example.com", "admin").await;
        let editor = app.person(&owner, &ws, "editor@example.com", "editor").await;
        unchanged(app.db(), invite(&admin, &ws, "a@example.com", "owner")).await.expect_error(403, "forbidden");
        unchanged(app.db(), invite(&editor, &ws, "a@example.com", "viewer")).await.expect_error(403, "forbidden");
        editor.get(&format!("/api/workspaces/{ws}/invitations")).await.expect_error(403, "forbidden");
        unchanged(app.db(), invite(&owner, &ws, "no address", "viewer")).await.expect_error(422, "validation_failed");
        let high = invite(&owner, &ws, "high@example.com", "owner").await;
        let path = format!("/api/workspaces/{ws}/invitations/{}", high.id());
        unchanged(app.db(), admin.delete(&path)).await.expect_error(403, "forbidden");

        let members = format!("/api/workspaces/{ws}/members/{}", me(&admin).await);
        let lowered = token(&invite(&admin, &ws, "low@example.com", "admin").await);
        owner.put(&members, json!({"role": "editor"})).await.expect(200);
        gone(&app, "low@example.com", &lowered).await;
        owner.put(&members, json!({"role": "admin"})).await.expect(200);
        let removed = token(&invite(&admin, &ws, "out@example.com", "viewer").await);
        owner.delete(&members).await.expect(200);
        gone(&app, "out@example.com", &removed).await;
    }

    async fn fifty_uses_at_once_make_one_member(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let token = token(&invite(&owner, &ws, "new@example.com", "editor").await);
        let tries: Vec<_> = (0..50).map(|_| {
            let (client, body) = (app.client(), newcomer("new@example.com", &token));
            tokio::spawn(async move { client.post("/api/auth/register", body).await.status })
        }).collect();
        let mut made = 0;
        for attempt in tries {
            match attempt.await.unwrap() {
                201 => made += 1,
                410 => {}
                other => panic!("{other}"),
            }
        }
        assert_eq!(made, 1);
        assert_eq!(app.db().count("SELECT count(*) FROM users WHERE email = 'new@example.com'").await, 1);
        assert_eq!(app.db().count("SELECT count(*) FROM workspace_members").await, 2);
    }

    async fn fifty_presses_of_the_button_join_once(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let person = app.person(&owner, &ws, "new@example.com", "viewer").await;
        let second = owner.post("/api/workspaces", json!({"name": "Second"})).await.id();
        let page = format!("/invitation/{}", token(&invite(&owner, &second, "new@example.com", "viewer").await));
        let tries: Vec<_> = (0..50).map(|_| {
            let (person, page) = (person.clone(), page.clone());
            tokio::spawn(async move { Answer::of(person.request(Method::POST, &page).form(&[("x", "")])).await.status })
        }).collect();
        let mut joined = 0;
        for attempt in tries {
            match attempt.await.unwrap() {
                303 => joined += 1,
                410 => {}
                other => panic!("{other}"),
            }
        }
        assert_eq!(joined, 1);
        assert_eq!(app.db().count("SELECT count(*) FROM audit_logs WHERE action = 'invitation.accepted'").await, 2);
    }

    async fn fifty_calls_with_one_account_join_once(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let person = app.person(&owner, &ws, "new@example.com", "viewer").await;
        let second = owner.post("/api/workspaces", json!({"name": "Second"})).await.id();
        let token = token(&invite(&owner, &second, "new@example.com", "editor").await);
        let body = json!({"invitation": token});
        let path = "/api/auth/invitation";
        unchanged(app.db(), owner.post(path, body.clone())).await.expect_error(403, "wrong_account");
        let never = json!({"invitation": "never-made"});
        unchanged(app.db(), person.post(path, never)).await.expect_error(410, "invitation_gone");
        let tries: Vec<_> = (0..50).map(|_| {
            let (person, body) = (person.clone(), body.clone());
            tokio::spawn(async move { person.post(path, body).await })
        }).collect();
        let mut joined = 0;
        for attempt in tries {
            let answer = attempt.await.unwrap();
            if answer.status == 200 {
                joined += 1;
                assert_eq!((&answer.data()["id"], &answer.data()["role"]), (&json!(second), &json!("editor")));
            } else {
                answer.expect_error(410, "invitation_gone");
            }
        }
        assert_eq!(joined, 1);
        person.in_workspace(&second).post("/api/contacts", json!({"first_name": "Ada"})).await.expect(201);
    }

    async fn the_page_asks_before_it_joins(app: TestApp) {
        let owner = app.owner().await;
        let ws = first_workspace(&owner).await;
        let person = app.person(&owner, &ws, "new@example.com", "viewer").await;
        let second = owner.post("/api/workspaces", json!({"name": "Second"})).await.id();
        let page = format!("/invitation/{}", token(&invite(&owner, &second, "new@example.com", "editor").await));

        let shown = unchanged(app.db(), person.get(&page)).await;
        assert!(shown.expect(200).text.contains("Join workspace"), "{}", shown.text);
        assert!(app.client().get(&page).await.text.contains("Sign in to join"));
        let wrong = owner.get(&page).await;
        assert!(wrong.text.contains("You are signed in as"), "{}", wrong.text);
        let pressed = unchanged(app.db(), owner.submit(&page, &page, &[])).await;
        assert!(pressed.expect(403).text.contains("new@example.com"), "{}", pressed.text);
        let forged = Answer::of(person.without_csrf().request(Method::POST, &page).form(&[("x", "")])).await;
        forged.expect(403);

        let joined = person.submit(&page, &page, &[]).await;
        assert_eq!(joined.expect(303).header("location"), "/dashboard");
        assert!(person.get("/dashboard").await.text.contains("Second"), "the new workspace is shown");
        unchanged(app.db(), person.submit("/settings/appearance", &page, &[])).await.expect(410);

        // Somebody new makes their account on the page.
        let page = format!("/invitation/{}", token(&invite(&owner, &second, "third@example.com", "viewer").await));
        let third = app.client();
        let weak = unchanged(app.db(), third.submit(&page, &page, &[("name", "Third"), ("password", "short")])).await;
        assert!(weak.expect(422).text.contains("at least 10 characters") && weak.text.contains("value=\"Third\""));
        third.submit(&page, &page, &[("name", "Third"), ("password", PASSWORD)]).await.expect(303);
        third.get("/dashboard").await.expect(200);
    }

    async fn registering_needs_one_key_to_the_door(app: TestApp) {
        app.owner().await;
        for extra in [json!({}), json!({"invitation": "x", "setup_code": "y"})] {
            let mut body = json!({"email": "a@example.com", "password": PASSWORD, "name": "A"});
            body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            unchanged(app.db(), app.client().post("/api/auth/register", body)).await.expect_error(422, "validation_failed");
        }
    }
}

#[tokio::test]
async fn the_link_is_mailed_where_the_workspace_has_a_mail_server() {
    let sink = SmtpSink::start();
    let app =
        TestApp::start_with(Backend::Sqlite, &[("PUBLIC_URL", "http://crm.example.test")]).await;
    let owner = app.owner().await;
    let ws = first_workspace(&owner).await;
    // The practice outbox, which everybody in the workspace can read, gets none.
    let practice = invite(&owner, &ws, "first@example.com", "viewer").await;
    assert_eq!(practice.data()["mailed"], false);
    assert_eq!(app.db().count("SELECT count(*) FROM practice_messages").await, 0);

    let config = json!({"host": "127.0.0.1", "port": sink.port(), "security": "none",
        "from_email": "crm@example.com", "from_name": "CRM"});
    let provider =
        json!({"name": "Own", "provider_type": "smtp", "config": config, "is_default": true});
    owner.post("/api/providers", provider).await.expect(201);
    let made = invite(&owner, &ws, "new@example.com", "editor").await;
    assert_eq!(made.data()["mailed"], true, "{}", made.text);
    let link = format!("http://crm.example.test/invitation/{}", token(&made));
    assert_eq!(made.data()["link"], link.as_str());
    assert_eq!(sink.recipients(), ["new@example.com"]);
    let message = sink.received().remove(0);
    let parsed = mail_parser::MessageParser::default().parse(message.raw.as_bytes()).unwrap();
    assert!(parsed.body_text(0).unwrap().contains(&link));
    assert!(parsed.body_html(0).unwrap().contains(&link));
    assert!(parsed.subject().unwrap().contains("Andy invites you"));
}
