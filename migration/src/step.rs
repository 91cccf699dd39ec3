//! The two forms a step of the schema's history takes, and how each goes forward and back.
//!
//! Every step runs in a transaction, which both databases have for DDL: one that fails halfway leaves nothing behind.

#![expect(
    elided_lifetimes_in_paths,
    reason = "`#[async_trait]` tells `SchemaManager` from `SchemaManager<'_>`, and the trait has the former"
)]

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::table::NewTable;

/// A step that only adds tables: its way back is to drop them.
pub(crate) struct NewTables {
    /// What the database remembers of the step.
    pub(crate) name: &'static str,
    /// The tables, referenced ones first.
    pub(crate) tables: fn() -> Vec<NewTable>,
}

impl MigrationName for NewTables {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for NewTables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in (self.tables)() {
            table.create(manager).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in (self.tables)().iter().rev() {
            manager.drop_table(Table::drop().table(table.name()).take()).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// A step the builder has no words for: SQL for each database, run in order.
pub(crate) struct Sql {
    /// What the database remembers of the step.
    pub(crate) name: &'static str,
    /// Forward and back on `SQLite`.
    pub(crate) sqlite: (&'static [&'static str], &'static [&'static str]),
    /// Forward and back on `PostgreSQL`.
    pub(crate) postgres: (&'static [&'static str], &'static [&'static str]),
}

impl Sql {
    const fn on(&self, backend: DbBackend) -> (&'static [&'static str], &'static [&'static str]) {
        match backend {
            DbBackend::Sqlite => self.sqlite,
            _ => self.postgres,
        }
    }
}

impl MigrationName for Sql {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sql {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, self.on(manager.get_database_backend()).0).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, self.on(manager.get_database_backend()).1).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
