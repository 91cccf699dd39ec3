//! The real `pi-crm` binary as a process, to be started, killed and started again.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::{Answer, Backend, Client, PerBackend, TestDb, paths, ports, wait};

/// How long a start may take: a debug build that migrates a new database on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(30);

/// How long a graceful stop may take.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// One installation: a data folder, a database, a port and the settings. It outlives its processes.
pub struct Site {
    /// The database, already migrated; its `raw()` looks past the application.
    pub db: TestDb,
    dir: TempDir,
    port: u16,
    settings: BTreeMap<String, String>,
}

impl PerBackend for Site {
    async fn fresh(backend: Backend) -> Self {
        Self::on(TestDb::fresh(backend).await)
    }
}

impl Site {
    /// An installation on `db`.
    pub fn on(db: TestDb) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let port = ports::free();
        let settings = [
            ("HOST", "127.0.0.1".to_owned()),
            ("PORT", port.to_string()),
            ("DATA_DIR", dir.path().join("data").display().to_string()),
            ("DATABASE_URL", db.url().to_owned()),
            ("RATE_LIMIT_LOGIN", "0".to_owned()),
            ("RATE_LIMIT_API", "0".to_owned()),
            // The tests' mail servers listen on loopback, which providers may not reach otherwise.
            ("OUTBOUND_ALLOW", "127.0.0.0/8".to_owned()),
            ("RUST_LOG", "info".to_owned()),
        ];
        let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { db, dir, port, settings }
    }

    /// Changes a setting for the processes started from now on.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.insert(name.to_owned(), value.into());
        self
    }

    /// The same for one that is there already.
    pub fn put(&mut self, name: &str, value: impl Into<String>) {
        self.settings.insert(name.to_owned(), value.into());
    }

    /// Where the files are.
    pub fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Where it answers while a process runs, equal over restarts.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A caller with an empty cookie jar.
    pub fn client(&self) -> Client {
        Client::new(&self.base())
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(paths::binary());
        // Only these settings count, whatever the shell of the developer has, and no `.env`.
        command.args(args).current_dir(self.dir.path()).env_clear().envs(&self.settings);
        for kept in ["PATH", "HOME", "TMPDIR", "LD_PRELOAD", "SSL_CERT_FILE", "RUST_BACKTRACE"] {
            if let (Some(value), false) = (std::env::var_os(kept), self.settings.contains_key(kept))
            {
                command.env(kept, value);
            }
        }
        command
    }

    /// Runs a command of the binary to its end, such as `["migrate"]`.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).stdin(Stdio::null()).output().expect("pi-crm starts")
    }

    /// The same where no file may become larger than so many bytes, rounded down to half a KiB: a disk that is full.
    pub fn run_within(&self, bytes: u64, args: &[&str]) -> Output {
        // Beyond the limit a write fails, where it would otherwise end the process.
        let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", bytes / 512);
        let ours = self.command(args);
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).arg(ours.get_program()).args(ours.get_args());
        shell.current_dir(self.dir.path()).env_clear();
        shell.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.stdin(Stdio::null()).output().expect("a shell starts")
    }

    /// Starts a command and does not wait for its end.
    pub fn begin(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("pi-crm starts")
    }

    /// The same with `input` on standard input.
    pub fn run_with(&self, args: &[&str], input: &str) -> Output {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("pi-crm starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        // One that ends without reading closes the pipe; its output says why.
        let _ = pipe.write_all(input.as_bytes());
        drop(pipe);
        child.wait_with_output().expect("pi-crm ends")
    }

    /// Starts the server and waits until `/health` answers.
    ///
    /// # Panics
    /// When it ends or stays silent; what it printed is in the message.
    pub async fn start(&self) -> Process {
        let process = self.spawn();
        process.healthy().await;
        process
    }

    /// Starts the server and does not wait for anything.
    pub fn spawn(&self) -> Process {
        let child = self
            .command(&["serve"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("pi-crm starts");
        Process::of(child, self.base())
    }
}

/// A running server. Dropping it kills it.
pub struct Process {
    child: Mutex<Child>,
    base: String,
    printed: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
    started: Instant,
}

impl Process {
    fn of(mut child: Child, base: String) -> Self {
        let printed = Arc::new(Mutex::new(String::new()));
        let mut readers = Vec::new();
        if let Some(out) = child.stdout.take() {
            readers.push(collect(out, &printed));
        }
        if let Some(err) = child.stderr.take() {
            readers.push(collect(err, &printed));
        }
        Self { child: Mutex::new(child), base, printed, readers, started: Instant::now() }
    }

    /// A caller with an empty cookie jar.
    pub fn client(&self) -> Client {
        Client::new(&self.base)
    }

    /// When the process was started.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child().id()
    }

    /// All it printed so far, both streams.
    pub fn printed(&self) -> String {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its end, where it has ended.
    pub fn ended(&self) -> Option<ExitStatus> {
        self.child().try_wait().expect("a child can be asked")
    }

    /// Waits until `/health` answers 200.
    pub async fn healthy(&self) {
        let client = self.client();
        wait::until("pi-crm to answer /health", START_LIMIT, || async {
            if let Some(status) = self.ended() {
                panic!("pi-crm ended with {status}:\n{}", self.printed());
            }
            let request = client.request(reqwest::Method::GET, "/health");
            Answer::try_of(request).await.ok().filter(|answer| answer.status == 200)
        })
        .await;
    }

    /// The one-time code printed on the first start.
    pub async fn setup_code(&self) -> String {
        wait::until("pi-crm to print the setup code", START_LIMIT, || async {
            setup_code_in(&self.printed())
        })
        .await
    }

    /// Makes the first user with the setup code and signs in.
    pub async fn owner(&self) -> Client {
        let code = self.setup_code().await;
        crate::app::register_owner(&self.client(), &code).await
    }

    /// `kill -9`, as a power cut would: nothing gets a chance to finish.
    pub fn kill(&self) {
        let mut child = self.child();
        let _ = child.kill();
        child.wait().expect("a killed process can be waited for");
    }

    /// SIGTERM, and the exit status of the graceful stop.
    ///
    /// # Panics
    /// When it does not stop in time.
    pub fn terminate(&self) -> ExitStatus {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill starts");
        assert!(sent.success(), "SIGTERM reached nobody");
        self.wait()
    }

    /// Waits for an end that is already on its way.
    ///
    /// # Panics
    /// When it does not come in time.
    pub fn wait(&self) -> ExitStatus {
        wait::until_blocking("pi-crm to stop", STOP_LIMIT, || self.ended())
    }

    /// Resident memory in bytes, from the kernel.
    pub fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()))
            .expect("Linux tells the memory of a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kib * 1024
    }

    fn child(&self) -> std::sync::MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        if std::thread::panicking() {
            // The harness shows this for a failed test only.
            Write::write_all(&mut std::io::stderr(), self.printed().as_bytes()).ok();
        }
    }
}

/// Reads a stream to its end, so that the process never waits for us.
fn collect(stream: impl Read + Send + 'static, into: &Arc<Mutex<String>>) -> JoinHandle<()> {
    let into = Arc::clone(into);
    std::thread::spawn(move || {
        let mut lines = BufReader::new(stream);
        let mut line = Vec::new();
        while matches!(lines.read_until(b'\n', &mut line), Ok(read) if read > 0) {
            let text = String::from_utf8_lossy(&line).into_owned();
            into.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
            line.clear();
        }
    })
}

/// The code in what the server printed: the last word of the line that names it.
fn setup_code_in(printed: &str) -> Option<String> {
    printed
        .lines()
        .find(|line| line.to_lowercase().contains("setup code"))
        .and_then(|line| line.split_whitespace().last())
        .map(ToOwned::to_owned)
}

/// Size of all files under a folder in bytes, for tests that look for what was left behind.
pub fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => folder_bytes(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}

/// The first user of every test.
pub const OWNER_EMAIL: &str = "andy@example.com";
/// The password of every test user.
pub const PASSWORD: &str = "correct horse battery staple";

/// The body of the call that makes the first user.
pub fn first_user(setup_code: &str) -> serde_json::Value {
    json!({"email": OWNER_EMAIL, "password": PASSWORD, "name": "Andy", "setup_code": setup_code})
}
