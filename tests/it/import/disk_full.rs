//! A disk that fills up in the middle of an import: `SQLite` is given a largest size, beyond which it answers as on a full
//! disk.

use crm_contacts::contacts::{Contacts, NewContact};
use crm_contacts::import::{ImportPlan, ImportState, Imports};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use support::TestDb;

use super::rig::{Rig, made};

async fn limit(write: &DatabaseConnection, pages: i64) {
    write.execute_unprepared(&format!("PRAGMA max_page_count = {pages}")).await.unwrap();
}

async fn rig_with_limit() -> (Rig, DatabaseConnection) {
    let db = TestDb::sqlite().await;
    let connections = crm_core::db::connect(db.url()).await.unwrap();
    let write = connections.write.clone();
    (Rig::on(db, connections).await, write)
}

/// What must hold wherever the disk filled up: whole batches only, and a server that goes on.
async fn assert_whole_batches(rig: &Rig, id: crm_core::ImportId) -> u64 {
    let import = rig.get(id).await;
    rig.assert_sound(&import).await;
    let contacts = rig.db.count("SELECT count(*) FROM base_contacts").await;
    assert_eq!(u64::try_from(contacts).unwrap(), import.counts.created);
    assert_eq!(import.counts.total % 1000, 0, "a half-written batch");
    assert_eq!(rig.db.texts("PRAGMA integrity_check").await, ["ok"]);
    import.counts.total
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_ends_the_import_in_words_and_loses_nothing() {
    let (rig, write) = rig_with_limit().await;
    let file = made(&["-n", "8000", "--clean"]);
    let id = rig.planned(file.clone(), ImportPlan::default()).await;
    let pages = rig.db.count("PRAGMA page_count").await;
    limit(&write, pages + 1500).await;
    rig.imports.run(rig.scope.workspace_id(), id).await.unwrap();
    let import = rig.get(id).await;
    assert_eq!(import.state, ImportState::Failed);
    assert!(import.error.as_deref().unwrap().starts_with("the disk is full"), "{:?}", import.error);
    let total = assert_whole_batches(&rig, id).await;
    assert!(total > 0 && total < 8000, "{total}");
    assert!(rig.imports.unfinished().await.unwrap().is_empty());

    // With space again everything works, and the same file brings the rest.
    limit(&write, 1_000_000).await;
    let new = NewContact { first_name: "Ada".to_owned(), ..NewContact::default() };
    rig.contacts.create(&rig.scope, new).await.unwrap();
    let rest = rig.import(file, ImportPlan::default()).await;
    assert_eq!(rest.state, ImportState::Done);
    assert_eq!(rest.counts.created + total, 8000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_so_full_that_not_even_that_can_be_written_leaves_the_import_to_be_gone_on_with() {
    let (rig, write) = rig_with_limit().await;
    let file = made(&["-n", "4000", "--clean"]);
    let id = rig.planned(file, ImportPlan::default()).await;
    // Fill up what free places there are, so that the first batch and the note about it find none.
    let pages = rig.db.count("PRAGMA page_count").await;
    limit(&write, pages).await;
    let mut no = 0;
    loop {
        no += 1;
        let new = NewContact { company: format!("Filler {no}"), ..NewContact::default() };
        if rig.contacts.create(&rig.scope, new).await.is_err() {
            break;
        }
    }
    let ran = rig.imports.run(rig.scope.workspace_id(), id).await;
    let state = rig.get(id).await.state;
    match ran {
        Ok(()) => assert_eq!(state, ImportState::Failed),
        Err(error) => {
            assert_eq!(error.to_string(), "the disk is full");
            assert!(matches!(state, ImportState::Queued | ImportState::Running), "{state:?}");
            assert_eq!(rig.imports.unfinished().await.unwrap().len(), 1);
            limit(&write, 1_000_000).await;
            rig.imports.run(rig.scope.workspace_id(), id).await.unwrap();
            let import = rig.get(id).await;
            assert_eq!((import.state, import.counts.created), (ImportState::Done, 4000));
        }
    }
}
