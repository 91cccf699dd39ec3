//! `cargo xtask bench contacts`: what the contact book costs at several sizes, over HTTP as a user meets it, beside the
//! same rows read by SQLite alone.
//!
//! It needs `curl`, and a `sqlite3` of 3.43 or newer for the floor beside each figure.

use std::fmt::Write as _;
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::Arguments;
use super::figures::per_second;
use super::floor::Floor;
use super::server::{Server, text};

/// Requests of each kind.
const REQUESTS: usize = 200;
/// Callers at once.
const CALLERS: usize = 8;
/// Pages walked to get deep into the list, of the most contacts a page may have.
const PAGES: usize = 100;

/// The rows of a page as SQLite alone reads them.
const PAGE: &str = "SELECT * FROM base_contacts WHERE workspace_id = {ws}";
const NEWEST: &str = "ORDER BY created_on DESC, id DESC LIMIT 51;";
/// Numbers of the workspace in the text index.
const RANGE: &str = "BETWEEN (SELECT number << 32 FROM contact_search_books WHERE workspace_id = {ws}) \
     AND (SELECT (number << 32) + 4294967295 FROM contact_search_books WHERE workspace_id = {ws})";

/// Seeds a book of so many contacts, and prints a line for each thing done with it.
///
/// # Errors
/// When the binary does not do what it is asked.
pub(super) fn measure(
    arguments: &Arguments,
    binary: &std::path::Path,
    contacts: usize,
) -> Result<()> {
    let begin = Instant::now();
    let server = Server::start(binary, contacts)?;
    let seconds = begin.elapsed().as_secs_f64();
    println!("{:<34} {:>10.0} contacts/s", "seed", per_second(contacts, seconds));
    let floor = Floor::find(arguments.sqlite.as_deref(), &server.database(), server.workspace());
    let floor = floor.map_err(|why| println!("no floor: {why}")).ok();
    let line = |name: &str, path: &str, sql: &str| -> Result<()> {
        let figures = server.get_all(&vec![path.to_owned(); REQUESTS])?;
        let floor = match &floor {
            Some(floor) if !sql.is_empty() => format!("  sqlite3 {:.2} ms", floor.each(sql)?),
            _ => String::new(),
        };
        println!("{name:<34} {figures}{floor}");
        Ok(())
    };
    lists(&server, &line)?;
    searches(&line)?;
    println!("{:<34} {}", "segment, counted", server.count_segment(REQUESTS / 4)?);
    if let Some(floor) = &floor {
        let sql = "SELECT count(*) FROM base_contacts WHERE workspace_id = {ws} AND company GLOB '*[aA]*';";
        println!("{:<34} {:>11.2} ms", "  by sqlite3, all of them", floor.each(sql)?);
    }
    println!("{:<34} {}", "create, one after the other", server.create(REQUESTS)?);
    let together = server.create_together(CALLERS, REQUESTS * 5)?;
    println!("{:<34} {together:>10.0} contacts/s", format!("create, {CALLERS} at a time"));
    if let Some(floor) = &floor {
        println!(
            "{:<34} {:>10.0} contacts/s",
            "  by sqlite3, each durable",
            floor.create(REQUESTS * 5)?
        );
    }
    let rows = (contacts / 5).clamp(1_000, 100_000);
    let seconds = server.import(rows)?;
    println!("{:<34} {:>10.0} rows/s of {rows}", "import", per_second(rows, seconds));
    let (lines, seconds) = server.export()?;
    println!("{:<34} {:>10.0} rows/s of {lines}", "export", per_second(lines, seconds));
    let (now, peak) = server.memory()?;
    println!("{:<34} {now:>10.1} MiB, at most {peak:.1} MiB", "resident memory");
    if let Some(floor) = &floor {
        let sql = "SELECT * FROM base_contacts WHERE workspace_id = {ws} ORDER BY created_on, id;";
        let seconds = floor.once(sql)?;
        println!("{:<34} {:>10.0} rows/s", "  export by sqlite3", per_second(lines, seconds));
        println!(
            "{:<34} {:>10.0} rows/s",
            "  import by sqlite3",
            floor.import(server.folder(), rows)?
        );
    }
    Ok(())
}

type Line<'a> = dyn Fn(&str, &str, &str) -> Result<()> + 'a;

fn lists(server: &Server, line: &Line<'_>) -> Result<()> {
    line("list, newest first", "/api/contacts?limit=50", &format!("{PAGE} {NEWEST}"))?;
    let by_name = format!("{PAGE} ORDER BY last_name, id LIMIT 51;");
    line("list, by last name", "/api/contacts?limit=50&sort=last_name", &by_name)?;
    let by_value = format!(
        "{PAGE} AND value_minor >= -9223372036854775808 ORDER BY value_minor DESC, id DESC LIMIT 51;"
    );
    line("list, by value, highest first", "/api/contacts?limit=50&sort=-value_minor", &by_value)?;
    let seen = format!(
        "{PAGE} AND (created_on, id) < ((SELECT created_on FROM base_contacts WHERE workspace_id = {{ws}} ORDER BY created_on DESC, id DESC LIMIT 1 OFFSET 50), '') {NEWEST}"
    );
    line("list, deep page", &deep(server)?, &seen)?;
    let changed = field(server)?;
    println!("{:<34} {changed:>10.0} contacts/s", "set a field of many");
    let gold = "EXISTS (SELECT 1 FROM custom_fields WHERE contact_id = base_contacts.id AND field_name = 'plan' AND field_value = 'gold')";
    let filtered_by = format!("{PAGE} AND {gold} ORDER BY last_name, id LIMIT 51;");
    line("list, filtered by custom field", &filtered("&sort=last_name"), &filtered_by)?;
    let sorted = "SELECT base_contacts.* FROM custom_fields CROSS JOIN base_contacts ON base_contacts.id = contact_id \
         WHERE custom_fields.workspace_id = {ws} AND field_name = 'plan' AND field_type <> 'number' \
         ORDER BY lower(substr(field_value, 1, 200)), contact_id LIMIT 51;";
    line("list, sorted by custom field", "/api/contacts?limit=50&sort=custom.plan", sorted)
}

fn searches(line: &Line<'_>) -> Result<()> {
    for (name, words) in [
        ("search, 1 letter", ["a", "ż"]),
        ("search, 2 letters", ["ad", "qx"]),
        ("search, 3 letters", ["ada", "qxz"]),
        ("search, 8 letters", ["Lovelace", "Lovelqce"]),
    ] {
        for (what, word) in ["hits", "misses"].iter().zip(words) {
            let path = format!("/api/contacts?limit=50&q={}", coded(word));
            // The text index itself has no answer to fewer than three letters.
            let sql = if word.chars().count() < 3 {
                String::new()
            } else {
                format!(
                    "SELECT base_contacts.* FROM contact_search CROSS JOIN contact_search_docs ON doc_id = contact_search.rowid \
                     CROSS JOIN base_contacts ON id = contact_id \
                     WHERE contact_search MATCH '\"{word}\"' AND contact_search.rowid {RANGE} LIMIT 51;"
                )
            };
            line(&format!("{name}, {what}"), &path, &sql)?;
        }
    }
    Ok(())
}

/// The address of a page as deep in the list as the walk goes.
fn deep(server: &Server) -> Result<String> {
    let mut path = "/api/contacts?limit=200".to_owned();
    for _ in 0..PAGES {
        let page = server.get(&path)?;
        match text(&page, "/meta/next_cursor") {
            Some(cursor) => path = format!("/api/contacts?limit=200&cursor={cursor}"),
            None => break,
        }
    }
    Ok(path.replacen("limit=200", "limit=50", 1))
}

/// Makes a custom field and gives it to some of the contacts; how many a second.
fn field(server: &Server) -> Result<f64> {
    let field = r#"{"name": "plan", "label": "Plan", "field_type": "text"}"#;
    server.post("/api/custom-definitions", field)?;
    let set = r#"{"action": "set", "field": "custom.plan", "value": "gold", "filter": {"q": "lovelace"}}"#;
    let begin = Instant::now();
    let answer = server.post("/api/contacts/bulk", set)?;
    let id = text(&answer, "/data/id").context("no id")?.to_owned();
    let done = server.wait_for(&format!("/api/contacts/bulk/{id}"), "done")?;
    let changed = done.pointer("/data/changed").and_then(serde_json::Value::as_u64).unwrap_or(0);
    let changed = usize::try_from(changed).unwrap_or(0);
    Ok(per_second(changed, begin.elapsed().as_secs_f64()))
}

fn filtered(more: &str) -> String {
    let json = r#"{"custom": "plan", "op": "eq", "value": "gold"}"#;
    format!("/api/contacts?limit=50&segment_json={}{more}", coded(json))
}

/// A text as part of an address.
fn coded(text: &str) -> String {
    let mut coded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            coded.push(char::from(byte));
        } else {
            let _ = write!(coded, "%{byte:02X}");
        }
    }
    coded
}
