//! Each test has a database of its own.

use sea_orm::ConnectionTrait;
use support::{PerBackend, TestDb, both_databases};

both_databases! {
    async fn two_databases_share_the_schema_and_nothing_else(one: TestDb) {
        let other = TestDb::fresh(one.backend()).await;
        let insert = "INSERT INTO users (id, email, password_hash, name, is_admin, created_at, updated_at) \
            VALUES ('u', 'a@example.com', 'x', 'A', false, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')";
        one.raw().execute_unprepared(insert).await.unwrap();

        assert_eq!(one.count("SELECT count(*) FROM users").await, 1);
        assert_eq!(other.count("SELECT count(*) FROM users").await, 0);
    }
}
