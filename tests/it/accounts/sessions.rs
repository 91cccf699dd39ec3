//! Sessions: their limits, their list, and ending them.

use std::time::Duration;

use crm_core::accounts::{
    ABSOLUTE_LIFETIME, Accounts, AccountsError, Credentials, IDLE_LIFETIME, Origin,
};
use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD, Site};
use support::{Answer, Backend, TestApp, both_databases, unchanged};

use super::people::People;

const SECOND: Duration = Duration::from_secs(1);

both_databases! {
    async fn a_session_ends_when_it_is_not_used(people: People) {
        let token = people.session().await;
        people.clock.advance(IDLE_LIFETIME.saturating_sub(SECOND));
        assert!(people.is_in(&token).await);
        people.clock.advance(IDLE_LIFETIME.saturating_sub(SECOND));
        assert!(people.is_in(&token).await, "using it did not prolong it");
        people.clock.advance(IDLE_LIFETIME + SECOND);
        assert!(!people.is_in(&token).await);
        assert!(people.accounts.sessions(people.ada.id).await.unwrap().is_empty());
    }

    async fn a_session_ends_for_good_however_much_it_is_used(people: People) {
        let token = people.session().await;
        let step = IDLE_LIFETIME.saturating_sub(SECOND);
        let steps = u32::try_from(ABSOLUTE_LIFETIME.as_secs() / step.as_secs()).unwrap();
        for _ in 0..steps {
            people.clock.advance(step);
            assert!(people.is_in(&token).await);
        }
        people.clock.advance(ABSOLUTE_LIFETIME.saturating_sub(step * steps + SECOND));
        assert!(people.is_in(&token).await);
        people.clock.advance(SECOND);
        assert!(!people.is_in(&token).await);
        assert!(people.accounts.sessions(people.ada.id).await.unwrap().is_empty());
    }

    async fn a_sign_in_that_began_before_a_change_does_not_end_in_a_session(people: People) {
        let actor = people.actor();
        people.accounts.set_password(&actor, people.ada.id, "another good phrase".to_owned().into()).await.unwrap();
        let late = people.accounts.open_session("token", &people.ada, Origin::default()).await;
        assert!(matches!(late, Err(AccountsError::SignInLapsed)), "{late:?}");
        let fresh = people.accounts.user(people.ada.id).await.unwrap().unwrap();
        people.accounts.open_session("token", &fresh, Origin::default()).await.unwrap();
        people.accounts.disable_user(&actor, people.ada.id).await.unwrap();
        assert!(!people.is_in("token").await);
        let late = people.accounts.open_session("other", &fresh, Origin::default()).await;
        assert!(matches!(late, Err(AccountsError::SignInLapsed)), "{late:?}");
        assert_eq!(people.db.count("SELECT count(*) FROM sessions").await, 0);
    }

    async fn people_see_and_end_their_own_sessions(app: TestApp) {
        // Registering opened a session of its own, in the same browser; signing in again replaced it.
        let first = app.owner().await;
        let second = app.login(OWNER_EMAIL, PASSWORD).await;
        let third = app.login(OWNER_EMAIL, PASSWORD).await;
        let listed = first.get("/api/auth/sessions").await;
        listed.expect(200);
        let rows = listed.data().as_array().unwrap().clone();
        assert_eq!(rows.len(), 3, "{}", listed.text);
        assert_eq!(rows.iter().filter(|row| row["is_current"] == true).count(), 1);
        for stored in app.db().texts("SELECT id FROM sessions").await {
            assert!(!listed.text.contains(&stored), "the list tells what is stored of a token");
        }
        let of_second = second.get("/api/auth/sessions").await.data().as_array().unwrap().iter()
            .find(|row| row["is_current"] == true).unwrap()["id"].as_str().unwrap().to_owned();
        first.delete("/api/auth/sessions/nonsense").await.expect_error(404, "not_found");
        first.delete(&format!("/api/auth/sessions/{of_second}")).await.expect(200);
        second.get("/api/auth/me").await.expect_error(401, "unauthenticated");
        first.delete(&format!("/api/auth/sessions/{of_second}")).await.expect_error(404, "not_found");
        third.get("/api/auth/me").await.expect(200);
        let ended = first.delete("/api/auth/sessions").await;
        assert_eq!(ended.data()["ended"], 1, "{}", ended.text);
        third.get("/api/auth/me").await.expect_error(401, "unauthenticated");
        first.get("/api/auth/me").await.expect(200);
        let told = app.db().texts("SELECT action FROM audit_logs ORDER BY seq").await;
        assert!(told.contains(&"session.all_ended".to_owned()), "{told:?}");
    }

    async fn the_page_lists_and_ends_sessions(app: TestApp) {
        let owner = app.owner().await;
        let other = app.login(OWNER_EMAIL, PASSWORD).await;
        let page = owner.get("/settings/sessions").await;
        page.expect(200);
        assert!(page.text.contains("This one"), "{}", page.text);
        let action = page.text.split("action=\"").filter_map(|rest| rest.split('"').next())
            .find(|action| action.ends_with("/end")).unwrap().to_owned();
        owner.submit("/settings/sessions", &action, &[]).await.expect(303);
        other.get("/api/auth/me").await.expect_error(401, "unauthenticated");
        let other = app.login(OWNER_EMAIL, PASSWORD).await;
        owner.submit("/settings/sessions", "/settings/sessions/end-others", &[]).await.expect(303);
        other.get("/api/auth/me").await.expect_error(401, "unauthenticated");
        owner.get("/api/auth/me").await.expect(200);
    }

    async fn only_an_administrator_reaches_the_sessions_of_others(site: Site) {
        let site = site.set("SEED_PASSWORD", PASSWORD);
        assert!(site.run(&["seed", "--contacts", "2"]).status.success());
        let process = site.start().await;
        let (mut andy, mut monalisa) = (process.client(), process.client());
        andy.login("andy@example.com", PASSWORD).await;
        monalisa.login("monalisa@example.com", PASSWORD).await;
        let users = andy.get("/api/users").await;
        users.expect(200);
        let id_of = |email: &str| users.data().as_array().unwrap().iter()
            .find(|user| user["email"] == email).unwrap()["id"].as_str().unwrap().to_owned();
        let (his, hers) = (id_of("andy@example.com"), id_of("monalisa@example.com"));
        for (method, path) in [
            (reqwest::Method::GET, "/api/users".to_owned()),
            (reqwest::Method::GET, format!("/api/users/{his}/sessions")),
            (reqwest::Method::DELETE, format!("/api/users/{his}/sessions")),
        ] {
            monalisa.send(method.clone(), &path, None).await.expect_error(403, "forbidden");
            process.client().send(method, &path, None).await.expect_error(401, "unauthenticated");
        }
        let sessions = andy.get(&format!("/api/users/{hers}/sessions")).await;
        let session = sessions.data()[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(sessions.data()[0]["is_current"], false);
        // Her session is not one of his.
        andy.delete(&format!("/api/auth/sessions/{session}")).await.expect_error(404, "not_found");
        andy.delete(&format!("/api/users/{hers}/sessions/{session}")).await.expect(200);
        monalisa.get("/api/auth/me").await.expect_error(401, "unauthenticated");
        monalisa.login("monalisa@example.com", PASSWORD).await;
        andy.delete(&format!("/api/users/{hers}/sessions")).await.expect(200);
        monalisa.get("/api/auth/me").await.expect_error(401, "unauthenticated");
        andy.get("/api/auth/me").await.expect(200);
        let nobody = "019a0000-0000-7000-8000-000000000000";
        andy.get(&format!("/api/users/{nobody}/sessions")).await.expect_error(404, "not_found");
    }
}

#[tokio::test]
async fn signing_out_kills_the_cookie_and_empties_the_browser() {
    let app = TestApp::start(Backend::Sqlite).await;
    app.owner().await;
    let client = app.client();
    let signed_in =
        client.post("/api/auth/login", json!({"email": OWNER_EMAIL, "password": PASSWORD})).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("pi-crm="), "{cookie}");
    let replay = || async {
        let request = app.client().request(reqwest::Method::GET, "/api/auth/me");
        Answer::of(request.header("Cookie", &cookie)).await
    };
    replay().await.expect(200);
    let out = client.submit("/dashboard", "/logout", &[]).await;
    out.expect(303);
    assert!(out.header("clear-site-data").contains("cache"));
    replay().await.expect_error(401, "unauthenticated");
}

both_databases! {
    async fn whoever_runs_the_server_ends_sessions_on_a_page(app: TestApp) {
        let andy = app.owner().await;
        let ws = andy.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let hers = app.person(&andy, &ws, "monalisa@example.com", "owner").await;
        let her = hers.get("/api/auth/me").await.data()["user"]["id"].as_str().unwrap().to_owned();
        let page = andy.get("/settings/people").await;
        assert!(page.expect(200).text.contains("monalisa@example.com") && page.text.contains("This one"));
        assert!(andy.get("/settings/team").await.text.contains("href=\"/settings/people\""));
        assert!(!hers.get("/settings/team").await.text.contains("href=\"/settings/people\""));
        unchanged(app.db(), hers.get("/settings/people")).await.expect(403);

        let open = hers.get("/api/auth/sessions").await.data()[0]["id"].as_str().unwrap().to_owned();
        let end = format!("/settings/people/{her}/sessions/{open}/end");
        andy.submit("/settings/people", &end, &[]).await.expect(303);
        hers.get("/api/auth/me").await.expect_error(401, "unauthenticated");
        unchanged(app.db(), andy.submit("/settings/people", &end, &[])).await.expect(404);

        let again = app.login("monalisa@example.com", PASSWORD).await;
        let all = format!("/settings/people/{her}/sessions/end");
        andy.submit("/settings/people", &all, &[]).await.expect(303);
        again.get("/api/auth/me").await.expect_error(401, "unauthenticated");

        // Of their own all but the one they do it with.
        let other = app.login(OWNER_EMAIL, PASSWORD).await;
        let me = andy.get("/api/auth/me").await.data()["user"]["id"].as_str().unwrap().to_owned();
        andy.submit("/settings/people", &format!("/settings/people/{me}/sessions/end"), &[]).await.expect(303);
        other.get("/api/auth/me").await.expect_error(401, "unauthenticated");
        andy.get("/api/auth/me").await.expect(200);
    }
}
