//! An import that is killed, left, cancelled or run twice ends like one that was left in peace.

use std::time::{Duration, Instant};

use crm_contacts::import::{ImportError, ImportMode, ImportPlan, ImportState, Imports, SeaImports};
use crm_core::ImportId;
use support::{PerBackend, both_databases, wait};

use super::rig::{Rig, made};

const ROWS: u64 = 6000;

fn file() -> Vec<u8> {
    made(&["-n", &ROWS.to_string(), "--malformed", "0.03", "--duplicates", "0.05", "-s", "3"])
}

/// Runs an import until some of its rows have their outcome, then lets go of it wherever it is.
async fn run_part(rig: &Rig, imports: &SeaImports, id: ImportId) -> u64 {
    let some_done = wait::until("some rows to be done", Duration::from_secs(30), async || {
        let total = rig.get(id).await.counts.total;
        (total > 0).then_some(total)
    });
    tokio::select! {
        biased;
        total = some_done => total,
        ended = imports.run(rig.scope.workspace_id(), id) => panic!("it ended too early: {ended:?}"),
    }
}

both_databases! {
    async fn a_killed_import_goes_on_where_it_stopped(rig: Rig) {
        let id = rig.planned(file(), ImportPlan::default()).await;
        for _ in 0..2 {
            let imports = rig.restarted();
            let done = run_part(&rig, &imports, id).await;
            assert!(done < ROWS);
            assert_eq!(rig.get(id).await.state, ImportState::Running);
            drop(imports);
        }
        let imports = rig.restarted();
        if !rig.ctx.db.is_sqlite() {
            // Another process might be at it; on the second look it has not moved.
            assert!(imports.unfinished().await.unwrap().is_empty());
        }
        assert_eq!(imports.unfinished().await.unwrap(), [(rig.scope.workspace_id(), id)]);
        imports.run(rig.scope.workspace_id(), id).await.unwrap();
        let import = rig.get(id).await;
        assert_eq!((import.state, import.counts.total), (ImportState::Done, ROWS));
        rig.assert_sound(&import).await;
        assert!(imports.unfinished().await.unwrap().is_empty());

        let in_peace = Rig::fresh(rig.db.backend()).await;
        let other = in_peace.import(file(), ImportPlan::default()).await;
        assert_eq!(import.counts, other.counts);
        assert_eq!(rig.contacts().await, in_peace.contacts().await);
    }

    async fn an_import_let_go_of_by_its_own_process_can_be_taken_up_again(rig: Rig) {
        let id = rig.planned(file(), ImportPlan { mode: ImportMode::Fill, ..ImportPlan::default() }).await;
        run_part(&rig, &rig.imports, id).await;
        assert_eq!(rig.imports.unfinished().await.unwrap().len(), 1);
        rig.imports.run(rig.scope.workspace_id(), id).await.unwrap();
        let import = rig.get(id).await;
        assert_eq!((import.state, import.counts.total), (ImportState::Done, ROWS));
        rig.assert_sound(&import).await;
    }

    async fn a_killed_trial_run_begins_again(rig: Rig) {
        let id = rig.planned(file(), ImportPlan { dry_run: true, ..ImportPlan::default() }).await;
        run_part(&rig, &rig.restarted(), id).await;
        rig.restarted().run(rig.scope.workspace_id(), id).await.unwrap();
        let trial = rig.get(id).await;
        assert_eq!((trial.state, trial.counts.total), (ImportState::Done, ROWS));
        let real = rig.import(file(), ImportPlan::default()).await;
        assert_eq!(trial.counts, real.counts);
    }

    async fn run_twice_at_once_every_row_counts_once(rig: Rig) {
        let id = rig.planned(file(), ImportPlan::default()).await;
        let workspace = rig.scope.workspace_id();
        let other = rig.restarted();
        let (one, again, two) = tokio::join!(
            rig.imports.run(workspace, id),
            rig.imports.run(workspace, id),
            other.run(workspace, id)
        );
        one.unwrap();
        again.unwrap();
        two.unwrap();
        let import = rig.get(id).await;
        assert_eq!((import.state, import.counts.total), (ImportState::Done, ROWS));
        rig.assert_sound(&import).await;
        // What is done is not done again.
        rig.imports.run(workspace, id).await.unwrap();
        assert_eq!(rig.get(id).await.counts, import.counts);
    }

    async fn a_cancelled_import_stops_soon_and_keeps_what_it_did(rig: Rig) {
        let id = rig.planned(file(), ImportPlan::default()).await;
        let workspace = rig.scope.workspace_id();
        let cancelling = async {
            wait::until("some rows to be done", Duration::from_secs(30), async || {
                (rig.get(id).await.counts.total > 0).then_some(())
            })
            .await;
            let cancelled = rig.imports.cancel(&rig.scope, id).await.unwrap().unwrap();
            assert_eq!(cancelled.state, ImportState::Cancelled);
            Instant::now()
        };
        let (ran, cancelled) = tokio::join!(rig.imports.run(workspace, id), cancelling);
        ran.unwrap();
        assert!(cancelled.elapsed() < Duration::from_secs(2));
        let import = rig.get(id).await;
        assert_eq!(import.state, ImportState::Cancelled);
        assert!(import.finished_at.is_some() && import.counts.total < ROWS);
        rig.assert_sound(&import).await;
        rig.imports.run(workspace, id).await.unwrap();
        assert_eq!(rig.get(id).await.counts, import.counts);
        let again = rig.imports.cancel(&rig.scope, id).await;
        assert!(matches!(again, Err(ImportError::InvalidState("cancelled"))));
    }
}
