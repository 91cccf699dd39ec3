//! What SQLite alone takes for the same rows, by its own shell: the floor our figures stand on.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use super::figures::per_second;
use crate::command::{find, output};

/// The first SQLite that can open a text index without text from which rows are deleted.
const OLDEST: (u32, u32) = (3, 43);
/// Times a statement is run to know what one costs.
const TIMES: u32 = 200;

/// A shell of SQLite beside the database of the server that is measured.
pub(super) struct Floor {
    shell: PathBuf,
    database: PathBuf,
    workspace: String,
}

impl Floor {
    /// The shell at `shell` or, without one, the system's; in words why there is none.
    pub(super) fn find(
        shell: Option<&Path>,
        database: &Path,
        workspace: &str,
    ) -> Result<Self, String> {
        let shell = match shell {
            Some(shell) => shell.to_path_buf(),
            None => find("sqlite3").ok_or("sqlite3 is not installed")?,
        };
        let version = output(Command::new(&shell).arg(":memory:").arg("SELECT sqlite_version()"));
        let version = version.map_err(|error| format!("{}: {error}", shell.display()))?;
        let version = version.trim().to_owned();
        let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        if (next(), next()) < OLDEST {
            return Err(format!(
                "sqlite3 {version} cannot open the text index; 3.43 can (--sqlite)"
            ));
        }
        Ok(Self { shell, database: database.to_path_buf(), workspace: workspace.to_owned() })
    }

    /// Milliseconds one of these statements takes, its rows printed as text. `{ws}` stands for the workspace.
    pub(super) fn each(&self, sql: &str) -> Result<f64> {
        let sql = sql.replace("{ws}", &format!("'{}'", self.workspace));
        let (one, many) = (self.run(&sql, 1)?, self.run(&sql, TIMES + 1)?);
        Ok((many - one).max(0.0) * 1000.0 / f64::from(TIMES))
    }

    /// Seconds of a script that is run once.
    pub(super) fn once(&self, script: &str) -> Result<f64> {
        let script = script.replace("{ws}", &format!("'{}'", self.workspace));
        Ok(self.run(&script, 1)? - self.run("SELECT 1;", 1)?)
    }

    fn run(&self, sql: &str, times: u32) -> Result<f64> {
        let mut shell = Command::new(&self.shell);
        shell.arg(&self.database).stdin(Stdio::piped()).stdout(Stdio::null());
        let begin = Instant::now();
        let mut running = shell.stderr(Stdio::piped()).spawn()?;
        let mut way_in = running.stdin.take().context("no way in to sqlite3")?;
        for _ in 0..times {
            way_in.write_all(sql.as_bytes())?;
            way_in.write_all(b"\n")?;
        }
        drop(way_in);
        let ended = running.wait_with_output()?;
        let said = String::from_utf8_lossy(&ended.stderr);
        if !ended.status.success() || said.contains("rror") {
            bail!("sqlite3: {said}");
        }
        Ok(begin.elapsed().as_secs_f64())
    }

    /// Contacts a second added one by one, each durable before the next.
    pub(super) fn create(&self, times: usize) -> Result<f64> {
        let mut script = "PRAGMA synchronous = FULL;\n".to_owned();
        for number in 0..times {
            writeln!(
                script,
                "{};",
                insert(&format!("018f0000-0000-7000-8000-{number:012}"), number)
            )?;
        }
        Ok(per_second(times, self.once(&script)?))
    }

    /// Rows a second of a file read by `.import` into the table of contacts, with its indexes and triggers. It leaves
    /// empty texts where we have nothing, so it comes last.
    pub(super) fn import(&self, folder: &Path, rows: usize) -> Result<f64> {
        let path = folder.join("floor.csv");
        let mut csv = String::new();
        for row in 0..rows {
            writeln!(
                csv,
                "bulk{row:08},{},2026-01-01T00:00:00.000Z,2026-01-01T00:00:00.000Z,Row,{row},floor{row}@example.edu,+43665{:07},Mill {},,,2026-01-01T00:00:00.000Z,1",
                self.workspace,
                row + 1_000_000,
                row % 500
            )?;
        }
        fs::write(&path, csv)?;
        let script = format!(".mode csv\n.import {} base_contacts\n", path.display());
        Ok(per_second(rows, self.once(&script)?))
    }
}

fn insert(id: &str, number: usize) -> String {
    format!(
        "INSERT INTO base_contacts (id, workspace_id, created_on, updated_at, first_name, last_name, primary_email, company, version) \
         VALUES ('{id}', {{ws}}, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 'Floor', '{number}', '{id}@example.net', '', 1)"
    )
}
