//! What surrounds the reading: borders between workspaces, states, pages, the audit log, the file.

use crm_contacts::import::{ImportError, ImportPlan, ImportState, Imports};
use crm_core::accounts::{Accounts, Entry, NewWorkspace};
use crm_core::{PageRequest, Scope};
use support::both_databases;

use super::rig::Rig;

const FILE: &str = "first_name,email\nAda,ada@example.com\nBob,b@@example.com\n";

async fn other_workspace(rig: &Rig) -> Scope {
    let workspace = rig
        .accounts
        .create_workspace(rig.scope.actor(), NewWorkspace::named("Other"))
        .await
        .unwrap();
    let user = rig.scope.user_id().unwrap();
    match rig.accounts.enter(user, Some(workspace.id), None).await.unwrap() {
        Entry::Entered(scope) => scope,
        other => panic!("{other:?}"),
    }
}

both_databases! {
    async fn another_workspace_sees_nothing_of_it(rig: Rig) {
        let import = rig.import(FILE, ImportPlan::default()).await;
        let other = other_workspace(&rig).await;
        let imports = &rig.imports;
        assert!(imports.get(&other, import.id).await.unwrap().is_none());
        assert!(imports.preview(&other, import.id).await.unwrap().is_none());
        assert!(imports.plan(&other, import.id, ImportPlan::default()).await.unwrap().is_none());
        assert!(imports.cancel(&other, import.id).await.unwrap().is_none());
        assert!(imports.errors_csv(&other, import.id).await.unwrap().is_none());
        assert!(imports.rows(&other, import.id, "", PageRequest::default()).await.unwrap().items.is_empty());
        assert!(imports.list(&other, PageRequest::default()).await.unwrap().items.is_empty());
        imports.run(other.workspace_id(), import.id).await.unwrap();
        // The same people may be contacts there, and a list from here cannot be used there.
        let there = imports.upload(&other, "x.csv", FILE.into()).await.unwrap();
        let new = rig.list("New").await.id;
        let plan = ImportPlan { list_id: Some(new), ..ImportPlan::default() };
        assert!(matches!(imports.plan(&other, there.id, plan).await, Err(ImportError::UnknownList)));
        imports.plan(&other, there.id, ImportPlan::default()).await.unwrap().unwrap();
        imports.run(other.workspace_id(), there.id).await.unwrap();
        assert_eq!(imports.get(&other, there.id).await.unwrap().unwrap().counts.created, 1);
        assert_eq!(rig.db.count("SELECT count(*) FROM base_contacts").await, 2);
    }

    async fn states_move_one_way(rig: Rig) {
        let id = rig.planned(FILE, ImportPlan::default()).await;
        let plan = |plan: ImportPlan| rig.imports.plan(&rig.scope, id, plan);
        assert!(matches!(plan(ImportPlan::default()).await, Err(ImportError::InvalidState("queued"))));
        assert_eq!(rig.imports.unfinished().await.unwrap(), [(rig.scope.workspace_id(), id)]);
        rig.imports.run(rig.scope.workspace_id(), id).await.unwrap();
        let import = rig.get(id).await;
        assert_eq!(import.state, ImportState::Done);
        assert!(import.started_at.is_some() && import.finished_at >= import.started_at);
        assert!(matches!(plan(ImportPlan::default()).await, Err(ImportError::InvalidState("done"))));
        assert!(matches!(rig.imports.cancel(&rig.scope, id).await, Err(ImportError::InvalidState("done"))));

        let queued = rig.planned(FILE, ImportPlan::default()).await;
        rig.imports.cancel(&rig.scope, queued).await.unwrap().unwrap();
        rig.imports.run(rig.scope.workspace_id(), queued).await.unwrap();
        assert_eq!(rig.get(queued).await.counts.total, 0);
        assert_eq!(rig.db.count("SELECT count(*) FROM outbox WHERE name = 'run-import'").await, 2);
    }

    async fn a_deleted_list_and_a_lost_file_are_told(rig: Rig) {
        let tag = crm_contacts::lists::NewList { name: "May".to_owned(), ..Default::default() };
        let tag = crm_contacts::lists::Lists::create(&rig.lists, &rig.scope, tag).await.unwrap();
        let id = rig.planned(FILE, ImportPlan { list_id: Some(tag.id), ..ImportPlan::default() }).await;
        std::fs::remove_file(rig.dir.path().join(format!("imports/{id}.csv"))).unwrap();
        rig.imports.run(rig.scope.workspace_id(), id).await.unwrap();
        let import = rig.get(id).await;
        assert_eq!(import.state, ImportState::Failed);
        assert_eq!(import.error.as_deref(), Some("the stored file cannot be read; upload it again"));
        assert!(matches!(rig.imports.preview(&rig.scope, id).await, Err(ImportError::File(_))));
    }

    async fn the_audit_log_has_one_entry_a_step(rig: Rig) {
        let import = rig.import(FILE, ImportPlan::default()).await;
        let sql = "SELECT action FROM audit_logs WHERE entity_type = 'import' OR entity_type = 'contact' ORDER BY seq";
        assert_eq!(rig.db.texts(sql).await, ["import.uploaded", "import.queued", "import.finished"]);
        let sql = "SELECT CAST(details AS TEXT) FROM audit_logs WHERE action = 'import.finished'";
        let details: serde_json::Value = serde_json::from_str(&rig.db.texts(sql).await[0]).unwrap();
        assert_eq!((&details["counts"]["created"], &details["counts"]["failed"]), (&1.into(), &1.into()));
        let by = format!("SELECT count(*) FROM audit_logs WHERE entity_id = '{}' AND user_id IS NOT NULL", import.id);
        assert_eq!(rig.db.count(&by).await, 3);
    }

    async fn imports_and_rows_come_in_pages(rig: Rig) {
        let mut ids = Vec::new();
        for _ in 0..5 {
            ids.push(rig.import(FILE, ImportPlan::default()).await.id);
        }
        ids.reverse();
        let mut request = PageRequest { limit: 2, cursor: None };
        let mut seen = Vec::new();
        loop {
            let page = rig.imports.list(&rig.scope, request.clone()).await.unwrap();
            assert_eq!((page.total, page.total_exact), (5, true));
            seen.extend(page.items.into_iter().map(|import| import.id));
            request.cursor = page.next;
            if request.cursor.is_none() {
                let back = PageRequest { limit: 2, cursor: page.previous };
                let before = rig.imports.list(&rig.scope, back).await.unwrap();
                let before: Vec<_> = before.items.iter().map(|import| import.id).collect();
                assert_eq!(before, ids[2..4]);
                break;
            }
        }
        assert_eq!(seen, ids);

        let file: String = (0..7).fold("email\n".to_owned(), |file, no| format!("{file}bad {no}\n"));
        let import = rig.import(file, ImportPlan::default()).await;
        let request = PageRequest { limit: 3, cursor: None };
        let first = rig.imports.rows(&rig.scope, import.id, "failed", request).await.unwrap();
        let next = PageRequest { limit: 3, cursor: first.next };
        let second = rig.imports.rows(&rig.scope, import.id, "failed", next).await.unwrap();
        assert_eq!(second.items.iter().map(|row| row.row_no).collect::<Vec<_>>(), [5, 6, 7]);
        assert_eq!(second.items[0].raw, ["bad 3"]);
        let back = PageRequest { limit: 3, cursor: second.previous };
        let again = rig.imports.rows(&rig.scope, import.id, "failed", back).await.unwrap();
        assert_eq!(again.items.iter().map(|row| row.row_no).collect::<Vec<_>>(), [2, 3, 4]);
        assert!(rig.imports.rows(&rig.scope, import.id, "created", PageRequest::default()).await.unwrap().items.is_empty());
    }
}
