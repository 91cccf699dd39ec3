//! The schema is the one written down in `schema.txt`, on both databases.

use std::collections::BTreeSet;

use super::read_back::Schema;
use support::{TestDb, both_databases};

both_databases! {
    async fn the_database_has_the_written_schema(db: TestDb) {
        let written = include_str!("schema.txt");
        let found = Schema::of(&db).await.print();
        if written.trim_end() != found.trim_end() {
            let written: BTreeSet<_> = written.lines().collect();
            let lines: BTreeSet<_> = found.lines().collect();
            let missing: Vec<_> = written.difference(&lines).collect();
            let added: Vec<_> = lines.difference(&written).collect();
            panic!("not in the database: {missing:#?}\nnot written down: {added:#?}\nall of it:\n{found}");
        }
    }

    async fn names_of_tables_are_free_for_the_job_queue(db: TestDb) {
        let schema = Schema::of(&db).await;
        for taken in ["jobs", "workers", "_sqlx_migrations"] {
            assert!(!schema.tables().contains(&taken), "{taken} belongs to the queue");
        }
    }

    async fn no_index_is_the_beginning_of_another(db: TestDb) {
        let schema = Schema::of(&db).await;
        let all: Vec<_> = ["primary key ", "unique ", "index "]
            .into_iter()
            .flat_map(|kind| schema.facts(kind))
            .filter(|(_, columns)| !columns.contains(" WHERE "))
            .collect();
        let whole = schema.facts("index ").filter(|(_, columns)| !columns.contains(" WHERE "));
        for (table, columns) in whole {
            let longer = format!("{columns}, ");
            let twin = all.iter().find(|(other, theirs)| {
                *other == table && (theirs.starts_with(&longer) || *theirs == columns)
            });
            let same = all.iter().filter(|fact| **fact == (table, columns)).count();
            assert!(
                same == 1 && twin.is_none_or(|(_, theirs)| *theirs == columns),
                "{table}: index {columns} is the beginning of {twin:?}"
            );
        }
    }

    async fn names_fit_into_what_postgresql_keeps_of_them(db: TestDb) {
        let names = match db.backend() {
            support::Backend::Sqlite => "SELECT name FROM sqlite_schema WHERE sql IS NOT NULL",
            support::Backend::Postgres => "SELECT conname::text FROM pg_constraint \
                UNION SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace",
        };
        for name in db.texts(names).await {
            assert!(name.len() < 63, "{name} is cut short by PostgreSQL");
        }
    }
}
