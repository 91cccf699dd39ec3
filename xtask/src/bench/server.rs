//! A pi-crm of its own to measure, with a book of made-up contacts.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::figures::Figures;
use crate::command::output;

const PORT: &str = "18998";
const ANDY: &str = "andy@example.com";
const MONALISA: &str = "monalisa@example.com";
/// Ticks of the kernel's clock in a second, as `/proc` counts them on Linux.
const TICKS: f64 = 100.0;
/// How often something slow is looked at.
const EVERY: Duration = Duration::from_millis(20);

pub(super) struct Server {
    folder: PathBuf,
    process: Child,
    binary: PathBuf,
    key: String,
    colleague: String,
    workspace: String,
}

impl Server {
    /// Seeds a book and serves it.
    pub(super) fn start(binary: &Path, contacts: usize) -> Result<Self> {
        Self::start_under(binary, contacts, None)
    }

    /// The same under `strace`, which counts what is synced into a file.
    pub(super) fn start_under(
        binary: &Path,
        contacts: usize,
        strace: Option<&Path>,
    ) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("pi-crm-bench-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        output(command(binary, &folder).args(["seed", "--contacts", &contacts.to_string()]))?;
        let (key, colleague) = (key(binary, &folder, ANDY)?, key(binary, &folder, MONALISA)?);
        let mut serve = match strace {
            None => command(binary, &folder),
            Some(log) => {
                let mut strace = settled(Command::new("strace"), &folder);
                let only = ["-f", "--seccomp-bpf", "-c", "-e", "trace=fsync,fdatasync", "-o"];
                strace.args(only).arg(log).arg(binary);
                strace
            }
        };
        let process = serve.arg("serve").stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let binary = binary.to_path_buf();
        let workspace = String::new();
        let mut server = Self { folder, process, binary, key, colleague, workspace };
        let begin = Instant::now();
        while server.curl(&["/health".to_owned()], None, &server.key).is_err() {
            ensure!(begin.elapsed() < Duration::from_mins(1), "the server does not answer");
            std::thread::sleep(EVERY);
        }
        let all = server.get("/api/workspaces")?;
        let all = all.pointer("/data").and_then(Value::as_array).context("no workspaces")?;
        let demo = all.iter().find(|one| text(one, "/name") == Some("Demo"));
        let id = demo.and_then(|demo| text(demo, "/id")).context("no workspace Demo")?;
        id.clone_into(&mut server.workspace);
        Ok(server)
    }

    /// One `curl` for all of these addresses, over one connection; answers with what it wrote.
    fn curl(&self, paths: &[String], body: Option<&str>, key: &str) -> Result<String> {
        let mut config = String::new();
        for path in paths {
            writeln!(config, "url = \"http://127.0.0.1:{PORT}{path}\"")?;
            writeln!(config, "output = \"{}\"", self.folder.join("answer").display())?;
        }
        let mut curl = Command::new("curl");
        curl.args([
            "--silent",
            "--fail-with-body",
            "--config",
            "-",
            "--write-out",
            "%{time_total}\n",
        ]);
        curl.arg("--header").arg(format!("X-Api-Key: {key}"));
        if !self.workspace.is_empty() {
            curl.arg("--header").arg(format!("X-Workspace-Id: {}", self.workspace));
        }
        if let Some(body) = body {
            curl.args(["--header", "Content-Type: application/json", "--data", body]);
        }
        let mut running = curl.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        running.stdin.take().context("no way in to curl")?.write_all(config.as_bytes())?;
        let ended = running.wait_with_output()?;
        if !ended.status.success() {
            let answer = fs::read_to_string(self.folder.join("answer")).unwrap_or_default();
            bail!("{}: {answer}", paths.first().map_or("", String::as_str));
        }
        Ok(String::from_utf8(ended.stdout)?)
    }

    fn answer(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&fs::read(self.folder.join("answer"))?)?)
    }

    pub(super) fn get(&self, path: &str) -> Result<Value> {
        self.curl(&[path.to_owned()], None, &self.key)?;
        self.answer()
    }

    pub(super) fn post(&self, path: &str, body: &str) -> Result<Value> {
        self.curl(&[path.to_owned()], Some(body), &self.key)?;
        self.answer()
    }

    /// By somebody else of the same workspace.
    pub(super) fn post_as_colleague(&self, path: &str, body: &str) -> Result<Value> {
        self.curl(&[path.to_owned()], Some(body), &self.colleague)?;
        self.answer()
    }

    /// What the database answers, read beside the server.
    pub(super) fn sql(&self, select: &str) -> Result<String> {
        let database = self.folder.join("data/pi-crm.db");
        output(Command::new("sqlite3").arg("-readonly").arg(database).arg(select))
    }

    /// Times requests, one after the other.
    pub(super) fn get_all(&self, paths: &[String]) -> Result<Figures> {
        self.timed(|| self.curl(paths, None, &self.key))
    }

    fn timed(&self, work: impl FnOnce() -> Result<String>) -> Result<Figures> {
        let before = self.cpu()?;
        let said = work()?;
        let cpu = self.cpu()? - before;
        Ok(Figures::of(said.lines().filter_map(|line| line.parse().ok()).collect(), cpu))
    }

    pub(super) fn count_segment(&self, times: usize) -> Result<Figures> {
        let body = r#"{"segment_json": {"field": "company", "op": "contains", "value": "a"}}"#;
        let paths = vec!["/api/segments/preview".to_owned(); times];
        self.timed(|| self.curl(&paths, Some(body), &self.key))
    }

    /// Adds contacts, each durable before it is answered.
    pub(super) fn create(&self, times: usize) -> Result<Figures> {
        let before = self.cpu()?;
        let mut seconds = Vec::new();
        for number in 0..times {
            let body = format!(
                r#"{{"first_name": "New", "last_name": "{number}", "primary_email": "new{number}@example.net"}}"#
            );
            let said = self.curl(&["/api/contacts".to_owned()], Some(&body), &self.key)?;
            seconds.extend(said.lines().filter_map(|line| line.parse::<f64>().ok()));
        }
        Ok(Figures::of(seconds, self.cpu()? - before))
    }

    /// Contacts a second added by several callers at once, each durable before it is answered.
    pub(super) fn create_together(&self, callers: usize, times: usize) -> Result<f64> {
        let each = times / callers;
        let begin = Instant::now();
        let mut running = Vec::new();
        for caller in 0..callers {
            let mut config = String::new();
            for number in 0..each {
                if number > 0 {
                    config.push_str("next\n");
                }
                writeln!(config, "url = \"http://127.0.0.1:{PORT}/api/contacts\"")?;
                writeln!(config, "output = \"/dev/null\"\nsilent\nfail")?;
                writeln!(config, "header = \"X-Api-Key: {}\"", self.key)?;
                writeln!(config, "header = \"X-Workspace-Id: {}\"", self.workspace)?;
                writeln!(config, "header = \"Content-Type: application/json\"")?;
                writeln!(
                    config,
                    "data = \"{{\\\"primary_email\\\": \\\"many{caller}.{number}@example.net\\\"}}\""
                )?;
            }
            let mut curl = Command::new("curl");
            let mut curl = curl.args(["--config", "-"]).stdin(Stdio::piped()).spawn()?;
            curl.stdin.take().context("no way in to curl")?.write_all(config.as_bytes())?;
            running.push(curl);
        }
        for mut curl in running {
            ensure!(curl.wait()?.success(), "a contact was not added");
        }
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let made = (each * callers) as f64;
        Ok(made / begin.elapsed().as_secs_f64())
    }

    /// Where its files are.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its database.
    pub(super) fn database(&self) -> PathBuf {
        self.folder.join("data/pi-crm.db")
    }

    /// The workspace that is measured.
    pub(super) fn workspace(&self) -> &str {
        &self.workspace
    }

    /// Asks until something is in this state.
    pub(super) fn wait_for(&self, path: &str, state: &str) -> Result<Value> {
        let begin = Instant::now();
        loop {
            let now = self.get(path)?;
            match text(&now, "/data/state") {
                Some(is) if is == state => return Ok(now),
                Some("failed") => bail!("{path}: {now}"),
                _ => {}
            }
            ensure!(begin.elapsed() < Duration::from_mins(30), "{path} takes for ever");
            std::thread::sleep(EVERY);
        }
    }

    /// Imports a file of so many rows beside the running server; seconds.
    pub(super) fn import(&self, rows: usize) -> Result<f64> {
        let path = self.folder.join("people.csv");
        let mut csv = "first_name,last_name,email,phone,company\n".to_owned();
        for row in 0..rows {
            writeln!(
                csv,
                "Row,{row},row{row}@example.edu,+43664{:07},Mill {}",
                row + 1_000_000,
                row % 500
            )?;
        }
        fs::write(&path, csv)?;
        let begin = Instant::now();
        let mut command = command(&self.binary, &self.folder);
        output(command.arg("import").arg(&path).args(["--user", ANDY, "--workspace", "Demo"]))?;
        Ok(begin.elapsed().as_secs_f64())
    }

    /// Rows of the whole book as a file, and seconds.
    pub(super) fn export(&self) -> Result<(usize, f64)> {
        let begin = Instant::now();
        self.curl(&["/api/export/contacts.csv".to_owned()], None, &self.key)?;
        let seconds = begin.elapsed().as_secs_f64();
        let file = fs::read_to_string(self.folder.join("answer"))?;
        Ok((file.lines().count().saturating_sub(1), seconds))
    }

    /// Resident memory now and at most, in MiB.
    pub(super) fn memory(&self) -> Result<(f64, f64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|line| line.split_whitespace().next());
            kib.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
        };
        Ok((of("VmRSS:"), of("VmHWM:")))
    }

    /// Seconds of processor time so far.
    pub(super) fn cpu(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let (_, rest) = stat.rsplit_once(')').context("no such process")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let of =
            |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        Ok((of(11) + of(12)) / TICKS)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Under strace the server is a child of what was started; a polite end lets strace write its summary.
        let id = self.process.id().to_string();
        let children = format!("/proc/{id}/task/{id}/children");
        let child = fs::read_to_string(children).unwrap_or_default();
        let target = child.split_whitespace().next().unwrap_or(&id);
        let _ = Command::new("kill").args(["-TERM", target]).status();
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(10) {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                break;
            }
            std::thread::sleep(EVERY);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A text inside an answer.
pub(super) fn text<'a>(answer: &'a Value, place: &str) -> Option<&'a str> {
    answer.pointer(place).and_then(Value::as_str)
}

fn command(binary: &Path, folder: &Path) -> Command {
    settled(Command::new(binary), folder)
}

/// A key of one of the seeded people.
fn key(binary: &Path, folder: &Path, email: &str) -> Result<String> {
    let words = ["key", "add", "--description", "bench", "--scope", "admin", "--json", "--email"];
    let made = output(command(binary, folder).args(words).arg(email))?;
    let made: Value = serde_json::from_str(&made)?;
    Ok(text(&made, "/key").context("no key was made")?.to_owned())
}

fn settled(mut command: Command, folder: &Path) -> Command {
    command
        .current_dir(folder)
        .env("DATA_DIR", folder.join("data"))
        .env("DATABASE_URL", format!("sqlite://{}", folder.join("data/pi-crm.db").display()))
        .env("HOST", "127.0.0.1")
        .env("PORT", PORT)
        .env("RATE_LIMIT_API", "0")
        .env("OUTBOUND_ALLOW", "127.0.0.1")
        .env("SEED_PASSWORD", "a long sentence for a bench");
    command
}
