//! Deleting a row looks for the rows that refer to it; every such look-up has an index that leads to them.
//!
//! The indexes are the same on both databases, and SQLite says beforehand which one it takes, without depending on
//! how full the tables are.

use super::read_back::Schema;
use support::TestDb;

#[tokio::test]
async fn every_foreign_key_is_found_by_its_own_column() {
    let db = TestDb::sqlite().await;
    let schema = Schema::of(&db).await;
    let mut seen = 0;
    for (table, key) in schema.facts("foreign key ") {
        let (columns, _) = key.split_once(" -> ").unwrap();
        let columns: Vec<_> = columns.split(", ").collect();
        let condition = columns
            .iter()
            .map(|column| format!("{column} = 'x'"))
            .collect::<Vec<_>>()
            .join(" AND ");
        let plan = plan(&db, &format!("SELECT 1 FROM {table} WHERE {condition}")).await;
        // The workspace alone would lead to all of its rows.
        let column =
            columns.iter().find(|column| columns.len() == 1 || **column != "workspace_id").unwrap();
        assert!(
            plan.starts_with("SEARCH") && plan.contains(&format!("{column}=?")),
            "{table} {key}: {plan}"
        );
        seen += 1;
    }
    assert!(seen > 50, "only {seen} foreign keys were looked at");
}

/// What SQLite would do, in its words.
async fn plan(db: &TestDb, sql: &str) -> String {
    use sea_orm::{ConnectionTrait, DbBackend, Statement};
    let explain = Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
    let rows = db.raw().query_all_raw(explain).await.unwrap();
    let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    steps.join("; ")
}
