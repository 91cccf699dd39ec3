//! Guessing is slowed down per account, per address and in total, and the owner is not locked out by it.

use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD};
use support::{Backend, TestApp};

#[tokio::test]
async fn one_address_cannot_try_one_password_on_everybody() {
    let app = TestApp::start_with(Backend::Sqlite, &[("RATE_LIMIT_LOGIN", "1")]).await;
    let guess = |number: u32| {
        let body =
            json!({"email": format!("person{number}@example.com"), "password": "Summer2026"});
        let client = app.client();
        async move { client.post("/api/auth/login", body).await }
    };
    for number in 0..10 {
        guess(number).await.expect_error(401, "unauthenticated");
    }
    let refused = guess(10).await;
    refused.expect_error(429, "rate_limited");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn every_door_that_takes_a_password_shares_one_budget() {
    // One attempt registers, one signs in.
    let app = TestApp::start_with(Backend::Sqlite, &[("RATE_LIMIT_LOGIN", "4")]).await;
    let owner = app.owner().await;
    let body = json!({"current_password": "not this one", "new_password": "seven quiet lanterns"});
    for _ in 0..3 {
        owner.post("/api/auth/password", body.clone()).await.expect_error(403, "wrong_password");
    }
    let refused = owner.post("/api/auth/password", body).await;
    refused.expect_error(429, "rate_limited");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    app.client()
        .post("/api/auth/login", json!({"email": OWNER_EMAIL, "password": PASSWORD}))
        .await
        .expect_error(429, "rate_limited");
    // Who is signed in already stays so.
    owner.get("/api/auth/me").await.expect(200);
}

/// A sign-in from one of this machine's many loopback addresses.
async fn sign_in_from(app: &TestApp, last: u8, password: &str) -> u16 {
    let http = support::client::http()
        .local_address(Some(std::net::IpAddr::from([127, 0, 0, last])))
        .no_proxy()
        .build()
        .unwrap();
    let body = json!({"email": OWNER_EMAIL, "password": password});
    let request = http.post(format!("{}/api/auth/login", app.base())).json(&body);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn guesses_from_everywhere_are_slowed_down_but_the_owner_gets_in() {
    let app = TestApp::start_with(Backend::Sqlite, &[("RATE_LIMIT_LOGIN", "2")]).await;
    // Signs in from 127.0.0.1, which is familiar from then on.
    app.owner().await;
    // Two from each address: none is over its own limit. The limit on the account is forty, of which the owner took the
    // first, and one more for every 22 seconds this takes.
    let mut guesses = 0;
    let refused = 'guessing: {
        for last in 2..62 {
            for _ in 0..2 {
                match sign_in_from(&app, last, "wrong wrong wrong").await {
                    401 => guesses += 1,
                    429 => break 'guessing true,
                    other => panic!("{other}"),
                }
            }
        }
        false
    };
    assert!(refused && guesses >= 35, "{guesses} guesses, all of them answered: {}", !refused);
    assert_eq!(sign_in_from(&app, 1, PASSWORD).await, 200, "the owner, from where they always are");
}
