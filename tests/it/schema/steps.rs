//! The migrations go forward, back and forward again.

use migration::{Migrator, MigratorTrait};

use super::read_back::Schema;
use super::rows::Rows;
use support::{Backend, PerBackend, TestDb};

async fn there_and_back(backend: Backend) {
    let db = TestDb::unmigrated(backend).await;
    Migrator::up(db.raw(), None).await.unwrap();
    let first = Schema::of(&db).await.print();

    Rows::of(&db).await;
    for _ in Migrator::migrations() {
        Migrator::down(db.raw(), Some(1)).await.unwrap();
    }
    assert_eq!(Schema::of(&db).await.tables(), Vec::<&str>::new());

    Migrator::up(db.raw(), None).await.unwrap();
    assert_eq!(Schema::of(&db).await.print(), first);
    Migrator::up(db.raw(), None).await.unwrap();
}

#[tokio::test]
async fn sqlite_goes_forward_back_and_forward() {
    there_and_back(Backend::Sqlite).await;
}

#[tokio::test]
async fn postgresql_goes_forward_back_and_forward() {
    there_and_back(Backend::Postgres).await;
}

/// A step that meets an obstacle halfway must leave nothing, or it could not be tried again.
async fn all_or_nothing(backend: Backend) {
    use sea_orm::ConnectionTrait;
    let db = TestDb::unmigrated(backend).await;
    // The third table of the first step is in the way.
    db.raw().execute_unprepared("CREATE TABLE api_keys (id TEXT)").await.unwrap();
    assert!(Migrator::up(db.raw(), None).await.is_err());
    assert_eq!(Schema::of(&db).await.tables(), ["api_keys"]);

    db.raw().execute_unprepared("DROP TABLE api_keys").await.unwrap();
    Migrator::up(db.raw(), None).await.unwrap();
    let whole = TestDb::fresh(backend).await;
    assert_eq!(Schema::of(&db).await.print(), Schema::of(&whole).await.print());
}

#[tokio::test]
async fn a_failed_step_leaves_nothing_on_sqlite() {
    all_or_nothing(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_failed_step_leaves_nothing_on_postgresql() {
    all_or_nothing(Backend::Postgres).await;
}
