//! Two workspaces with a little in each, written in plain SQL: these tests look at the database beneath the product.

use sea_orm::{ConnectionTrait, DbErr, SqlErr};
use support::TestDb;

const NOW: &str = "2026-11-22T23:30:00.123Z";

/// Rows `u1`, workspaces `w1` and `w2`, and in each workspace `n`: contact `cn`, stages `s1n`, `s2n`, tag `tn`,
/// template `mn`, campaign `kn`, import `in`.
pub struct Rows<'a>(&'a TestDb);

impl<'a> Rows<'a> {
    /// Writes them.
    pub async fn of(db: &'a TestDb) -> Self {
        let rows = Self(db);
        rows.put(
            "users (id, email, password_hash, name, created_at, updated_at)",
            "'u1', 'a@x.org', 'h', 'A', now, now",
        )
        .await;
        for n in ["1", "2"] {
            rows.put(
                "workspaces (id, user_id, name, created_at, updated_at)",
                &format!("'w{n}', 'u1', 'W{n}', now, now"),
            )
            .await;
            rows.contact(&format!("c{n}"), &format!("w{n}"), "'a@x.org'", "'+436601234567'")
                .await
                .unwrap();
            for (list, primary) in [("s1", true), ("s2", true), ("t", false)] {
                rows.put(
                    "contact_lists (id, workspace_id, name, is_primary, created_at)",
                    &format!("'{list}{n}', 'w{n}', '{list}', {primary}, now"),
                )
                .await;
            }
            rows.put(
                "templates (id, workspace_id, name, created_at, updated_at)",
                &format!("'m{n}', 'w{n}', 'T', now, now"),
            )
            .await;
            rows.put(
                "campaigns (id, workspace_id, name, type, template_id, segment_json, created_at, updated_at)",
                &format!("'k{n}', 'w{n}', 'C', 'email', 'm{n}', '{{}}', now, now"),
            )
            .await;
            rows.put(
                "imports (id, workspace_id, file_name, created_at)",
                &format!("'i{n}', 'w{n}', 'f.csv', now"),
            )
            .await;
        }
        rows
    }

    /// Inserts a contact; `email` and `phone` are SQL.
    pub async fn contact(
        &self,
        id: &str,
        workspace: &str,
        email: &str,
        phone: &str,
    ) -> Result<(), DbErr> {
        self.insert(
            "base_contacts (id, workspace_id, created_on, updated_at, first_name, primary_email, primary_phone)",
            &format!("'{id}', '{workspace}', now, now, 'Ada', {email}, {phone}"),
        )
        .await
    }

    /// Puts a contact into a list.
    pub async fn assign(
        &self,
        workspace: &str,
        contact: &str,
        list: &str,
        primary: bool,
    ) -> Result<(), DbErr> {
        self.insert(
            "contact_list_assignments (workspace_id, contact_id, list_id, is_primary, assigned_at)",
            &format!("'{workspace}', '{contact}', '{list}', {primary}, now"),
        )
        .await
    }

    /// Inserts one row; the word `now` stands for a moment.
    pub async fn insert(&self, into: &str, values: &str) -> Result<(), DbErr> {
        let values = values.replace("now", &format!("'{NOW}'"));
        self.run(&format!("INSERT INTO {into} VALUES ({values})")).await
    }

    /// Inserts one row that must be taken.
    pub async fn put(&self, into: &str, values: &str) {
        self.insert(into, values).await.unwrap_or_else(|error| panic!("{into} {values}: {error}"));
    }

    /// Runs any statement.
    pub async fn run(&self, sql: &str) -> Result<(), DbErr> {
        self.0.raw().execute_unprepared(sql).await.map(|_| ())
    }
}

/// Holds where a constraint on uniqueness refused it.
pub fn is_duplicate(result: &Result<(), DbErr>) -> bool {
    refusal(result).is_some_and(|error| matches!(error, SqlErr::UniqueConstraintViolation(_)))
}

/// Holds where a foreign key refused it.
pub fn is_dangling(result: &Result<(), DbErr>) -> bool {
    refusal(result).is_some_and(|error| matches!(error, SqlErr::ForeignKeyConstraintViolation(_)))
}

/// Holds where a check of the column `what` refused it.
pub fn is_not_allowed(result: &Result<(), DbErr>, what: &str) -> bool {
    let message = result.as_ref().err().map(ToString::to_string).unwrap_or_default();
    message.to_lowercase().contains("check constraint") && message.contains(&format!("ck_{what}"))
}

fn refusal(result: &Result<(), DbErr>) -> Option<SqlErr> {
    result.as_ref().err()?.sql_err()
}
