//! Health, signals, and one process per data folder.

use std::time::{Duration, Instant};

use serde_json::json;
use support::process::{Process, Site};
use support::relay::Relay;
use support::smtp::SmtpSink;
use support::{Backend, PerBackend, both_databases};

/// Sends one message over a mail server at `port`, whose connection is then kept for the next.
async fn keep_a_connection(process: &Process, port: u16) {
    let owner = process.owner().await;
    let config = json!({"host": "127.0.0.1", "port": port, "security": "none",
        "from_email": "andy@example.com", "from_name": "Andy"});
    let smtp =
        json!({"kind": "email", "provider_type": "smtp", "is_default": true, "config": config});
    let provider = owner.post("/api/providers", smtp).await.id();
    let template = json!({"name": "T", "subject": "S", "body_html": "<p>B</p>"});
    let template = owner.post("/api/templates", template).await.id();
    let campaign = json!({"name": "C", "type": "email", "template_id": template,
        "segment_json": {"all": []}, "provider_id": provider});
    let campaign = owner.post("/api/campaigns", campaign).await.id();
    let to = json!({"to": "ada@example.org"});
    owner.post(&format!("/api/campaigns/{campaign}/test"), to).await.expect(200);
}

both_databases! {
    async fn health_answers_bare(site: Site) {
        let process = site.start().await;
        let answer = process.client().get("/health").await;
        answer.expect(200);
        assert_eq!(answer.text, r#"{"status":"ok"}"#);
    }

    async fn sigterm_ends_it_in_order_and_the_session_survives(site: Site) {
        let process = site.start().await;
        let owner = process.owner().await;
        let status = process.terminate();
        assert!(status.success(), "{status}: {}", process.printed());
        let process = site.start().await;
        owner.get("/api/auth/me").await.expect(200);
        assert!(!process.printed().to_lowercase().contains("setup code"), "{}", process.printed());
    }

    async fn sigterm_says_goodbye_to_mail_servers(site: Site) {
        let sink = SmtpSink::start();
        let relay = Relay::to(sink.port()).await;
        let process = site.start().await;
        keep_a_connection(&process, relay.port()).await;
        assert_eq!((relay.seen(), relay.heard("QUIT")), (1, 0));
        let stopping = tokio::task::spawn_blocking(move || (process.terminate(), process.printed()));
        let (status, printed) = stopping.await.unwrap();
        assert!(status.success(), "{printed}");
        assert_eq!((relay.seen(), relay.heard("QUIT")), (1, 1), "{printed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_does_not_say_goodbye_holds_up_nobody() {
    let sink = SmtpSink::start();
    let relay = Relay::to(sink.port()).await;
    let site = Site::fresh(Backend::Sqlite).await;
    let process = site.start().await;
    keep_a_connection(&process, relay.port()).await;
    sink.freeze();
    let began = Instant::now();
    let status = tokio::task::spawn_blocking(move || process.terminate()).await.unwrap();
    assert!(status.success());
    assert_eq!(relay.heard("QUIT"), 1);
    // The limit for a goodbye is five seconds.
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[tokio::test]
async fn sigint_ends_it_in_order_too() {
    let site = Site::fresh(Backend::Sqlite).await;
    let process = site.start().await;
    let id = process.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert!(process.wait().success(), "{}", process.printed());
}

#[tokio::test]
async fn a_second_process_on_the_data_folder_is_refused_in_words() {
    let site = Site::fresh(Backend::Sqlite).await;
    let first = site.start().await;
    let second = site.run(&["serve"]);
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("another pi-crm is using the data folder"), "{said}");
    first.client().get("/health").await.expect(200);
}

#[tokio::test]
async fn a_database_that_is_none_is_refused_in_words() {
    let site = Site::fresh(Backend::Sqlite).await;
    std::fs::create_dir_all(site.data_dir()).unwrap();
    let file = site.data_dir().join("not.db");
    std::fs::write(&file, "this is no database, whatever it is called".repeat(100)).unwrap();
    let site = site.set("DATABASE_URL", format!("sqlite://{}", file.display()));
    let output = site.run(&["serve"]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("DATABASE_URL"), "{said}");
}
