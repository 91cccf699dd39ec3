//! A migrated database for each test, on SQLite and on PostgreSQL.
//!
//! Migrating takes longer than most tests, so it happens once per process and database: into a
//! SQLite file that every test gets a copy of, and into a PostgreSQL database every test clones.

use std::future::Future;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;

use crate::paths;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// One file, as a single machine uses it.
    Sqlite,
    /// A server, as a team uses it.
    Postgres,
}

/// What [`both_databases!`](crate::both_databases) can hand to a test.
pub trait PerBackend: Sized {
    /// A fresh one on `backend`, holding nothing but the schema.
    fn fresh(backend: Backend) -> impl Future<Output = Self> + Send;
}

/// A migrated, empty database that goes away with this value.
pub struct TestDb {
    backend: Backend,
    url: String,
    raw: DatabaseConnection,
    /// The name to drop on PostgreSQL.
    name: Option<String>,
    /// The folder of the SQLite file.
    dir: Option<TempDir>,
}

impl TestDb {
    /// A SQLite file in a folder of its own.
    pub async fn sqlite() -> Self {
        Self::fresh(Backend::Sqlite).await
    }

    /// A PostgreSQL database of its own.
    pub async fn postgres() -> Self {
        Self::fresh(Backend::Postgres).await
    }

    /// A copy of the SQLite files in a folder, in a folder of its own.
    ///
    /// # Panics
    /// When they cannot be copied.
    pub async fn sqlite_from(folder: &Path) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for entry in std::fs::read_dir(folder).expect("a folder that can be read") {
            let entry = entry.expect("a file");
            if entry.file_name().to_string_lossy().starts_with("pi-crm.db") {
                let to = dir.path().join(entry.file_name());
                std::fs::copy(entry.path(), to).expect("a file that can be copied");
            }
        }
        Self::open_in(dir).await
    }

    /// Its files, where it is a SQLite database.
    pub fn files(&self) -> Vec<PathBuf> {
        let Some(dir) = &self.dir else { return Vec::new() };
        let names = ["pi-crm.db", "pi-crm.db-wal"];
        names.map(|name| dir.path().join(name)).into_iter().filter(|file| file.exists()).collect()
    }

    /// A database without any table, for tests of the migrations themselves.
    pub async fn unmigrated(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::open_sqlite(None).await,
            Backend::Postgres => Self::open_postgres("template1").await,
        }
    }

    /// What `DATABASE_URL` would say.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Which kind it is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// A connection beside the application's, for looking at what it stored.
    pub fn raw(&self) -> &DatabaseConnection {
        &self.raw
    }

    /// The first column of the first row `sql` answers, as a number.
    ///
    /// # Panics
    /// When the statement fails or answers no number.
    pub async fn count(&self, sql: &str) -> i64 {
        self.raw
            .query_one_raw(self.statement(sql))
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
            .unwrap_or_else(|| panic!("{sql}: no row"))
            .try_get_by_index(0)
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The first column of every row `sql` answers, as text.
    ///
    /// # Panics
    /// When the statement fails or answers no text.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self
            .raw
            .query_all_raw(self.statement(sql))
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.iter()
            .map(|row| row.try_get_by_index(0).unwrap_or_else(|error| panic!("{sql}: {error}")))
            .collect()
    }

    fn statement(&self, sql: &str) -> sea_orm::Statement {
        sea_orm::Statement::from_string(self.raw.get_database_backend(), sql)
    }

    async fn open_sqlite(template: Option<&[u8]>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("pi-crm.db");
        if let Some(template) = template {
            std::fs::write(&file, template).expect("the migrated file can be written");
        }
        Self::open_in(dir).await
    }

    async fn open_in(dir: TempDir) -> Self {
        let url = format!("sqlite://{}?mode=rwc", dir.path().join("pi-crm.db").display());
        let raw = connect(&url).await;
        Self { backend: Backend::Sqlite, url, raw, name: None, dir: Some(dir) }
    }

    async fn open_postgres(template: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        run_on_postgres(format!("CREATE DATABASE {name} TEMPLATE {template}"));
        let url = postgres_url(&name);
        let raw = connect(&url).await;
        Self { backend: Backend::Postgres, url, raw, name: Some(name), dir: None }
    }
}

impl PerBackend for TestDb {
    async fn fresh(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::open_sqlite(Some(sqlite_template())).await,
            Backend::Postgres => Self::open_postgres(postgres_template()).await,
        }
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Some(name) = self.name.take() {
            run_on_postgres(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(2).min_connections(0).sqlx_logging(false);
    Database::connect(options).await.unwrap_or_else(|error| panic!("connecting to {url}: {error}"))
}

/// Runs `work` on a thread and a runtime of its own: what it opens belongs to no test's runtime.
fn aside<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    std::thread::spawn(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(work)
    })
    .join()
    .expect("preparing the database failed; the reason is above")
}

/// The migrated file that tests write out again. It is held in memory: nothing static is dropped, so
/// a folder would stay behind.
fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("template.db");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        aside(async move {
            let db = connect(&url).await;
            Migrator::up(&db, None).await.expect("the migrations run on SQLite");
            db.close().await.expect("the file closes, so that it is whole");
        });
        std::fs::read(&file).expect("the migrated file can be read")
    })
}

/// The name of the migrated database that tests clone.
fn postgres_template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = format!("template_{}", std::process::id());
        run_on_postgres(format!("DROP DATABASE IF EXISTS {name}"));
        run_on_postgres(format!("CREATE DATABASE {name}"));
        let url = postgres_url(&name);
        aside(async move {
            let db = connect(&url).await;
            Migrator::up(&db, None).await.expect("the migrations run on PostgreSQL");
            db.close().await.expect("the connection closes, so that the database can be cloned");
        });
        name
    })
}

/// One statement on the server's own database. `CREATE` and `DROP DATABASE` take a turn each, since
/// PostgreSQL refuses to clone a database while another session does.
fn run_on_postgres(sql: String) {
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let url = server_url().to_owned();
    aside(async move {
        let db = connect(&url).await;
        db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let _ = db.close().await;
    });
}

fn postgres_url(name: &str) -> String {
    let server = server_url();
    let (base, _) = server.rsplit_once('/').expect("a PostgreSQL URL ends with a database");
    format!("{base}/{name}")
}

/// The server: `PI_CRM_TEST_PG` where it is set, else one started for this process.
fn server_url() -> &'static str {
    /// The server ends when this pipe closes, which is when the process ends.
    static SERVER: OnceLock<(String, Option<Child>)> = OnceLock::new();
    let (url, _) = SERVER.get_or_init(|| {
        if let Ok(url) = std::env::var("PI_CRM_TEST_PG") {
            return (url, None);
        }
        let mut child = Command::new("bash")
            .arg(paths::server("postgres.sh"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("bash starts");
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).expect("its output is text");
        }
        let url = line.trim();
        assert!(
            url.starts_with("postgres://"),
            "PostgreSQL did not start; its reason is above. Install it (cargo xtask setup) or set \
             PI_CRM_TEST_PG to the URL of a server where tests may create databases"
        );
        (url.to_owned(), Some(child))
    });
    url
}
