//! Health, signals, and one process per data folder.

use support::process::Site;
use support::{Backend, PerBackend, both_databases};

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
