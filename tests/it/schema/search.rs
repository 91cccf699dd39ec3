//! The text index follows the contacts through every change.

use super::rows::Rows;
use support::{Backend, TestDb, both_databases};

/// Ids of the contacts whose text holds `part`, through the index.
async fn search(db: &TestDb, part: &str) -> Vec<String> {
    let sql = match db.backend() {
        Backend::Sqlite => format!(
            "SELECT contact_id FROM contact_search JOIN contact_search_docs ON doc_id = contact_search.rowid \
             WHERE contact_search MATCH '\"{part}\"' ORDER BY contact_id"
        ),
        Backend::Postgres => {
            format!(
                "SELECT id FROM base_contacts WHERE search_text LIKE lower('%{part}%') ORDER BY id"
            )
        }
    };
    db.texts(&sql).await
}

/// On SQLite the index is a table of its own: it holds as many rows as there are contacts, and is sound.
async fn assert_sound(db: &TestDb) {
    if db.backend() == Backend::Sqlite {
        use sea_orm::ConnectionTrait;
        let contacts = db.count("SELECT count(*) FROM base_contacts").await;
        assert_eq!(db.count("SELECT count(*) FROM contact_search_docs").await, contacts);
        assert_eq!(db.count("SELECT count(*) FROM contact_search").await, contacts);
        db.raw()
            .execute_unprepared(
                "INSERT INTO contact_search (contact_search) VALUES ('integrity-check')",
            )
            .await
            .unwrap();
        assert_eq!(db.texts("PRAGMA integrity_check").await, ["ok"]);
    }
}

both_databases! {
    async fn any_part_of_any_text_is_found(db: TestDb) {
        let rows = Rows::of(&db).await;
        rows.run("UPDATE base_contacts SET first_name = 'Zoë', last_name = 'Überreiter', company = 'Öl & Gas GmbH', \
            primary_email = 'zoe@mail.example', primary_phone = '+43171234' WHERE id = 'c1'").await.unwrap();
        for part in ["zoë", "ERREI", "überr", "ail.exam", "3171", "gas GmbH"] {
            assert_eq!(search(&db, part).await, ["c1"], "{part}");
        }
        for part in ["zoëü", "ë überr", "nobody"] {
            assert_eq!(search(&db, part).await, Vec::<String>::new(), "{part}");
        }
        assert_sound(&db).await;
    }

    async fn the_index_follows_every_change(db: TestDb) {
        let rows = Rows::of(&db).await;
        assert_eq!(search(&db, "ada").await, ["c1", "c2"]);

        rows.run("UPDATE base_contacts SET first_name = 'Grace' WHERE id = 'c1'").await.unwrap();
        assert_eq!(search(&db, "ada").await, ["c2"]);
        assert_eq!(search(&db, "grace").await, ["c1"]);
        rows.run("UPDATE base_contacts SET primary_email = NULL, version = 2 WHERE id = 'c1'").await.unwrap();
        assert_eq!(search(&db, "x.org").await, ["c2"]);
        rows.run("UPDATE base_contacts SET version = 3 WHERE id = 'c1'").await.unwrap();
        assert_eq!(search(&db, "grace").await, ["c1"]);

        rows.run("DELETE FROM base_contacts WHERE id = 'c1'").await.unwrap();
        assert_eq!(search(&db, "grace").await, Vec::<String>::new());
        assert_sound(&db).await;

        rows.run("DELETE FROM workspaces WHERE id = 'w2'").await.unwrap();
        assert_eq!(search(&db, "ada").await, Vec::<String>::new());
        assert_sound(&db).await;
    }

    async fn the_index_survives_a_vacuum(db: TestDb) {
        let rows = Rows::of(&db).await;
        for n in 10..60 {
            rows.contact(&format!("c{n}"), "w1", &format!("'n{n}@mail.example'"), "NULL").await.unwrap();
        }
        // Gaps are what makes a vacuum renumber rows.
        rows.run("DELETE FROM base_contacts WHERE id < 'c30' AND id > 'c1'").await.unwrap();
        rows.run("VACUUM").await.unwrap();
        for n in 30..60 {
            assert_eq!(search(&db, &format!("n{n}@mail")).await, [format!("c{n}")]);
        }
        assert_eq!(search(&db, "n29@mail").await, Vec::<String>::new());

        rows.run("UPDATE base_contacts SET company = 'After' WHERE id = 'c45'").await.unwrap();
        rows.contact("c99", "w1", "'late@mail.example'", "NULL").await.unwrap();
        rows.run("DELETE FROM base_contacts WHERE id = 'c50'").await.unwrap();
        assert_eq!(search(&db, "after").await, ["c45"]);
        assert_eq!(search(&db, "late@mail").await, ["c99"]);
        assert_eq!(search(&db, "n50@mail").await, Vec::<String>::new());
        assert_sound(&db).await;
    }

    async fn a_contact_rolled_back_leaves_no_trace(db: TestDb) {
        use sea_orm::{ConnectionTrait, TransactionTrait};
        Rows::of(&db).await;
        let transaction = db.raw().begin().await.unwrap();
        transaction.execute_unprepared("UPDATE base_contacts SET company = 'Ghostly' WHERE id = 'c1'").await.unwrap();
        transaction.execute_unprepared("DELETE FROM base_contacts WHERE id = 'c2'").await.unwrap();
        transaction.rollback().await.unwrap();
        assert_eq!(search(&db, "ghostly").await, Vec::<String>::new());
        assert_eq!(search(&db, "ada").await, ["c1", "c2"]);
        assert_sound(&db).await;
    }
}

#[tokio::test]
async fn postgresql_searches_through_the_trigram_index() {
    use sea_orm::ConnectionTrait;
    let db = TestDb::postgres().await;
    // A tiny table is read whole unless that is forbidden; whether the index can serve is the question here.
    let plan = "SET enable_seqscan = off; SET enable_indexscan = off";
    let connection = sea_orm::Database::connect({
        let mut options = sea_orm::ConnectOptions::new(db.url());
        options.max_connections(1);
        options
    })
    .await
    .unwrap();
    connection.execute_unprepared(plan).await.unwrap();
    let rows = connection
        .query_all_raw(sea_orm::Statement::from_string(
            sea_orm::DbBackend::Postgres,
            "EXPLAIN SELECT id FROM base_contacts WHERE search_text LIKE '%ada%'",
        ))
        .await
        .unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert!(lines.iter().any(|line| line.contains("ix_base_contacts_search_text")), "{lines:?}");
}
