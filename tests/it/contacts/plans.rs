//! How the databases read a page of contacts: along an index, whatever the order and the depth, and never by sorting.

use crm_contacts::contacts::{ContactQuery, ContactSort, page_statements};
use crm_contacts::{Contacts, Segment};
use crm_core::PageRequest;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::json;
use support::{Backend, both_databases};

use super::book::Book;

const CROWD: u32 = 2_500;

/// More contacts than are sorted for one page, two of three with a number and a text.
async fn fill(book: &Book) {
    book.define(false, "seats", "number", ("NULL", false, None)).await;
    book.define(false, "note", "text", ("NULL", false, None)).await;
    book.crowd(&book.here, CROWD).await;
    for (digit, name, field_type, value) in [
        (0, "seats", "number", "length(last_name) + version"),
        (1, "note", "text", "'Note ' || last_name"),
    ] {
        let sql = format!(
            "INSERT INTO custom_fields (id, workspace_id, contact_id, field_name, field_value, field_type, created_at, updated_at) \
             SELECT substr(id, 1, 35) || '{digit}', workspace_id, id, '{name}', {value}, '{field_type}', created_on, created_on \
             FROM base_contacts WHERE last_name NOT LIKE '%1' AND last_name NOT LIKE '%4' AND last_name NOT LIKE '%7'"
        );
        book.db.raw().execute_unprepared(&sql).await.unwrap();
    }
    for sql in [
        "UPDATE base_contacts SET value_minor = 5, primary_email = id || '@example.org', primary_phone = '+' || id WHERE last_name LIKE '%2'",
        "UPDATE base_contacts SET stage_since = NULL WHERE last_name LIKE '%3'",
        "ANALYZE",
    ] {
        // Statistics are for the planner of PostgreSQL; SQLite has none in use.
        if sql != "ANALYZE" || book.db.backend() == Backend::Postgres {
            book.db.raw().execute_unprepared(sql).await.unwrap();
        }
    }
}

/// A connection that sorts only where there is no other way.
async fn reluctant(book: &Book) -> DatabaseConnection {
    let mut options = ConnectOptions::new(book.db.url());
    options.max_connections(1).sqlx_logging(false);
    let connection = Database::connect(options).await.unwrap();
    if book.db.backend() == Backend::Postgres {
        for setting in ["enable_sort", "enable_seqscan", "enable_bitmapscan", "enable_hashjoin"] {
            connection.execute_unprepared(&format!("SET {setting} = off")).await.unwrap();
        }
    }
    connection
}

/// What the database would do for a statement, in its words.
async fn plan(connection: &DatabaseConnection, statement: &Statement) -> String {
    let backend = statement.db_backend;
    let (explain, column) = match backend {
        sea_orm::DbBackend::Sqlite => ("EXPLAIN QUERY PLAN", 3),
        _ => ("EXPLAIN", 0),
    };
    let values = statement.values.clone().unwrap_or(sea_orm::Values(Vec::new()));
    let sql = format!("{explain} {}", statement.sql);
    let explain = Statement::from_sql_and_values(backend, sql, values);
    let rows = connection.query_all_raw(explain).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.try_get_by_index(column).unwrap()).collect();
    lines.join("\n")
}

fn assert_walk(plan: &str, what: &str) {
    for word in ["TEMP B-TREE", "SCAN base_contacts", "SCAN custom_fields", "Sort", "Seq Scan"] {
        assert!(!plan.contains(word), "{what}:\n{plan}");
    }
}

both_databases! {
    async fn every_order_is_an_index(book: Book) {
        fill(&book).await;
        let connection = reluctant(&book).await;
        let columns = ContactSort::ALL.map(|(word, _)| word);
        let custom = ["custom.seats", "-custom.seats", "custom.note", "-custom.note"];
        let mut seen = 0;
        for word in columns.into_iter().chain(custom) {
            let sort = ContactSort::parse(word).unwrap();
            let query = |cursor| ContactQuery {
                sort: sort.clone(),
                page: PageRequest { limit: 200, cursor },
                ..ContactQuery::default()
            };
            let mut cursor = None;
            loop {
                let page = book.contacts.list(&book.here, query(cursor.clone())).await.unwrap();
                for cursor in [cursor, page.previous] {
                    for statement in page_statements(&book.ctx, &book.here, &query(cursor)).await.unwrap() {
                        let plan = plan(&connection, &statement).await;
                        assert_walk(&plan, &format!("{word}: {}", statement.sql));
                        seen += 1;
                    }
                }
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
        }
        assert!(seen > 500, "{seen}");
    }

    /// The few that a custom field's value finds are found by it, in whatever order they are wanted.
    async fn a_rare_value_leads_to_its_contacts(book: Book) {
        fill(&book).await;
        let connection = reluctant(&book).await;
        let segment = json!({"all": [{"custom": "note", "op": "eq", "value": "note 00122"}]});
        for word in ["-created_on", "last_name", "custom.note", "-custom.seats"] {
            let query = ContactQuery {
                segment: Some(Segment::parse(&segment).unwrap()),
                sort: ContactSort::parse(word).unwrap(),
                ..ContactQuery::default()
            };
            let statements = page_statements(&book.ctx, &book.here, &query).await.unwrap();
            let first = plan(&connection, &statements[0]).await;
            assert!(first.contains("ix_custom_fields_as_text"), "{word}: {}\n{first}", statements[0].sql);
            let page = book.contacts.list(&book.here, query).await.unwrap();
            let names: Vec<_> = page.items.iter().map(|contact| contact.last_name.as_str()).collect();
            assert_eq!((page.total, names), (1, vec!["00122"]), "{word}");
        }
    }
}
