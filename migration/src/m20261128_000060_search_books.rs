//! The text index of `SQLite` learns which workspace a contact is in, and finds one and two letters as well.
//!
//! A number in the index is the number of the contact's book, shifted, plus its place in the book. A search in one
//! workspace is then a search in one range of numbers, which the index itself keeps to: it needs no look at the contacts.
//! Numbers rise as contacts come, so that the newest are found first by reading backwards.
//!
//! The index knows every run of three characters. With two line breaks behind each text, every character and every pair
//! begins one of them, and the vocabulary of the index says where.
//!
//! A book also counts its contacts: `SQLite` has no quicker way to know than to count them.

#![expect(
    elided_lifetimes_in_paths,
    reason = "`#[async_trait]` tells `SchemaManager` from `SchemaManager<'_>`, and the trait has the former"
)]

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::m20261122_000006_contact_search::{SQLITE_DOWN, SQLITE_UP};
use crate::step::run;

const NAME: &str = "m20261128_000060_search_books";

/// `PostgreSQL` keeps its index in the contacts themselves and stays as it is.
pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        NAME
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            run(manager, SQLITE_DOWN).await?;
            run(manager, BOOKS_UP).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            run(manager, BOOKS_DOWN).await?;
            run(manager, SQLITE_UP).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const BOOKS_UP: &[&str] = &[
    "CREATE TABLE contact_search_books (
        number INTEGER NOT NULL PRIMARY KEY,
        workspace_id TEXT NOT NULL UNIQUE REFERENCES workspaces (id) ON DELETE CASCADE,
        contacts INTEGER NOT NULL
    )",
    "CREATE TABLE contact_search_docs (
        doc_id INTEGER NOT NULL PRIMARY KEY,
        contact_id TEXT NOT NULL UNIQUE REFERENCES base_contacts (id) ON DELETE CASCADE
    )",
    "CREATE VIRTUAL TABLE contact_search
        USING fts5(text, content='', contentless_delete=1, tokenize='trigram')",
    "CREATE VIRTUAL TABLE contact_search_terms USING fts5vocab(contact_search, instance)",
    "CREATE TRIGGER contact_search_insert AFTER INSERT ON base_contacts BEGIN
        INSERT INTO contact_search_books (workspace_id, contacts)
            SELECT NEW.workspace_id, 0 WHERE NOT EXISTS
                (SELECT 1 FROM contact_search_books WHERE workspace_id = NEW.workspace_id);
        UPDATE contact_search_books SET contacts = contacts + 1 WHERE workspace_id = NEW.workspace_id;
        INSERT INTO contact_search_docs (doc_id, contact_id)
            SELECT 1 + coalesce((SELECT doc_id FROM contact_search_docs
                    WHERE doc_id BETWEEN number << 32 AND (number << 32) + 4294967295
                    ORDER BY doc_id DESC LIMIT 1), number << 32), NEW.id
            FROM contact_search_books WHERE workspace_id = NEW.workspace_id;
        INSERT INTO contact_search (rowid, text)
            SELECT doc_id,
                NEW.first_name || char(10) || NEW.last_name || char(10) || coalesce(NEW.primary_email, '')
                || char(10) || coalesce(NEW.primary_phone, '') || char(10) || NEW.company || char(10, 10)
            FROM contact_search_docs WHERE contact_id = NEW.id;
    END",
    "CREATE TRIGGER contact_search_update
        AFTER UPDATE OF first_name, last_name, primary_email, primary_phone, company ON base_contacts
        WHEN OLD.first_name IS NOT NEW.first_name OR OLD.last_name IS NOT NEW.last_name
            OR OLD.primary_email IS NOT NEW.primary_email OR OLD.primary_phone IS NOT NEW.primary_phone
            OR OLD.company IS NOT NEW.company
    BEGIN
        UPDATE contact_search SET text =
            NEW.first_name || char(10) || NEW.last_name || char(10) || coalesce(NEW.primary_email, '')
            || char(10) || coalesce(NEW.primary_phone, '') || char(10) || NEW.company || char(10, 10)
        WHERE rowid = (SELECT doc_id FROM contact_search_docs WHERE contact_id = NEW.id);
    END",
    "CREATE TRIGGER contact_search_delete BEFORE DELETE ON base_contacts BEGIN
        DELETE FROM contact_search
            WHERE rowid = (SELECT doc_id FROM contact_search_docs WHERE contact_id = OLD.id);
        DELETE FROM contact_search_docs WHERE contact_id = OLD.id;
        UPDATE contact_search_books SET contacts = contacts - 1 WHERE workspace_id = OLD.workspace_id;
    END",
    "INSERT INTO contact_search_books (workspace_id, contacts)
        SELECT workspace_id, count(*) FROM base_contacts GROUP BY workspace_id ORDER BY workspace_id",
    "INSERT INTO contact_search_docs (doc_id, contact_id)
        SELECT (number << 32) + row_number() OVER
                (PARTITION BY base_contacts.workspace_id ORDER BY created_on, base_contacts.id), base_contacts.id
        FROM base_contacts
        JOIN contact_search_books ON contact_search_books.workspace_id = base_contacts.workspace_id",
    "INSERT INTO contact_search (rowid, text)
        SELECT doc_id,
            first_name || char(10) || last_name || char(10) || coalesce(primary_email, '')
            || char(10) || coalesce(primary_phone, '') || char(10) || company || char(10, 10)
        FROM contact_search_docs JOIN base_contacts ON base_contacts.id = contact_id",
];

const BOOKS_DOWN: &[&str] = &[
    "DROP TRIGGER contact_search_delete",
    "DROP TRIGGER contact_search_update",
    "DROP TRIGGER contact_search_insert",
    "DROP TABLE contact_search_terms",
    "DROP TABLE contact_search",
    "DROP TABLE contact_search_docs",
    "DROP TABLE contact_search_books",
];
