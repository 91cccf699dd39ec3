//! What the import tests share: a workspace on a fresh database, its services, and outcomes to compare.

use std::collections::BTreeMap;
use std::sync::Arc;

use crm_audit::ChainedAuditLog;
use crm_contacts::contacts::SeaContacts;
use crm_contacts::import::{
    Import, ImportMode, ImportPlan, ImportState, Imports, Mapping, RowReport, SeaImports,
};
use crm_contacts::lists::{List, Lists, SeaLists, StarterLists};
use crm_core::accounts::{Accounts, Entry, NewUser, NewWorkspace, Origin, SeaAccounts};
use crm_core::clock::{SystemClock, SystemIds};
use crm_core::{BootId, Clock, Context, Db, IdGen, ImportId, PageRequest, Scope};
use support::{Backend, PerBackend, TestDb};
use tempfile::TempDir;

/// A workspace with the usual stages, and a data folder.
pub(super) struct Rig {
    pub(super) db: TestDb,
    pub(super) ctx: Context,
    pub(super) scope: Scope,
    pub(super) dir: TempDir,
    pub(super) imports: SeaImports,
    pub(super) contacts: SeaContacts,
    pub(super) lists: SeaLists,
    pub(super) accounts: SeaAccounts,
}

impl PerBackend for Rig {
    async fn fresh(backend: Backend) -> Self {
        let db = TestDb::fresh(backend).await;
        let connections = crm_core::db::connect(db.url()).await.unwrap();
        Self::on(db, connections).await
    }
}

impl Rig {
    /// A workspace on these connections to this database.
    pub(super) async fn on(db: TestDb, connections: crm_core::db::Connections) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let ids: Arc<dyn IdGen> = Arc::new(SystemIds);
        let audit = Arc::new(ChainedAuditLog::new(Arc::clone(&clock), Arc::clone(&ids)));
        let ctx = Context {
            db: Db::new(connections),
            clock,
            ids,
            audit,
            fingerprints: crm_core::Fingerprints::new(b"test"),
        };
        let seeds: Vec<Arc<dyn crm_core::accounts::WorkspaceSeed>> =
            vec![Arc::new(StarterLists::new(ctx.clone()))];
        let accounts = SeaAccounts::new(ctx.clone(), seeds);
        let user = NewUser {
            email: "ada@example.com".to_owned(),
            name: "Ada".to_owned(),
            password: "correct horse battery".to_owned().into(),
            is_admin: true,
        };
        let user =
            accounts.first_run(user, NewWorkspace::named("Demo"), Origin::default()).await.unwrap();
        let Entry::Entered(scope) = accounts.enter(user.id, None, None).await.unwrap() else {
            panic!("the first user has one workspace");
        };
        let dir = tempfile::tempdir().unwrap();
        let boot_id = ctx.id(BootId::from_uuid);
        Self {
            imports: SeaImports::new(ctx.clone(), dir.path().to_owned(), boot_id),
            contacts: SeaContacts::new(ctx.clone()),
            lists: SeaLists::new(ctx.clone()),
            db,
            ctx,
            scope,
            dir,
            accounts,
        }
    }

    /// The import service of a server started anew on the same data.
    pub(super) fn restarted(&self) -> SeaImports {
        let boot_id = self.ctx.id(BootId::from_uuid);
        SeaImports::new(self.ctx.clone(), self.dir.path().to_owned(), boot_id)
    }

    /// Uploads and plans a file.
    pub(super) async fn planned(&self, file: impl Into<Vec<u8>>, plan: ImportPlan) -> ImportId {
        let id = self.imports.upload(&self.scope, "contacts.csv", file.into()).await.unwrap().id;
        let queued = self.imports.plan(&self.scope, id, plan).await.unwrap().unwrap();
        assert_eq!(queued.state, ImportState::Queued);
        id
    }

    /// Imports a file to its end.
    pub(super) async fn import(&self, file: impl Into<Vec<u8>>, plan: ImportPlan) -> Import {
        let id = self.planned(file, plan).await;
        self.imports.run(self.scope.workspace_id(), id).await.unwrap();
        self.get(id).await
    }

    /// Imports a file in a mode, mapped by its headers.
    pub(super) async fn import_as(&self, file: &str, mode: ImportMode) -> Import {
        self.import(file, ImportPlan { mode, ..ImportPlan::default() }).await
    }

    pub(super) async fn get(&self, id: ImportId) -> Import {
        self.imports.get(&self.scope, id).await.unwrap().unwrap()
    }

    /// All rows of an import by number.
    pub(super) async fn rows(&self, id: ImportId) -> BTreeMap<u64, RowReport> {
        let mut rows = BTreeMap::new();
        let mut request = PageRequest { limit: 200, cursor: None };
        loop {
            let page = self.imports.rows(&self.scope, id, "", request.clone()).await.unwrap();
            rows.extend(page.items.into_iter().map(|row| (row.row_no, row)));
            request.cursor = page.next;
            if request.cursor.is_none() {
                return rows;
            }
        }
    }

    /// A stage or tag by its name.
    pub(super) async fn list(&self, name: &str) -> List {
        let all = self.lists.all(&self.scope).await.unwrap();
        all.into_iter().find(|list| list.name == name).unwrap()
    }

    /// What makes contacts the same for a person: everything but ids and times, in order.
    pub(super) async fn contacts(&self) -> Vec<String> {
        let sql = "SELECT first_name || '|' || last_name || '|' || coalesce(primary_email, '') || '|' || \
            coalesce(primary_phone, '') || '|' || company || '|' || coalesce(value_minor, -1) AS line \
            FROM base_contacts";
        let mut lines = self.db.texts(sql).await;
        lines.sort();
        lines
    }

    /// Asserts what must hold after any import: counters that equal its rows and its contacts, and for each contact one
    /// stage and one entry on its timeline.
    pub(super) async fn assert_sound(&self, import: &Import) {
        let of = async |outcome: &str| {
            let sql = format!(
                "SELECT count(*) FROM import_rows WHERE import_id = '{}' AND outcome = '{outcome}'",
                import.id
            );
            u64::try_from(self.db.count(&sql).await).unwrap()
        };
        let counts = import.counts;
        assert_eq!(of("created").await, counts.created);
        assert_eq!(of("updated").await, counts.updated);
        assert_eq!(of("skipped").await, counts.skipped);
        assert_eq!(of("failed").await, counts.failed);
        assert_eq!(counts.created + counts.updated + counts.skipped + counts.failed, counts.total);
        let contacts = self.db.count("SELECT count(*) FROM base_contacts").await;
        let staged =
            "SELECT count(DISTINCT contact_id) FROM contact_list_assignments WHERE is_primary";
        assert_eq!(self.db.count(staged).await, contacts);
        let told =
            "SELECT count(DISTINCT contact_id) FROM communication_logs WHERE type = 'stage_change'";
        assert_eq!(self.db.count(told).await, contacts);
    }
}

/// A mapping from pairs.
pub(super) fn mapping(pairs: &[(&str, &str)]) -> Mapping {
    pairs.iter().map(|(header, target)| ((*header).to_owned(), (*target).to_owned())).collect()
}

/// Made-up contacts by `make_contacts.py`, with the mark of each row.
pub(super) fn made(arguments: &[&str]) -> Vec<u8> {
    let output = std::process::Command::new("python3")
        .arg(support::paths::fixture("make_contacts.py"))
        .args(arguments)
        .output()
        .expect("python3 starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
