//! What an attacker tries at the edges of HTTP: forged origins, cookies, lengths, depths, methods, odd requests, the log.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD, Site};
use support::{Answer, Backend, TestApp, both_databases};

/// Sends bytes as they are and reads the status line and whether the server closed the connection.
fn raw(base: &str, bytes: &[u8]) -> (String, bool) {
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    let closed = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break true,
            Ok(read) => answer.extend_from_slice(&buffer[..read]),
            // A reset is a close, too; silence is none.
            Err(error) => break error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    };
    let line = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
    (line, closed)
}

both_databases! {
    async fn passwords_may_be_long_and_hold_any_character(app: TestApp) {
        let owner = app.owner().await;
        let change = |new: &str| json!({"current_password": PASSWORD, "new_password": new});
        let short = owner.post("/api/auth/password", change("seven7!")).await;
        short.expect_error(422, "validation_failed");
        for guessed in ["password1234", "picrm-picrm", OWNER_EMAIL] {
            owner.post("/api/auth/password", change(guessed)).await.expect_error(422, "validation_failed");
        }
        let long = "rye bread 🥖 and butter 🧈 for the mill, each day at a quarter past six ";
        assert!(long.chars().count() >= 64);
        owner.post("/api/auth/password", change(long)).await.expect(200);
        app.login(OWNER_EMAIL, long).await;
        let cut = json!({"email": OWNER_EMAIL, "password": long.trim_end()});
        app.client().post("/api/auth/login", cut).await.expect_error(401, "unauthenticated");
    }

    async fn the_way_in_helps_password_managers_and_gives_no_hints(app: TestApp) {
        app.owner().await;
        let page = app.client().get("/login").await;
        for part in ["type=\"password\"", "autocomplete=\"current-password\"", "autocomplete=\"username\""] {
            assert!(page.expect(200).text.contains(part), "{part}: {}", page.text);
        }
        let lower = page.text.to_lowercase();
        for hint in ["onpaste", "secret question", "hint:"] {
            assert!(!lower.contains(hint), "{hint}");
        }
    }

    async fn nobody_elsewhere_may_read_an_answer_and_nobody_is_led_away(app: TestApp) {
        let owner = app.owner().await;
        for origin in ["https://evil.test", "null"] {
            let answer = Answer::of(owner.request(Method::GET, "/api/contacts").header("Origin", origin)).await;
            assert!(answer.headers.get("access-control-allow-origin").is_none(), "{origin}");
            let asked = owner.request(Method::OPTIONS, "/api/contacts")
                .header("Origin", origin).header("Access-Control-Request-Method", "POST");
            assert!(Answer::of(asked).await.headers.get("access-control-allow-origin").is_none(), "{origin}");
        }
        for elsewhere in ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)"] {
            let fields = [("email", OWNER_EMAIL), ("password", PASSWORD), ("next", elsewhere)];
            let signed_in = app.client().without_csrf();
            let answer = Answer::of(signed_in.request(Method::POST, "/login").form(&fields)).await;
            let led = answer.expect(303).header("location").to_owned();
            assert!(led.starts_with('/') && !led.starts_with("//") && !led.starts_with("/\\"), "{elsewhere}: {led}");
        }
    }

    async fn answers_are_kept_nowhere(app: TestApp) {
        let owner = app.owner().await;
        let contact = owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        for path in [
            "/api/contacts", &format!("/api/contacts/{contact}"), "/api/audit/export.csv", "/api/auth/me", "/dashboard",
            &format!("/contacts/{contact}"), "/settings/keys", "/api/docs",
        ] {
            assert_eq!(owner.get(path).await.expect(200).header("cache-control"), "no-store", "{path}");
        }
        let asset = app.client().get("/login").await;
        let asset = asset.text.split("href=\"/assets/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(owner.get(&format!("/assets/{asset}")).await.header("cache-control").contains("immutable"));
    }

    async fn numbers_depths_and_doubles_are_refused_and_nothing_breaks(app: TestApp) {
        let owner = app.owner().await;
        for query in [
            "limit=9223372036854775808", "limit=-1", "limit=NaN", "limit=1&limit=2", "limit=", "sort=password_hash",
            "sort=first_name;drop", "cursor=%00", "list_id=1",
        ] {
            let answer = owner.get(&format!("/api/contacts?{query}")).await;
            assert!((400..500).contains(&answer.status), "{query}: {} {}", answer.status, answer.text);
        }
        for value in ["9223372036854775808", "1e400", "\"NaN\"", "-1.5", "[]"] {
            let body = format!("{{\"first_name\": \"Ada\", \"value_minor\": {value}}}");
            let request = owner.request(Method::POST, "/api/contacts").header("Content-Type", "application/json").body(body);
            let answer = Answer::of(request).await;
            assert!((400..500).contains(&answer.status), "{value}: {} {}", answer.status, answer.text);
        }
        let long = json!({"first_name": "a".repeat(1024 * 1024)});
        owner.post("/api/contacts", long).await.expect_error(422, "validation_failed");
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
            for (path, body) in [
                ("/api/contacts", deep.clone()),
                ("/api/segments/preview", format!("{{\"segment_json\": {deep}}}")),
            ] {
                let request = owner.request(Method::POST, path).header("Content-Type", "application/json").body(body);
                let answer = Answer::of(request).await;
                assert!(matches!(answer.status, 400 | 422), "{path}: {} {}", answer.status, answer.text);
            }
        }
        assert_eq!(app.db().count("SELECT count(*) FROM base_contacts").await, 0);
    }

    async fn nothing_lies_about_that_is_not_meant_for_anybody(app: TestApp) {
        let owner = app.owner().await;
        for path in [
            "/.git/config", "/.env", "/debug", "/metrics", "/server-status", "/assets/", "/assets/../Cargo.toml",
            "/assets/%2e%2e/%2e%2e/etc/passwd", "/api/../.env", "/pi-crm.db", "/data/pi-crm.db", "/phpinfo.php", "/actuator",
        ] {
            let answer = owner.get(path).await;
            assert!(matches!(answer.status, 404 | 400), "{path}: {} {}", answer.status, answer.text);
        }
    }
}

#[tokio::test]
async fn a_list_of_odd_requests_ends_in_a_refusal_and_a_closed_connection() {
    let app = TestApp::start(Backend::Sqlite).await;
    let base = app.client().base().to_owned();
    let odd: [(&str, &[u8]); 6] = [
        ("two lengths", b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"),
        ("length and chunks", b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("a length that is none", b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd"),
        ("a chunk that is none", b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        ("a header split by NUL", b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n"),
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    ];
    for (what, bytes) in odd {
        let (line, closed) = tokio::task::spawn_blocking({
            let base = base.clone();
            move || raw(&base, bytes)
        })
        .await
        .unwrap();
        assert!(closed, "{what}: the connection stays open after {line:?}");
        assert!(line.is_empty() || line.contains(" 400 "), "{what}: {line}");
    }
    for method in [Method::TRACE, Method::CONNECT] {
        let answer = Answer::of(app.client().request(method.clone(), "/health")).await;
        assert!(matches!(answer.status, 400 | 404 | 405), "{method}: {}", answer.status);
    }
    app.client().get("/health").await.expect(200);
}

#[tokio::test]
async fn behind_https_cookies_are_bound_to_the_host_and_http_is_not_spoken_again() {
    let https = [("PUBLIC_URL", "https://crm.example.test")];
    for (settings, name, is_https) in
        [(https.as_slice(), "__Host-pi-crm", true), (&[], "pi-crm", false)]
    {
        let app = TestApp::start_with(Backend::Sqlite, settings).await;
        let code = app.setup_code().await;
        let request = app.client().request(Method::POST, "/api/auth/register");
        let made = Answer::of(request.json(&support::process::first_user(&code))).await;
        let cookies: Vec<_> = made.expect(201).headers.get_all("set-cookie").iter().collect();
        let cookie = cookies
            .iter()
            .find_map(|cookie| cookie.to_str().unwrap().strip_prefix(name)?.strip_prefix('='));
        let cookie = cookie.unwrap_or_else(|| panic!("no {name} in {cookies:?}"));
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{part}: {cookie}");
        }
        assert_eq!(cookie.contains("Secure"), is_https, "{cookie}");
        assert!(!cookie.contains("Domain"), "{cookie}");
        let security = made.header("strict-transport-security");
        assert_eq!(
            security.contains("max-age=31536000") && security.contains("includeSubDomains"),
            is_https
        );
        assert_eq!(made.header("referrer-policy"), "same-origin");
    }
}

#[tokio::test]
async fn many_sign_ins_at_once_hold_up_nobody_else() {
    let app = TestApp::start(Backend::Sqlite).await;
    app.owner().await;
    let tries: Vec<_> = (0..12)
        .map(|_| {
            let client = app.client();
            let body = json!({"email": OWNER_EMAIL, "password": "not this one"});
            tokio::spawn(async move { client.post("/api/auth/login", body).await.status })
        })
        .collect();
    for _ in 0..5 {
        let asked = Instant::now();
        app.client().get("/health").await.expect(200);
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    }
    for attempt in tries {
        assert_eq!(attempt.await.unwrap(), 401);
    }
}

both_databases! {
    async fn nothing_sent_writes_a_line_of_its_own_into_the_log(site: Site) {
        let process = site.start().await;
        process.owner().await;
        let forged = "2026-01-01T00:00:00Z ERROR forged";
        let name = format!("a\r\n{forged}\u{1b}[31m<b>@example.com");
        process.client().post("/api/auth/login", json!({"email": name, "password": "x"})).await;
        let request = process.client().request(Method::GET, &format!("/nothing/%0d%0a{}", forged.replace(' ', "%20")));
        Answer::of(request.header("X-Api-Key", "pcrm_%1b[31m").header("User-Agent", "\u{9b}31m")).await;
        let wrong = process.client().with_api_key("pcrm_wrong").get("/api/contacts").await;
        wrong.expect(401);
        process.terminate();
        let printed = process.printed();
        assert!(printed.contains("an API key was refused"), "{printed}");
        assert!(!printed.lines().any(|line| line.starts_with(forged)), "{printed}");
        assert!(!printed.contains('\u{1b}') && !printed.contains('\u{9b}'), "{printed}");
    }
}

#[test]
fn no_part_of_the_program_starts_another() {
    let root = support::paths::root();
    let mut looked_at = 0;
    for folder in ["crates", "web/src", "migration/src"] {
        let mut open = vec![root.join(folder)];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let code = std::fs::read_to_string(&path).unwrap();
                looked_at += 1;
                for word in ["process::Command", "Command::new(\"", "libc::exec", "posix_spawn"] {
                    assert!(!code.contains(word), "{word} in {}", path.display());
                }
            }
        }
    }
    assert!(looked_at > 200, "only {looked_at} files");
}
