//! What a database holds, row by row, to show that a refused request left everything as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use crate::{Backend, TestDb};

/// Tables that change by themselves: the job queue's, the migrations', the engine's pulse, the search index, which
/// follows `base_contacts`, the end of the audit log, which follows `audit_logs`, and the turns of asking providers.
const ALIVE: [&str; 8] = [
    "jobs",
    "workers",
    "_sqlx_migrations",
    "seaql_migrations",
    "engine_boots",
    "contact_search",
    "audit_head",
    "provider_polls",
];

/// Columns that move when somebody is merely there, or when a job is picked up.
const MOVING: [&str; 4] = ["last_seen_at", "last_used_at", "expires_at", "relayed_at"];

/// Tables whose `expires_at` moves with every visit; everywhere else it is a fact.
const VISITED: [&str; 1] = ["sessions"];

/// Every row of every table, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<String, Vec<String>>);

impl Snapshot {
    /// Reads all of it. Audit entries of refused access are left out, as a refusal may be written down, and so is a key's
    /// first use.
    pub async fn of(db: &TestDb) -> Self {
        let mut all = BTreeMap::new();
        for table in tables(db).await {
            let filter = match table.as_str() {
                "audit_logs" => {
                    " WHERE action NOT IN ('access.refused', 'login.failed', 'api_key.refused', 'api_key.first_used')"
                }
                // The server says every few seconds that it is there.
                "system_settings" => " WHERE setting_key <> 'server_seen'",
                _ => "",
            };
            let row = row(db, &table).await;
            let rows = db.texts(&format!("SELECT {row} FROM {table} t{filter} ORDER BY 1")).await;
            all.insert(table, rows);
        }
        Self(all)
    }

    /// The tables in which `text` stands somewhere.
    pub fn holding(&self, text: &str) -> Vec<&str> {
        let rows = self.0.iter().filter(|(_, rows)| rows.iter().any(|row| row.contains(text)));
        rows.map(|(table, _)| table.as_str()).collect()
    }

    /// Every sealed secret, wherever it stands.
    pub fn sealed(&self) -> BTreeSet<String> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
        let rows = self.0.values().flatten();
        let parts = rows.flat_map(|row| row.split("v1:").skip(1));
        let texts = parts.map(|part| part.chars().take_while(|c| is_part(*c)).collect::<String>());
        // A nonce and a tag alone are forty bytes.
        texts.filter(|text| text.len() >= 54).collect()
    }

    /// Names what is in one of them only.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let none = Vec::new();
        for table in self.0.keys().chain(other.0.keys().filter(|name| !self.0.contains_key(*name)))
        {
            let (mine, theirs) =
                (self.0.get(table).unwrap_or(&none), other.0.get(table).unwrap_or(&none));
            found.extend(
                mine.iter()
                    .filter(|row| !theirs.contains(row))
                    .map(|row| format!("{table} - {row}")),
            );
            found.extend(
                theirs
                    .iter()
                    .filter(|row| !mine.contains(row))
                    .map(|row| format!("{table} + {row}")),
            );
        }
        found
    }
}

/// Runs `work` and fails the test where the database is another one afterwards.
///
/// # Panics
/// When anything was written.
pub async fn unchanged<T>(db: &TestDb, work: impl Future<Output = T>) -> T {
    let before = Snapshot::of(db).await;
    let answer = work.await;
    let after = Snapshot::of(db).await;
    let differences = before.differences(&after);
    assert!(differences.is_empty(), "something was written: {differences:#?}");
    answer
}

async fn tables(db: &TestDb) -> Vec<String> {
    let sql = match db.backend() {
        Backend::Sqlite => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        }
        Backend::Postgres => {
            "SELECT table_name::text FROM information_schema.tables \
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        }
    };
    let mut names = db.texts(sql).await;
    names.retain(|name| !ALIVE.iter().any(|alive| name.to_lowercase().starts_with(alive)));
    names
}

/// One row as one text, without what moves.
async fn row(db: &TestDb, table: &str) -> String {
    let moves = |column: &str| {
        MOVING.contains(&column) && (column != "expires_at" || VISITED.contains(&table))
    };
    let columns = match db.backend() {
        Backend::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
        Backend::Postgres => format!(
            "SELECT column_name::text FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
        ),
    };
    let columns: Vec<String> = db.texts(&columns).await;
    let shown = columns.iter().filter(|column| !moves(column));
    match db.backend() {
        Backend::Sqlite => {
            let parts: Vec<_> =
                shown.map(|name| format!("'{name}=' || quote(\"{name}\")")).collect();
            parts.join(" || ' ' || ")
        }
        Backend::Postgres => {
            let parts: Vec<_> = shown
                .map(|name| {
                    format!("'{name}=' || coalesce(quote_literal(\"{name}\"::text), 'NULL')")
                })
                .collect();
            parts.join(" || ' ' || ")
        }
    }
}
