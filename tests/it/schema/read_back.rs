//! Reads the schema back from a database, in one notation for both.
//!
//! A table is its name, then a line for each fact about it: columns in order (`name type`, with `?` where the value may
//! be absent and `= default`), keys, uniques, foreign keys, other indexes, and the words a column may hold.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use support::{Backend, TestDb};

/// What the migrations and the search keep for themselves; the search has tests of its own.
const NOT_SHARED: &[&str] = &["seaql_migrations", "contact_search"];

/// Facts about each table, in the order they are printed in.
pub struct Schema(BTreeMap<String, Vec<String>>);

impl Schema {
    /// Asks the database behind `db`.
    pub async fn of(db: &TestDb) -> Self {
        let queries = match db.backend() {
            Backend::Sqlite => SQLITE,
            Backend::Postgres => POSTGRES,
        };
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (place, query) in queries.iter().enumerate() {
            let mut lines = db.texts(query).await;
            // Columns, which come first, have an order of their own; everything else gets one.
            if place > 0 {
                lines.sort();
            }
            for line in lines {
                let (table, fact) = line.split_once('|').unwrap();
                if NOT_SHARED.iter().any(|name| table.starts_with(name)) {
                    continue;
                }
                tables.entry(table.to_owned()).or_default().push(normal(fact));
            }
        }
        Self(tables)
    }

    /// All of it as text.
    pub fn print(&self) -> String {
        let mut text = String::new();
        for (table, facts) in &self.0 {
            writeln!(text, "{table}").unwrap();
            for fact in facts {
                writeln!(text, "  {fact}").unwrap();
            }
            writeln!(text).unwrap();
        }
        text
    }

    /// Facts of each table that begin with `kind`, without it.
    pub fn facts<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().flat_map(move |(table, facts)| {
            facts.iter().filter_map(move |fact| Some((table.as_str(), fact.strip_prefix(kind)?)))
        })
    }

    /// Names of the tables.
    pub fn tables(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

/// Takes away what differs between the databases in writing only.
fn normal(fact: &str) -> String {
    if let Some((column, definition)) =
        fact.strip_prefix("check ").and_then(|rest| rest.split_once(": "))
    {
        // Both write the words as string literals, and nothing else between quotes.
        let words: Vec<_> = definition.split('\'').skip(1).step_by(2).collect();
        return if words.is_empty() {
            format!("check {column}")
        } else {
            format!("check {column}: {}", words.join(" "))
        };
    }
    fact.replace(['"', '(', ')'], "")
        .replace("::text", "")
        .replace("TRUE", "true")
        .replace("FALSE", "false")
}

const SQLITE: &[&str] = &[
    "SELECT m.name || '|' || p.name || ' '
            || CASE lower(p.type) WHEN 'jsonb_text' THEN 'json' WHEN 'double' THEN 'real' ELSE lower(p.type) END
            || iif(p.\"notnull\", '', '?') || coalesce(' = ' || p.dflt_value, '')
        FROM sqlite_schema m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.cid",
    "SELECT m.name || '|primary key ' || group_concat(p.name, ', ' ORDER BY p.pk)
        FROM sqlite_schema m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND p.pk > 0 GROUP BY m.name",
    "SELECT m.name || '|' || CASE WHEN i.\"unique\" THEN 'unique ' ELSE 'index ' END
            || (SELECT group_concat(c.name, ', ' ORDER BY c.seqno) FROM pragma_index_info(i.name) c)
            || coalesce((SELECT substr(s.sql, instr(s.sql, ' WHERE ')) FROM sqlite_schema s
                WHERE s.name = i.name AND i.partial), '')
        FROM sqlite_schema m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin <> 'pk'",
    "SELECT m.name || '|foreign key ' || group_concat(f.\"from\", ', ' ORDER BY f.seq) || ' -> ' || f.\"table\" || ' '
            || group_concat(f.\"to\", ', ' ORDER BY f.seq) || ' on delete ' || lower(f.on_delete)
            || iif(f.on_update = 'NO ACTION', '', ' on update ' || lower(f.on_update))
        FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' GROUP BY m.name, f.id",
    // A named check begins at its name and ends where the next item of the table does.
    "WITH RECURSIVE part (name, sql) AS (
            SELECT name, substr(sql, instr(sql, 'CONSTRAINT \"ck_') + 15) FROM sqlite_schema
                WHERE type = 'table' AND instr(sql, 'CONSTRAINT \"ck_')
            UNION ALL
            SELECT name, substr(sql, instr(sql, 'CONSTRAINT \"ck_') + 15) FROM part
                WHERE instr(sql, 'CONSTRAINT \"ck_')
        )
        SELECT name || '|check ' || substr(sql, length(name) + 2, instr(sql, '\"') - length(name) - 2) || ': '
            || substr(sql, 1, instr(sql || ' CONSTRAINT ', ' CONSTRAINT ')) FROM part",
];

const POSTGRES: &[&str] = &[
    "SELECT table_name || '|' || column_name || ' '
            || CASE data_type WHEN 'jsonb' THEN 'json' WHEN 'bigint' THEN 'integer'
                WHEN 'double precision' THEN 'real' ELSE data_type END
            || CASE is_nullable WHEN 'NO' THEN '' ELSE '?' END || coalesce(' = ' || column_default, '')
        FROM information_schema.columns WHERE table_schema = 'public' AND is_generated = 'NEVER'
        ORDER BY table_name COLLATE \"C\", ordinal_position",
    "SELECT i.indrelid::regclass || '|primary key ' || string_agg(a.attname, ', ' ORDER BY k.place)
        FROM pg_index i CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY k (num, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
        WHERE i.indisprimary AND i.indrelid::regclass::text NOT LIKE 'pg\\_%' GROUP BY i.indexrelid, i.indrelid",
    "SELECT i.indrelid::regclass || '|' || CASE WHEN i.indisunique THEN 'unique ' ELSE 'index ' END
            || string_agg(a.attname, ', ' ORDER BY k.place)
            || coalesce(' WHERE ' || pg_get_expr(i.indpred, i.indrelid), '')
        FROM pg_index i CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY k (num, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
        JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
        WHERE NOT i.indisprimary AND m.amname = 'btree' AND c.relnamespace = 'public'::regnamespace
        GROUP BY i.indexrelid, i.indrelid, i.indisunique, i.indpred",
    "SELECT c.conrelid::regclass || '|foreign key '
            || (SELECT string_agg(a.attname, ', ' ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY k (num, place)
                JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num)
            || ' -> ' || c.confrelid::regclass || ' '
            || (SELECT string_agg(a.attname, ', ' ORDER BY k.place) FROM unnest(c.confkey) WITH ORDINALITY k (num, place)
                JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num)
            || ' on delete '
            || CASE c.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' WHEN 'r' THEN 'restrict' ELSE 'no action' END
            || CASE c.confupdtype WHEN 'c' THEN ' on update cascade' ELSE '' END
        FROM pg_constraint c WHERE c.contype = 'f'",
    "SELECT c.conrelid::regclass || '|check '
            || substr(c.conname, length(c.conrelid::regclass::text) + 5) || ': ' || pg_get_constraintdef(c.oid)
        FROM pg_constraint c WHERE c.contype = 'c' AND c.connamespace = 'public'::regnamespace",
];
