//! A wrong setting stops the start with one line that names it.

use support::process::Site;
use support::{Backend, PerBackend};

#[tokio::test]
async fn a_wrong_value_names_its_variable_in_one_line() {
    for (name, value) in [
        ("PORT", "eighty"),
        ("LOG_FORMAT", "xml"),
        ("PUBLIC_URL", "crm.example.com"),
        ("RATE_LIMIT_LOGIN", "many"),
        ("OUTBOUND_ALLOW", "10.0.0.0/99"),
        ("SESSION_SECRET", "short"),
        ("ENCRYPTION_KEY", "short"),
        ("DATABASE_URL", "mysql://localhost/crm"),
        ("TRUSTED_PROXIES", "proxy.lan"),
        ("RUST_LOG", "info,crm_campaigns=[loud"),
        ("OPENAI_BASE_URL", "ai.lan"),
        ("GMAIL_BASE_URL", "https://"),
        ("OUTLOOK_BASE_URL", "https://user@host"),
        ("MAILGUN_BASE_URL", "eu.mailgun.net"),
        ("TWILIO_BASE_URL", "https://api.twilio.com?x"),
        ("SESSION_SECRET_FILE", "/nowhere/secret"),
    ] {
        let site = Site::fresh(Backend::Sqlite).await.set(name, value);
        let output = site.run(&["serve"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{name}={value} was accepted");
        assert_eq!(said.trim().lines().count(), 1, "{said}");
        assert!(said.contains(name), "{said:?} does not name {name}");
    }
}

#[tokio::test]
async fn a_secret_may_lie_in_a_file_but_not_in_two_places() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("secret");
    std::fs::write(&file, "a secret of more than thirty-two characters\n").unwrap();
    let site = Site::fresh(Backend::Sqlite)
        .await
        .set("ENCRYPTION_KEY_FILE", file.display().to_string())
        .set("SESSION_SECRET_FILE", file.display().to_string());
    assert!(site.run(&["migrate"]).status.success());
    // What was given was taken, so no key was made.
    assert!(!site.data_dir().join("encryption.key").exists());
    assert!(!site.data_dir().join("session.key").exists());

    let site = site.set("SESSION_SECRET", "another secret of more than thirty-two characters");
    let output = site.run(&["migrate"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("SESSION_SECRET_FILE"), "{said}");
}

#[tokio::test]
async fn keys_are_made_once_and_only_for_their_owner() {
    use std::os::unix::fs::PermissionsExt as _;

    let site = Site::fresh(Backend::Sqlite).await;
    assert!(site.run(&["migrate"]).status.success());
    let read = |name: &str| std::fs::read_to_string(site.data_dir().join(name)).unwrap();
    let before = (read("session.key"), read("encryption.key"));
    assert_ne!(before.0, before.1);
    for name in ["session.key", "encryption.key"] {
        let mode = std::fs::metadata(site.data_dir().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(site.run(&["migrate"]).status.success());
    assert_eq!(before, (read("session.key"), read("encryption.key")));
}
