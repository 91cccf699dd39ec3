//! A new password for somebody who forgot theirs: by a mailed link, or by a code.

use std::sync::Arc;
use std::time::Duration;

use crm_core::accounts::{Accounts, AccountsError, Origin, PasswordResets, RESET_LIFETIME};
use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD, Site};
use support::smtp::SmtpSink;
use support::{Answer, TestApp, both_databases, wait};

use super::people::People;

const NEW: &str = "seven quiet lanterns drift";
const SECOND: Duration = Duration::from_secs(1);

async fn request(people: &People) -> String {
    people.accounts.request_reset(" Ada@Example.com", Origin::default()).await.unwrap().unwrap().1
}

async fn reset(people: &People, token: &str) -> crm_core::accounts::Result<()> {
    people.accounts.reset_password(token, NEW.into(), Origin::default()).await.map(|_| ())
}

fn is_gone<T>(result: &crm_core::accounts::Result<T>) -> bool {
    matches!(result, Err(AccountsError::ResetGone))
}

both_databases! {
    async fn fifty_uses_of_one_link_at_once_change_the_password_once(people: People) {
        let token = request(&people).await;
        let people = Arc::new(people);
        let uses = (0..50).map(|number| {
            let (people, token) = (Arc::clone(&people), token.clone());
            let password = format!("{NEW} {number}");
            tokio::spawn(async move {
                people.accounts.reset_password(&token, password.into(), Origin::default()).await
            })
        });
        let mut succeeded = 0;
        for attempt in uses.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(_) => succeeded += 1,
                // Fifty at once may wait too long for a connection on a busy machine; that is no success either.
                Err(AccountsError::ResetGone | AccountsError::Store(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(succeeded, 1);
        let told = people.audited().await;
        assert_eq!(told.iter().filter(|action| *action == "password_reset.used").count(), 1);
        assert_eq!(told.iter().filter(|action| *action == "user.password_changed").count(), 1);
    }

    async fn a_link_works_once_for_an_hour_and_a_newer_one_ends_it(people: People) {
        let session = people.session().await;
        let older = request(&people).await;
        assert!(people.accounts.is_reset_open(&older).await.unwrap());
        let newer = request(&people).await;
        assert!(is_gone(&reset(&people, &older).await), "an older link");
        assert!(is_gone(&reset(&people, "nonsense").await));
        people.clock.advance(RESET_LIFETIME.saturating_sub(SECOND));
        let weak = people.accounts.reset_password(&newer, "ada-ada-ada".into(), Origin::default()).await;
        assert!(matches!(weak, Err(AccountsError::WeakPassword(_))), "{weak:?}");
        assert!(people.is_in(&session).await, "asking for a link changes nothing");
        reset(&people, &newer).await.unwrap();
        assert!(!people.is_in(&session).await);
        assert!(is_gone(&reset(&people, &newer).await), "a used link");
        let user = people.accounts.authenticate("ada@example.com", NEW.into()).await.unwrap();
        assert!(user.is_some());
        let late = request(&people).await;
        people.clock.advance(RESET_LIFETIME);
        assert!(!people.accounts.is_reset_open(&late).await.unwrap());
        assert!(is_gone(&reset(&people, &late).await), "a link of an hour ago");
    }

    async fn a_code_works_like_a_link_however_it_is_typed(people: People) {
        let (code, expires_at) = people.accounts.reset_code(&people.actor(), people.ada.id).await.unwrap();
        assert_eq!(expires_at, people.ctx.now().plus(RESET_LIFETIME));
        let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
        reset(&people, &typed).await.unwrap();
        assert!(is_gone(&reset(&people, &code).await));
    }

    async fn another_way_to_a_new_password_and_disabling_end_a_link(people: People) {
        let actor = people.actor();
        let token = request(&people).await;
        people.accounts.set_password(&actor, people.ada.id, "another good phrase".into()).await.unwrap();
        assert!(is_gone(&reset(&people, &token).await));
        let token = request(&people).await;
        people.accounts.disable_user(&actor, people.ada.id).await.unwrap();
        assert!(is_gone(&reset(&people, &token).await));
        let none = people.accounts.request_reset("ada@example.com", Origin::default()).await.unwrap();
        assert!(none.is_none(), "a disabled user gets no link");
        let (code, _) = people.accounts.reset_code(&actor, people.ada.id).await.unwrap();
        assert!(is_gone(&reset(&people, &code).await), "nor does a code let them in");
    }

    async fn tokens_are_long_all_different_and_stored_as_a_hash(people: People) {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..50 {
            let token = request(&people).await;
            assert!(token.len() >= 22, "{token}");
            let stored = people.db.texts("SELECT token_hash FROM password_resets").await;
            assert!(stored.len() == 1 && stored[0] != token, "{stored:?}");
            seen.insert(token);
        }
        assert_eq!(seen.len(), 50);
        let told = people.db.texts("SELECT coalesce(CAST(details AS TEXT), '') FROM audit_logs").await;
        assert!(told.iter().all(|text| !seen.iter().any(|token| text.contains(token))));
    }

    async fn a_link_comes_by_mail_and_leads_where_the_settings_say(site: Site) {
        let sink = SmtpSink::start();
        let site = site.set("PUBLIC_URL", "http://crm.example");
        let process = site.start().await;
        let owner = process.owner().await;
        let body = json!({"kind": "email", "provider_type": "smtp", "is_default": true, "config": {
            "host": "127.0.0.1", "port": sink.port(), "security": "none",
            "from_email": "hello@acme.example", "from_name": "Acme"}});
        owner.post("/api/providers", body).await.expect(201);
        let visitor = process.client();
        let ask = async |email: &str| {
            let request = visitor.request(reqwest::Method::POST, "/reset")
                .header("X-Forwarded-Host", "evil.test").header("Forwarded", "host=evil.test")
                .form(&[("email", email)]);
            Answer::of(request).await
        };
        let (unknown, known) = (ask("nobody@example.com").await, ask(OWNER_EMAIL).await);
        known.expect(303);
        assert_eq!((unknown.status, unknown.text), (known.status, known.text));
        assert_eq!(unknown.headers.get("set-cookie"), known.headers.get("set-cookie"));
        let mail = wait::until("the mail", Duration::from_secs(20), || async { sink.received().pop() }).await;
        assert_eq!(mail.rcpt_to, [OWNER_EMAIL]);
        let text = mail.message().body_text(0).unwrap().into_owned();
        let token = text.split("http://crm.example/reset/").nth(1).unwrap_or_else(|| panic!("no link in {text}"))
            .split_whitespace().next().unwrap().to_owned();
        assert!(!mail.raw.contains("evil.test"));
        // The old password still works until the link is used.
        process.client().login(OWNER_EMAIL, PASSWORD).await;
        let page = format!("/reset/{token}");
        visitor.get(&page).await.expect(200);
        visitor.get(&page).await.expect(200);
        let submit = async |password: &str| {
            let form = [("token", token.as_str()), ("new_password", password)];
            Answer::of(visitor.request(reqwest::Method::POST, "/reset/use").form(&form)).await
        };
        submit("password1234").await.expect(422);
        let done = submit(NEW).await;
        done.expect(303);
        assert_eq!(done.header("location"), "/login");
        owner.get("/api/auth/me").await.expect_error(401, "unauthenticated");
        submit(NEW).await.expect(410);
        visitor.get(&page).await.expect(410);
        process.client().login(OWNER_EMAIL, NEW).await;
        assert_eq!(sink.received().len(), 1, "nobody else got a mail");
    }

    async fn without_mail_the_page_leads_to_a_code_from_the_command_line(site: Site) {
        let site = site.set("SEED_PASSWORD", PASSWORD);
        assert!(site.run(&["seed", "--contacts", "2"]).status.success());
        let made = site.run(&["--json", "user", "passwd", "--email", "andy@example.com", "--code"]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
        let code = made["code"].as_str().unwrap();
        let process = site.start().await;
        let visitor = process.client();
        let page = visitor.get("/reset").await;
        assert!(page.text.contains("pi-crm user passwd --code"), "{}", page.text);
        visitor.get("/reset/code").await.expect(200);
        let submit = async |code: &str| {
            let form = [("token", code), ("by_code", "true"), ("new_password", NEW)];
            Answer::of(visitor.request(reqwest::Method::POST, "/reset/use").form(&form)).await
        };
        let wrong = submit("AAAA-BBBB").await;
        wrong.expect(410);
        assert!(wrong.text.contains("AAAA-BBBB"), "what was typed is kept: {}", wrong.text);
        submit(code).await.expect(303);
        submit(code).await.expect(410);
        process.client().login("andy@example.com", NEW).await;
    }

    async fn the_api_asks_and_redeems(app: TestApp) {
        app.owner().await;
        let ask = async |email: &str| app.client().post("/api/auth/reset", json!({"email": email})).await;
        let (known, unknown) = (ask(OWNER_EMAIL).await, ask("nobody@example.com").await);
        known.expect(200);
        assert_eq!((known.status, known.text), (unknown.status, unknown.text));
        // Without PUBLIC_URL there is no link to mail, and no token is made.
        assert_eq!(app.db().count("SELECT count(*) FROM password_resets").await, 0);
        app.client().post("/api/auth/reset/use", json!({"token": "nonsense", "new_password": NEW})).await
            .expect_error(410, "reset_gone");
    }
}
