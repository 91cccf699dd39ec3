//! How large and how slow a request may be, and where a caller is.

use std::time::Duration;

use serde_json::json;
use support::{Answer, Backend, TestApp, both_databases};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

both_databases! {
    async fn a_body_over_the_limit_is_refused_whether_it_says_its_length_or_not(app: TestApp) {
        let owner = app.owner().await;
        let name = "x".repeat(3 * 1024 * 1024);
        owner.post("/api/contacts", json!({"first_name": name})).await.expect_error(413, "too_large");
        let mut stream = knock(&app, "Transfer-Encoding: chunked").await;
        let mut answer = vec![0; 64];
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        for _ in 0..48 {
            // The server may hang up before it has taken all of it.
            if stream.write_all(chunk.as_bytes()).await.is_err() {
                break;
            }
        }
        let read = stream.read(&mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&answer[..read]));
        assert_eq!(app.db().count("SELECT count(*) FROM base_contacts").await, 0);
    }
}

/// Begins a request to sign in with this header about its body.
async fn knock(app: &TestApp, header: &str) -> TcpStream {
    let address = app.base().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n{header}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_given_up() {
    let app = TestApp::start(Backend::Sqlite).await;
    let mut stream = knock(&app, "Content-Length: 50").await;
    stream.write_all(b"{").await.unwrap();
    let mut answer = [0; 64];
    // The limit is thirty seconds.
    let read = tokio::time::timeout(Duration::from_mins(1), stream.read(&mut answer)).await;
    let read = read.expect("it was given up").unwrap();
    assert!(
        answer[..read].starts_with(b"HTTP/1.1 408"),
        "{}",
        String::from_utf8_lossy(&answer[..read])
    );
    app.client().get("/health").await.expect(200);
}

#[tokio::test]
async fn a_proxy_is_believed_only_where_it_is_named() {
    let claimed = "203.0.113.7";
    for (trusted, expected) in [("", "127.0.0.1"), ("127.0.0.0/8", claimed)] {
        let app = TestApp::start_with(Backend::Sqlite, &[("TRUSTED_PROXIES", trusted)]).await;
        let owner = app.owner().await;
        let request = owner
            .request(reqwest::Method::POST, "/api/contacts")
            .header("X-Forwarded-For", format!("198.51.100.1, {claimed}"))
            .json(&json!({"first_name": "Ada"}));
        Answer::of(request).await.expect(201);
        let noted = "SELECT ip_address FROM audit_logs WHERE action = 'contact.created'";
        assert_eq!(app.db().texts(noted).await, [expected]);
    }
}

#[tokio::test]
async fn guesses_are_counted_by_the_address_behind_a_named_proxy() {
    let settings = [("TRUSTED_PROXIES", "127.0.0.1"), ("RATE_LIMIT_LOGIN", "2")];
    let app = TestApp::start_with(Backend::Sqlite, &settings).await;
    let guess = async |from: &str| {
        let request = app
            .client()
            .request(reqwest::Method::POST, "/api/auth/login")
            .header("X-Forwarded-For", from)
            .json(&json!({"email": "a@example.com", "password": "guess"}));
        Answer::of(request).await
    };
    for _ in 0..2 {
        guess("203.0.113.7").await.expect_error(401, "unauthenticated");
    }
    guess("203.0.113.7").await.expect_error(429, "rate_limited");
    // What stands left of the client's own address is only its claim.
    guess("198.51.100.9, 203.0.113.7").await.expect_error(429, "rate_limited");
    guess("203.0.113.8").await.expect_error(401, "unauthenticated");
}

#[tokio::test]
async fn each_caller_has_calls_of_their_own() {
    let app = TestApp::start_with(Backend::Sqlite, &[("RATE_LIMIT_API", "30")]).await;
    let owner = app.owner().await;
    let ws = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
    let other = app.person(&owner, &ws, "grace@example.com", "editor").await;
    let mut refused = None;
    for _ in 0..=30 {
        let answer = owner.get("/api/lists").await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("thirty calls a minute are enough");
    refused.expect_error(429, "rate_limited");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1, "{:?}", refused.headers);
    // Pages are no calls, and others are not held up.
    owner.get("/dashboard").await.expect(200);
    other.get("/api/lists").await.expect(200);
    // Neither by a stranger who knocks without an end.
    for _ in 0..40 {
        app.client().get("/api/lists").await;
    }
    app.client().get("/api/lists").await.expect_error(429, "rate_limited");
    other.get("/api/lists").await.expect(200);
}
