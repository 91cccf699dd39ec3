//! `cargo xtask bench send`: see [`send`]. `cargo xtask bench contacts`: what the contact book costs at several sizes, over HTTP as a user meets it, beside the
//! same rows read by SQLite alone.
//!
//! It needs `curl`, and `sqlite3` for the figures beside ours; both come with most systems.

mod figures;
mod send;
mod server;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use self::server::{Server, text};
use crate::command::{cargo, find, run as run_command};
use crate::dev::target_directory;

/// Requests of each kind.
const REQUESTS: usize = 200;
/// Pages walked to get deep into the list, of the most contacts a page may have.
const PAGES: usize = 100;

/// What may be said on the command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to measure
    #[arg(value_parser = ["contacts", "send"], default_value = "contacts")]
    what: String,
    /// Contacts in the book, several with commas between them
    #[arg(long, value_delimiter = ',', default_value = "10000,100000")]
    contacts: Vec<usize>,
    /// Recipients of the campaign that is sent
    #[arg(long, default_value = "10000")]
    recipients: usize,
    /// Connections it is sent over
    #[arg(long, default_value = "4")]
    connections: usize,
    /// Measure this binary instead of building one for release
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// Measures and prints, size by size.
///
/// # Errors
/// When the binary cannot be built or does not do what it is asked.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    ensure!(find("curl").is_some(), "curl is not installed");
    let binary = if let Some(binary) = &arguments.binary {
        fs::canonicalize(binary).context("--binary")?
    } else {
        run_command(cargo().args(["build", "--release", "--locked", "--package", "pi-crm"]))?;
        target_directory()?.join("release/pi-crm")
    };
    if arguments.what == "send" {
        return send::run(&binary, arguments.recipients, arguments.connections);
    }
    for &contacts in &arguments.contacts {
        println!("\n{} of {contacts} contacts", arguments.what);
        measure(&binary, contacts)?;
    }
    Ok(())
}

fn measure(binary: &std::path::Path, contacts: usize) -> Result<()> {
    let begin = Instant::now();
    let server = Server::start(binary, contacts)?;
    let seconds = begin.elapsed().as_secs_f64();
    println!("{:<34} {:>10.0} contacts/s", "seed", per_second(contacts, seconds));
    let line = |name: &str, paths: Vec<String>| -> Result<()> {
        let figures = server.get_all(&paths)?;
        println!("{name:<34} {figures}");
        Ok(())
    };
    let same = |path: &str| vec![path.to_owned(); REQUESTS];
    line("list, newest first", same("/api/contacts?limit=50"))?;
    line("list, by last name", same("/api/contacts?limit=50&sort=last_name"))?;
    line("list, by value, highest first", same("/api/contacts?limit=50&sort=-value_minor"))?;
    line("list, deep page", same(&deep(&server)?))?;
    let changed = field(&server)?;
    line("list, filtered by custom field", same(&filtered("&sort=last_name")))?;
    line("list, sorted by custom field", same("/api/contacts?limit=50&sort=custom.plan"))?;
    for (name, words) in [
        ("search, 1 letter", ["a", "ż"]),
        ("search, 2 letters", ["ad", "qx"]),
        ("search, 3 letters", ["ada", "qxz"]),
        ("search, 8 letters", ["Lovelace", "Lovelqce"]),
    ] {
        let [hit, miss] = words;
        line(&format!("{name}, hits"), same(&format!("/api/contacts?limit=50&q={}", coded(hit))))?;
        line(
            &format!("{name}, misses"),
            same(&format!("/api/contacts?limit=50&q={}", coded(miss))),
        )?;
    }
    println!("{:<34} {}", "segment, counted", server.count_segment(REQUESTS / 4)?);
    println!("{:<34} {}", "create", server.create(REQUESTS)?);
    println!("{:<34} {changed:>10.0} contacts/s", "set a field of many");
    let rows = (contacts / 5).clamp(1_000, 100_000);
    let seconds = server.import(rows)?;
    println!("{:<34} {:>10.0} rows/s of {rows}", "import", per_second(rows, seconds));
    let (lines, seconds) = server.export()?;
    println!("{:<34} {:>10.0} rows/s of {lines}", "export", per_second(lines, seconds));
    let (now, peak) = server.memory()?;
    println!("{:<34} {now:>10.1} MiB, at most {peak:.1} MiB", "resident memory");
    if let Some(floor) = server.floor()? {
        println!("{:<34} {floor}", "the same 50 rows by sqlite3 alone");
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

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn per_second(count: usize, seconds: f64) -> f64 {
    if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
}
