//! An installation whose database lies in its data folder and is open nowhere else.

use std::path::{Path, PathBuf};
use std::process::Output;

use sea_orm::{ConnectionTrait, Database, DatabaseBackend, Statement};
use serde_json::{Value, json};
use support::process::Site;
use support::{Client, TestDb};

/// An empty one.
pub(super) async fn site() -> Site {
    Site::on(TestDb::sqlite().await).set("DATABASE_URL", "")
}

/// Its database.
pub(super) fn database(site: &Site) -> PathBuf {
    site.data_dir().join("pi-crm.db")
}

/// What a command answers that is expected to succeed.
pub(super) fn done(output: &Output) -> Value {
    let (out, err) = (&output.stdout, String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{err}");
    serde_json::from_slice(out).unwrap_or_else(|error| panic!("{error}: {err}"))
}

/// What a command says last that is expected to fail.
pub(super) fn refused(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    said.lines().last().unwrap_or_default().to_owned()
}

/// Makes a backup.
pub(super) fn create(site: &Site) -> Value {
    done(&site.run(&["backup", "create", "--json"]))
}

/// Puts one back.
pub(super) fn restore(site: &Site, path: &str) -> Value {
    done(&site.run(&["backup", "restore", path, "--yes", "--json"]))
}

/// Those there are.
pub(super) fn list(site: &Site) -> Vec<Value> {
    done(&site.run(&["backup", "list", "--json"])).as_array().unwrap().clone()
}

/// The first column of every row that `sql` answers in the file at `path`.
pub(super) async fn texts(path: &Path, sql: &str) -> Vec<String> {
    let db = Database::connect(format!("sqlite://{}", path.display())).await.unwrap();
    let rows = db.query_all_raw(Statement::from_string(DatabaseBackend::Sqlite, sql)).await;
    let rows: Vec<String> =
        rows.unwrap().iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    db.close().await.unwrap();
    rows
}

/// Changes the file at `path`.
pub(super) async fn change(path: &Path, sql: &str) {
    let db = Database::connect(format!("sqlite://{}", path.display())).await.unwrap();
    db.execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}

/// Asserts that the database is whole.
pub(super) async fn assert_whole(path: &Path) {
    assert_eq!(texts(path, "PRAGMA integrity_check").await, ["ok"]);
    assert_eq!(texts(path, "PRAGMA foreign_key_check").await, [""; 0]);
}

/// Makes a contact.
pub(super) async fn contact(client: &Client, name: &str) {
    client.post("/api/contacts", json!({"first_name": name})).await.expect(201);
}

/// First names of contacts like this.
pub(super) async fn named(path: &Path, like: &str) -> Vec<String> {
    let sql =
        format!("SELECT first_name FROM base_contacts WHERE first_name LIKE '{like}' ORDER BY 1");
    texts(path, &sql).await
}

/// The names of the files in a folder, in order.
pub(super) fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
