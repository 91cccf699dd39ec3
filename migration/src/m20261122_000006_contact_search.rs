//! The text index behind contact search: any part of name, e-mail, phone or company.
//!
//! The five texts are joined by line breaks, so that no match runs from one into the next. Both indexes work on
//! trigrams and ignore case; a search for fewer than three characters cannot use them.

use crate::step::Sql;

/// `SQLite`: `contact_search` (FTS5) and `contact_search_docs`, kept by triggers on `base_contacts`.
/// `PostgreSQL`: the generated column `base_contacts.search_text` with a `pg_trgm` index.
pub(crate) const STEP: Sql = Sql {
    name: "m20261122_000006_contact_search",
    sqlite: (SQLITE_UP, SQLITE_DOWN),
    postgres: (POSTGRES_UP, POSTGRES_DOWN),
};

/// The index holds no text of its own (`content=''`), only where each trigram occurs, and names rows by number.
/// `base_contacts` has a text key, and `SQLite` may renumber the hidden row ids of such a table on VACUUM; the numbers
/// therefore come from `contact_search_docs`, whose key they are and which VACUUM leaves alone.
///
/// A contact leaves the index before it leaves the table, because its number must still be known then. The trigger
/// fires for deletes by foreign key too.
pub(crate) const SQLITE_UP: &[&str] = &[
    "CREATE TABLE contact_search_docs (
        doc_id INTEGER NOT NULL PRIMARY KEY,
        contact_id TEXT NOT NULL UNIQUE REFERENCES base_contacts (id) ON DELETE CASCADE
    )",
    "CREATE VIRTUAL TABLE contact_search
        USING fts5(text, content='', contentless_delete=1, tokenize='trigram')",
    "CREATE TRIGGER contact_search_insert AFTER INSERT ON base_contacts BEGIN
        INSERT INTO contact_search_docs (contact_id) VALUES (NEW.id);
        INSERT INTO contact_search (rowid, text)
            SELECT doc_id,
                NEW.first_name || char(10) || NEW.last_name || char(10) || coalesce(NEW.primary_email, '')
                || char(10) || coalesce(NEW.primary_phone, '') || char(10) || NEW.company
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
            || char(10) || coalesce(NEW.primary_phone, '') || char(10) || NEW.company
        WHERE rowid = (SELECT doc_id FROM contact_search_docs WHERE contact_id = NEW.id);
    END",
    "CREATE TRIGGER contact_search_delete BEFORE DELETE ON base_contacts BEGIN
        DELETE FROM contact_search
            WHERE rowid = (SELECT doc_id FROM contact_search_docs WHERE contact_id = OLD.id);
        DELETE FROM contact_search_docs WHERE contact_id = OLD.id;
    END",
    "INSERT INTO contact_search_docs (contact_id) SELECT id FROM base_contacts ORDER BY id",
    "INSERT INTO contact_search (rowid, text)
        SELECT doc_id,
            first_name || char(10) || last_name || char(10) || coalesce(primary_email, '')
            || char(10) || coalesce(primary_phone, '') || char(10) || company
        FROM contact_search_docs JOIN base_contacts ON base_contacts.id = contact_id",
];

pub(crate) const SQLITE_DOWN: &[&str] = &[
    "DROP TRIGGER contact_search_delete",
    "DROP TRIGGER contact_search_update",
    "DROP TRIGGER contact_search_insert",
    "DROP TABLE contact_search",
    "DROP TABLE contact_search_docs",
];

/// The extension may serve others in the same database, so the way back leaves it in place.
const POSTGRES_UP: &[&str] = &[
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "ALTER TABLE base_contacts ADD COLUMN search_text TEXT NOT NULL GENERATED ALWAYS AS (
        lower(first_name || E'\\n' || last_name || E'\\n' || coalesce(primary_email, '')
            || E'\\n' || coalesce(primary_phone, '') || E'\\n' || company)
    ) STORED",
    "CREATE INDEX ix_base_contacts_search_text ON base_contacts USING gin (search_text gin_trgm_ops)",
];

const POSTGRES_DOWN: &[&str] = &[
    "DROP INDEX ix_base_contacts_search_text",
    "ALTER TABLE base_contacts DROP COLUMN search_text",
];
