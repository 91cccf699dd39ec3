//! The second factor: setting it up, signing in with it, and using each code once.

use std::sync::Arc;
use std::time::Duration;

use crm_core::accounts::AccountsError;
use crm_core::accounts::second_factor::{
    RECOVERY_CODES, SETUP_LIFETIME, SeaSecondFactors, SecondFactors, code_at,
};
use crm_core::clock::SystemClock;
use crm_core::{Clock, Timestamp, Vault};
use secrecy::ExposeSecret as _;
use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD};
use support::{Answer, Backend, Client, TestApp, both_databases};

use super::people::People;

const STEP: Duration = Duration::from_secs(30);

fn factors(people: &People) -> SeaSecondFactors {
    SeaSecondFactors::new(people.ctx.clone(), Vault::new([7; 32]))
}

/// Sets a second factor up; returns its secret and the recovery codes.
async fn enable(people: &People, factors: &SeaSecondFactors) -> (String, Vec<String>) {
    let begun = factors.begin(&people.actor(), people.ada.id).await.unwrap();
    let secret = begun.secret.expose_secret().to_owned();
    let code = code_at(&secret, people.ctx.now());
    let codes = factors.confirm(&people.actor(), people.ada.id, &code).await.unwrap();
    (secret, codes)
}

both_databases! {
    async fn a_code_works_once_and_only_in_its_time(people: People) {
        let factors = factors(&people);
        let (actor, id) = (people.actor(), people.ada.id);
        let (secret, codes) = enable(&people, &factors).await;
        assert_eq!(codes.len(), RECOVERY_CODES);
        assert_eq!(factors.state(id).await.unwrap().unwrap().recovery_codes_left, 10);
        let verify = async |code: &str| factors.verify(&actor, id, code).await;
        let wrong = |result: crm_core::accounts::Result<()>| matches!(result, Err(AccountsError::WrongCode));
        // The code that confirmed is used up.
        assert!(wrong(verify(&code_at(&secret, people.ctx.now())).await));
        people.clock.advance(STEP);
        let code = code_at(&secret, people.ctx.now());
        verify(&code).await.unwrap();
        assert!(wrong(verify(&code).await), "a replay");
        // A clock that is half a minute ahead or behind is forgiven, more is not.
        people.clock.advance(STEP * 10);
        let now = people.ctx.now();
        assert!(wrong(verify(&code_at(&secret, now.plus(STEP * 2))).await));
        assert!(wrong(verify(&code_at(&secret, now.minus(STEP * 2))).await));
        verify(&code_at(&secret, now.minus(STEP))).await.unwrap();
        verify(&code_at(&secret, now.plus(STEP))).await.unwrap();
        // And then none before it.
        assert!(wrong(verify(&code_at(&secret, now)).await));
        assert!(wrong(verify("").await));
    }

    async fn fifty_uses_of_one_recovery_code_at_once_succeed_once(people: People) {
        let factors = Arc::new(factors(&people));
        let (_, codes) = enable(&people, &factors).await;
        let uses = (0..50).map(|_| {
            let (factors, actor, id) = (Arc::clone(&factors), people.actor(), people.ada.id);
            // Copied by hand: small letters, no dashes.
            let code = codes[0].to_lowercase().replace('-', "");
            tokio::spawn(async move { factors.verify(&actor, id, &code).await })
        });
        let mut succeeded = 0;
        for attempt in uses.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(()) => succeeded += 1,
                Err(AccountsError::WrongCode) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(succeeded, 1);
        assert_eq!(factors.state(people.ada.id).await.unwrap().unwrap().recovery_codes_left, 9);
        assert_eq!(people.audited().await.iter().filter(|action| *action == "recovery_code.used").count(), 1);
    }

    async fn fifty_uses_of_one_code_at_once_succeed_once(people: People) {
        let factors = Arc::new(factors(&people));
        let (secret, _) = enable(&people, &factors).await;
        people.clock.advance(STEP);
        let code = code_at(&secret, people.ctx.now());
        let uses = (0..50).map(|_| {
            let (factors, actor, id) = (Arc::clone(&factors), people.actor(), people.ada.id);
            let code = code.clone();
            tokio::spawn(async move { factors.verify(&actor, id, &code).await.is_ok() })
        });
        let mut succeeded = 0;
        for attempt in uses.collect::<Vec<_>>() {
            succeeded += u32::from(attempt.await.unwrap());
        }
        assert_eq!(succeeded, 1);
    }

    async fn secrets_are_sealed_and_codes_are_hashed(people: People) {
        let factors = factors(&people);
        let (secret, codes) = enable(&people, &factors).await;
        let stored = people.db.texts("SELECT secret FROM second_factors").await;
        assert!(stored.iter().all(|text| text.starts_with("v1:") && !text.contains(&secret)));
        let hashes = people.db.texts("SELECT code_hash FROM recovery_codes").await;
        assert_eq!(hashes.len(), RECOVERY_CODES);
        let plain: Vec<_> = codes.iter().map(|code| code.replace('-', "")).collect();
        assert!(hashes.iter().all(|hash| !codes.contains(hash) && !plain.contains(hash)));
        let told = people.db.texts("SELECT coalesce(CAST(details AS TEXT), '') FROM audit_logs").await;
        assert!(told.iter().all(|text| !text.contains(&secret) && !codes.iter().any(|code| text.contains(code))));
        // With another key the stored secret is of no use.
        let other = SeaSecondFactors::new(people.ctx.clone(), Vault::new([8; 32]));
        people.clock.advance(STEP);
        let code = code_at(&secret, people.ctx.now());
        let refused = other.verify(&people.actor(), people.ada.id, &code).await;
        assert!(matches!(refused, Err(AccountsError::Unsealable(_))), "{refused:?}");
    }

    async fn one_that_was_not_confirmed_in_time_is_neither_shown_nor_asked_for(people: People) {
        let factors = factors(&people);
        let (actor, id) = (people.actor(), people.ada.id);
        let begun = factors.begin(&actor, id).await.unwrap();
        assert!(factors.state(id).await.unwrap().is_none());
        assert!(factors.begun(id).await.unwrap().is_some());
        let refused = factors.confirm(&actor, id, "000000").await;
        assert!(matches!(refused, Err(AccountsError::WrongCode)) || refused.is_ok());
        people.clock.advance(SETUP_LIFETIME);
        assert!(factors.begun(id).await.unwrap().is_none());
        let late = code_at(begun.secret.expose_secret(), people.ctx.now());
        assert!(matches!(factors.confirm(&actor, id, &late).await, Err(AccountsError::NoFactor)));
    }

    async fn new_recovery_codes_replace_the_old_ones_and_none_work_without_the_factor(people: People) {
        let factors = factors(&people);
        let (actor, id) = (people.actor(), people.ada.id);
        let (_, old) = enable(&people, &factors).await;
        let new = factors.renew_recovery_codes(&actor, id).await.unwrap();
        assert!(matches!(factors.verify(&actor, id, &old[0]).await, Err(AccountsError::WrongCode)));
        factors.verify(&actor, id, &new[0]).await.unwrap();
        assert!(matches!(factors.begin(&actor, id).await, Err(AccountsError::FactorExists)));
        factors.disable(&actor, id).await.unwrap();
        assert!(matches!(factors.verify(&actor, id, &new[1]).await, Err(AccountsError::NoFactor)));
        assert_eq!(people.db.count("SELECT count(*) FROM recovery_codes").await, 0);
        let told = people.audited().await;
        for action in ["second_factor.enabled", "recovery_codes.renewed", "recovery_code.used", "second_factor.disabled"] {
            assert!(told.iter().any(|told| told == action), "{action} is not among {told:?}");
        }
    }

    async fn signing_in_over_the_api_takes_password_and_code(app: TestApp) {
        let owner = app.owner().await;
        let (secret, codes) = enable_over_api(&owner).await;
        let login = async |body: serde_json::Value| app.client().post("/api/auth/login", body).await;
        let body = |code: &str| json!({"email": OWNER_EMAIL, "password": PASSWORD, "code": code});
        let asked = login(json!({"email": OWNER_EMAIL, "password": PASSWORD})).await;
        asked.expect_error(401, "second_factor_required");
        assert!(asked.header("set-cookie").is_empty(), "{:?}", asked.headers);
        // A wrong password does not tell that there is a second factor.
        login(json!({"email": OWNER_EMAIL, "password": "wrong wrong wrong"})).await.expect_error(401, "unauthenticated");
        login(body("000000")).await.expect_error(401, "wrong_code");
        // The code that confirmed is used up; the next one is within the window.
        let next = code_at(&secret, now().plus(STEP));
        login(body(&next)).await.expect(200);
        login(body(&next)).await.expect_error(401, "wrong_code");
        login(body(&codes[3])).await.expect(200);
        login(body(&codes[3])).await.expect_error(401, "wrong_code");
        let state = owner.get("/api/auth/second-factor").await;
        assert_eq!(state.data()["enabled"], true);
        assert_eq!(state.data()["recovery_codes_left"], 9);
        owner.post("/api/auth/second-factor/disable", json!({"current_password": "not this one"})).await
            .expect_error(403, "wrong_password");
        owner.post("/api/auth/second-factor/disable", json!({"current_password": PASSWORD})).await.expect(200);
        login(json!({"email": OWNER_EMAIL, "password": PASSWORD})).await.expect(200);
    }

    async fn the_pages_set_it_up_and_ask_for_it(app: TestApp) {
        let owner = app.owner().await;
        let security = "/settings/security";
        let setup = "/settings/security/second-factor";
        owner.submit(security, setup, &[("factor_password", "not this one")]).await.expect(403);
        owner.submit(security, setup, &[("factor_password", PASSWORD)]).await.expect(303);
        let page = owner.get(setup).await;
        page.expect(200);
        assert!(page.text.contains("<svg class=\"qr\""), "{}", page.text);
        let secret: String = between(&page.text, "id=\"second-factor-secret\">", "<").replace(' ', "");
        let confirm = "/settings/security/second-factor/confirm";
        owner.submit(setup, confirm, &[("code", "000000")]).await.expect(422);
        let done = owner.submit(setup, confirm, &[("code", &code_at(&secret, now()))]).await;
        done.expect(200);
        let codes = between(&done.text, "id=\"recovery-codes\">", "<").to_owned();
        assert_eq!(codes.split_whitespace().count(), RECOVERY_CODES);
        assert!(!owner.get(security).await.text.contains(codes.lines().next().unwrap()));

        let browser = app.client();
        let post = async |path: &str, fields: &[(&str, &str)]| {
            Answer::of(browser.request(reqwest::Method::POST, path).form(fields)).await
        };
        browser.get("/login/code").await.expect(303);
        let first = post("/login", &[("email", OWNER_EMAIL), ("password", PASSWORD), ("next", "/contacts")]).await;
        first.expect(303);
        assert_eq!(first.header("location"), "/login/code?next=/contacts");
        // Half a sign-in reaches nothing.
        browser.get("/dashboard").await.expect(303);
        browser.get("/api/auth/me").await.expect_error(401, "unauthenticated");
        browser.get("/login/code").await.expect(200);
        post("/login/code", &[("code", "000000")]).await.expect(422);
        let recovery = codes.split_whitespace().next().unwrap();
        let second = post("/login/code", &[("code", recovery), ("next", "/contacts")]).await;
        second.expect(303);
        assert_eq!(second.header("location"), "/contacts");
        browser.get("/dashboard").await.expect(200);
        // The same step again, without a code that is still good.
        browser.get("/login/code").await.expect(303);
    }
}

fn now() -> Timestamp {
    SystemClock.now()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start} in {text}"));
    rest.split_once(end).unwrap().0
}

async fn enable_over_api(client: &Client) -> (String, Vec<String>) {
    let path = "/api/auth/second-factor";
    client
        .post(path, json!({"current_password": "not this one"}))
        .await
        .expect_error(403, "wrong_password");
    let begun = client.post(path, json!({"current_password": PASSWORD})).await;
    begun.expect(201);
    let secret = begun.data()["secret"].as_str().unwrap().to_owned();
    assert!(begun.data()["address"].as_str().unwrap().contains(&secret));
    let code = code_at(&secret, now());
    let confirmed = client.post(&format!("{path}/confirm"), json!({"code": code})).await;
    confirmed.expect(200);
    let codes = confirmed.data()["recovery_codes"].as_array().unwrap();
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn guessing_codes_is_slowed_down() {
    let app = TestApp::start_with(Backend::Sqlite, &[("RATE_LIMIT_LOGIN", "12")]).await;
    let owner = app.owner().await;
    let (_, codes) = enable_over_api(&owner).await;
    let browser = app.client();
    let post = async |path: &str, fields: &[(&str, &str)]| {
        Answer::of(browser.request(reqwest::Method::POST, path).form(fields)).await
    };
    post("/login", &[("email", OWNER_EMAIL), ("password", PASSWORD)]).await.expect(303);
    // One attempt was the confirmation.
    for _ in 0..11 {
        post("/login/code", &[("code", "000000")]).await.expect(422);
    }
    let refused = post("/login/code", &[("code", "000000")]).await;
    refused.expect(429);
    // Not even the right one counts now.
    post("/login/code", &[("code", &codes[0])]).await.expect(429);
    browser.get("/dashboard").await.expect(303);
}

#[tokio::test]
async fn a_half_sign_in_ends_with_the_password_it_began_with() {
    let app = TestApp::start(Backend::Sqlite).await;
    let owner = app.owner().await;
    let (_, codes) = enable_over_api(&owner).await;
    let thief = app.client();
    let form = [("email", OWNER_EMAIL), ("password", PASSWORD)];
    Answer::of(thief.request(reqwest::Method::POST, "/login").form(&form)).await.expect(303);
    let body = json!({"current_password": PASSWORD, "new_password": "seven quiet lanterns drift"});
    owner.post("/api/auth/password", body).await.expect(200);
    let form = [("code", codes[0].as_str())];
    let late = Answer::of(thief.request(reqwest::Method::POST, "/login/code").form(&form)).await;
    assert_eq!(late.header("location"), "/login");
    thief.get("/dashboard").await.expect(303);
    thief.get("/api/auth/me").await.expect_error(401, "unauthenticated");
}
