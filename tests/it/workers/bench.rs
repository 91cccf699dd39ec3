//! One installation with its services and its background work, in this process.

use std::sync::Arc;
use std::time::Duration;

use crm_contacts::Imports;
use crm_contacts::import::{ImportPlan, RunImport};
use crm_core::accounts::{NewUser, NewWorkspace, Origin};
use crm_core::{Context, ImportId, Scope, WorkspaceId};
use sea_orm::ConnectionTrait;
use support::{Backend, PerBackend, TestDb, wait};
use tempfile::TempDir;
use web::bootstrap::{self, Booted};
use web::config::Config;
use web::workers::{self, QueuePool, WorkerDeps, Workers};

/// Longer than anything here should take on a busy machine.
pub(super) const SOON: Duration = Duration::from_secs(30);

/// The services on one database.
pub(super) struct Bench {
    pub(super) db: TestDb,
    booted: Booted,
    pub(super) workspace_id: WorkspaceId,
    dir: TempDir,
}

impl PerBackend for Bench {
    async fn fresh(backend: Backend) -> Self {
        let (db, dir) = (TestDb::fresh(backend).await, tempfile::tempdir().unwrap());
        let booted = boot(&db, &dir).await;
        let user = NewUser {
            email: "andy@example.com".to_owned(),
            name: "Andy".to_owned(),
            password: "correct horse battery staple".to_owned().into(),
            is_admin: true,
        };
        let workspace = NewWorkspace::named("Acme");
        let accounts = &booted.services.accounts;
        let user = accounts.first_run(user, workspace, Origin::default()).await.unwrap();
        let workspace_id = accounts.memberships(user.id).await.unwrap()[0].workspace.id;
        workers::prepare(&booted.queue).await.unwrap();
        Self { db, booted, workspace_id, dir }
    }
}

async fn boot(db: &TestDb, dir: &TempDir) -> Booted {
    let data_dir = dir.path().display().to_string();
    let config =
        Config::from_settings(&[("data_dir", data_dir.as_str()), ("database_url", db.url())]);
    bootstrap::boot(&config.unwrap()).await.unwrap()
}

impl Bench {
    /// The installation as the next process finds it, its queue prepared.
    pub(super) async fn reboot(self) -> Self {
        let Self { db, booted, workspace_id, dir } = self;
        drop(booted);
        let booted = boot(&db, &dir).await;
        workers::prepare(&booted.queue).await.unwrap();
        Self { db, booted, workspace_id, dir }
    }

    /// Once more what a start does before the workers.
    pub(super) async fn prepare(&self) {
        workers::prepare(self.queue()).await.unwrap();
    }

    pub(super) fn start(&self) -> Workers {
        workers::start(WorkerDeps {
            ctx: self.ctx().clone(),
            engine: Arc::clone(&self.booted.services.engine),
            imports: Arc::clone(self.imports()),
            bulk: Arc::clone(&self.booted.services.bulk),
            backups: Arc::clone(&self.booted.services.backups),
            insights: Arc::clone(&self.booted.services.insights),
            trash: Arc::clone(&self.booted.services.trash),
            incoming: Arc::clone(&self.booted.services.incoming),
            inbound: Arc::clone(&self.booted.services.inbound),
            queue: self.queue().clone(),
            boot_id: self.booted.boot_id,
        })
    }

    pub(super) fn queue(&self) -> &QueuePool {
        &self.booted.queue
    }

    pub(super) fn ctx(&self) -> &Context {
        &self.booted.services.ctx
    }

    fn imports(&self) -> &Arc<dyn Imports> {
        &self.booted.services.imports
    }
}

impl Bench {
    fn scope(&self) -> Scope {
        Scope::for_job(self.workspace_id, "test")
    }

    /// The queue's table of jobs.
    pub(super) fn jobs(&self) -> &'static str {
        match self.db.backend() {
            Backend::Sqlite => "Jobs",
            Backend::Postgres => "apalis.jobs",
        }
    }

    /// The queue's table of workers.
    pub(super) fn workers(&self) -> &'static str {
        match self.db.backend() {
            Backend::Sqlite => "Workers",
            Backend::Postgres => "apalis.workers",
        }
    }

    /// Stores a file of `rows` people and asks nothing of it yet.
    pub(super) async fn upload(&self, rows: i64) -> ImportId {
        let scope = self.scope();
        self.imports().upload(&scope, "people.csv", people(rows)).await.unwrap().id
    }

    /// Stores a file of `rows` people and commits the wish to have it read.
    pub(super) async fn import(&self, rows: i64) -> ImportId {
        let id = self.upload(rows).await;
        let plan = self.imports().plan(&self.scope(), id, ImportPlan::default()).await.unwrap();
        assert!(plan.is_some(), "the import is there");
        id
    }

    pub(super) fn job(&self, import_id: ImportId) -> RunImport {
        RunImport { workspace_id: self.workspace_id, import_id }
    }

    /// What the table of imports says about one.
    pub(super) async fn state(&self, id: ImportId) -> String {
        let sql = format!("SELECT state FROM imports WHERE id = '{id}'");
        self.db.texts(&sql).await.remove(0)
    }

    pub(super) async fn contacts(&self) -> i64 {
        self.db.count("SELECT count(*) FROM base_contacts").await
    }

    /// Waits until the import has been read to its end.
    pub(super) async fn read(&self, id: ImportId) {
        wait::until("the import to be done", SOON, || async {
            (self.state(id).await == "done").then_some(())
        })
        .await;
    }

    /// Waits until `sql` counts at least one.
    pub(super) async fn appears(&self, what: &str, sql: &str) {
        wait::until(what, SOON, || async { (self.db.count(sql).await > 0).then_some(()) }).await;
    }

    /// Where the job of this import stands in the queue, as part of a statement.
    pub(super) fn job_of(&self, id: ImportId) -> String {
        match self.db.backend() {
            Backend::Sqlite => format!("instr(CAST(job AS TEXT), '{id}') > 0"),
            Backend::Postgres => format!("position('{id}' in convert_from(job, 'UTF8')) > 0"),
        }
    }

    /// Its status in the queue; empty where there is no such job.
    pub(super) async fn status(&self, id: ImportId) -> Vec<String> {
        self.db
            .texts(&format!("SELECT status FROM {} WHERE {}", self.jobs(), self.job_of(id)))
            .await
    }

    /// Runs a statement beside the application.
    pub(super) async fn execute(&self, sql: &str) {
        let done = self.db.raw().execute_unprepared(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// A CSV file of that many people, each with an address of their own.
pub(super) fn people(rows: i64) -> Vec<u8> {
    let row = |row| format!("Person {row},person{row}@example.com\n");
    std::iter::once("first_name,email\n".to_owned())
        .chain((0..rows).map(row))
        .collect::<String>()
        .into()
}
