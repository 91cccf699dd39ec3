//! An import that was undone has left nothing, but for what people have done since.

use std::time::Duration;

use crm_contacts::contacts::{ContactChange, Contacts, NewContact};
use crm_contacts::import::{ImportError, ImportMode, ImportPlan, Imports, UndoState};
use crm_contacts::lists::{Lists, NewList};
use crm_contacts::timeline::{LogContent, SeaTimeline, Timeline};
use crm_core::{ContactId, ImportId, PageRequest};
use support::{PerBackend, both_databases, wait};

use super::rig::{Rig, made};
use super::round_trip::{fields, state};

/// Numbers are handed on from one contact to the next, in file order.
const FILE: &str = "first_name,email,phone,company,stage,tags,owner,custom.notes,custom.score,value_minor\n\
    Augusta,ada@example.org,+436641000003,Analytical,Won,press; May,ada@example.com,new,2,500\n\
    Bob,bob@example.org,+436641000001,,,VIP,,,,\n\
    Cy,cy@example.org,+436641000002,Cylinders,New,May,ada@example.com,n,1,7\n\
    Cyrus,cy@example.org,+436641000009,Cylinders,Won,VIP,,m,,\n\
    Ada II,ada@example.org,+436641000004,,,,,,,\n";

async fn people(rig: &Rig) {
    fields(rig).await;
    let vip = NewList { name: "VIP".to_owned(), ..NewList::default() };
    let vip = rig.lists.create(&rig.scope, vip).await.unwrap().id;
    for (name, email, phone, lists) in [
        ("Ada", "ada@example.org", "+436641000001", vec![vip]),
        ("Bob", "bob@example.org", "+436641000002", vec![]),
        ("Zoe", "zoe@example.org", "+436641000005", vec![]),
    ] {
        let text = |text: &str| crm_contacts::contacts::CustomValue::Text(text.to_owned());
        let new = NewContact {
            first_name: name.to_owned(),
            primary_email: Some(email.to_owned()),
            primary_phone: Some(phone.to_owned()),
            custom: [("notes".to_owned(), text("old"))].into(),
            list_ids: lists,
            ..NewContact::default()
        };
        rig.contacts.create(&rig.scope, new).await.unwrap();
    }
}

async fn imported(rig: &Rig) -> ImportId {
    let import = rig.import_as(FILE, ImportMode::Overwrite).await;
    assert_eq!((import.counts.created, import.counts.updated, import.counts.failed), (1, 4, 0));
    import.id
}

async fn undone(rig: &Rig, id: ImportId) -> (u64, u64, u64, u64) {
    let asked = rig.imports.undo(&rig.scope, id).await.unwrap().unwrap();
    assert_eq!(asked.undo.unwrap().state, UndoState::Undoing);
    assert_eq!(rig.imports.unfinished().await.unwrap(), [(rig.scope.workspace_id(), id)]);
    rig.imports.run(rig.scope.workspace_id(), id).await.unwrap();
    assert!(rig.imports.unfinished().await.unwrap().is_empty());
    let undo = rig.get(id).await.undo.unwrap();
    assert!(undo.state == UndoState::Undone && undo.finished_at.is_some());
    (undo.removed, undo.restored, undo.kept, undo.gone)
}

async fn by_email(rig: &Rig, email: &str) -> ContactId {
    let sql = format!("SELECT id FROM base_contacts WHERE primary_email = '{email}'");
    rig.db.texts(&sql).await[0].parse().unwrap()
}

async fn kept(rig: &Rig, id: ImportId) -> Vec<(ContactId, String)> {
    let page = rig.imports.kept(&rig.scope, id, PageRequest::default()).await.unwrap();
    page.items.into_iter().map(|kept| (kept.contact_id, kept.reason)).collect()
}

both_databases! {
    async fn everything_becomes_what_it_was(rig: Rig) {
        people(&rig).await;
        let before = state(&rig).await;
        let since = "SELECT stage_since FROM base_contacts ORDER BY primary_email";
        let stages = rig.db.texts(since).await;
        let id = imported(&rig).await;
        assert_ne!(state(&rig).await, before);
        assert_eq!(undone(&rig, id).await, (1, 2, 0, 0));
        assert_eq!(state(&rig).await, before);
        assert_eq!(rig.db.texts(since).await, stages);
        // Whoever saw the contacts after the import cannot take them for what they are now. Ada was changed twice: her
        // first number had to be free before a later row could take it.
        let versions = "SELECT CAST(version AS text) FROM base_contacts ORDER BY primary_email";
        assert_eq!(rig.db.texts(versions).await, ["4", "3", "1"].map(str::to_owned));
        assert!(kept(&rig, id).await.is_empty());
        let told = "SELECT action FROM audit_logs WHERE action LIKE 'import.und%' ORDER BY seq";
        assert_eq!(rig.db.texts(told).await, ["import.undo_started", "import.undone"]);
        let again = rig.imports.undo(&rig.scope, id).await;
        assert!(matches!(again, Err(ImportError::InvalidState("undone"))));
        // The file can be imported anew.
        imported(&rig).await;
    }

    async fn what_people_did_since_stays(rig: Rig) {
        people(&rig).await;
        let file = format!("{FILE}Dee,dee@example.org,,,,,,,,\nEve,eve@example.org,,,,,,,,\nFay,fay@example.org,,,,,,,,\n");
        let id = rig.import_as(&file, ImportMode::Overwrite).await.id;
        let (ada, dee) = (by_email(&rig, "ada@example.org").await, by_email(&rig, "dee@example.org").await);
        let (eve, fay) = (by_email(&rig, "eve@example.org").await, by_email(&rig, "fay@example.org").await);
        for contact in [ada, dee] {
            let change = ContactChange { company: Some("Elsewhere".to_owned()), ..ContactChange::default() };
            rig.contacts.change(&rig.scope, contact, None, change).await.unwrap().unwrap();
        }
        let note = LogContent::Note { text: "met".to_owned() };
        SeaTimeline::new(rig.ctx.clone()).add(&rig.scope, eve, note, None).await.unwrap();
        rig.contacts.delete(&rig.scope, fay).await.unwrap();
        // Cy is removed. Bob's number is free again only because Cy's went; Ada keeps all of hers.
        assert_eq!(undone(&rig, id).await, (1, 1, 3, 1));
        let kept = kept(&rig, id).await;
        let reasons = |id: ContactId| kept.iter().find(|(kept, _)| *kept == id).unwrap().1.clone();
        assert_eq!(kept.len(), 3);
        assert_eq!(reasons(ada), "was changed since the import");
        assert_eq!(reasons(dee), "was changed since the import");
        assert_eq!(reasons(eve), "has messages, notes or tasks of its own by now");
        let names = "SELECT first_name || ' ' || coalesce(primary_phone, '-') FROM base_contacts ORDER BY first_name";
        assert_eq!(rig.db.texts(names).await, [
            "Ada II +436641000004", "Bob +436641000002", "Dee -", "Eve -", "Zoe +436641000005",
        ]);
    }

    async fn nobody_gets_back_what_another_one_has_now(rig: Rig) {
        people(&rig).await;
        let id = imported(&rig).await;
        let new = NewContact {
            first_name: "New".to_owned(), primary_phone: Some("+436641000007".to_owned()), ..NewContact::default()
        };
        let new = rig.contacts.create(&rig.scope, new).await.unwrap().id;
        let cy = by_email(&rig, "cy@example.org").await;
        rig.contacts.delete(&rig.scope, cy).await.unwrap();
        let change = ContactChange { primary_phone: Some(Some("+436641000002".to_owned())), ..ContactChange::default() };
        rig.contacts.change(&rig.scope, new, None, change).await.unwrap();
        // Bob's earlier number is New's; so Bob keeps Ada's, and Ada hers of now.
        assert_eq!(undone(&rig, id).await, (0, 0, 2, 1));
        let kept = kept(&rig, id).await;
        assert!(kept.iter().all(|(_, reason)| reason.starts_with("its earlier e-mail address or phone number")), "{kept:?}");
    }

    async fn only_what_has_ended_is_undone_and_only_by_its_own_workspace(rig: Rig) {
        let tried = rig.import(FILE.lines().next().unwrap().to_owned() + "\nA,a@b.cc,,,,,,,,\n", ImportPlan {
            dry_run: true,
            mapping: Some([("email".to_owned(), "primary_email".to_owned())].into()),
            ..ImportPlan::default()
        }).await;
        let refused = rig.imports.undo(&rig.scope, tried.id).await;
        assert!(matches!(refused, Err(ImportError::NothingToUndo)));
        let queued = rig.planned("email\na@b.cc\n", ImportPlan::default()).await;
        assert!(matches!(rig.imports.undo(&rig.scope, queued).await, Err(ImportError::NothingToUndo)));
        let other = Rig::fresh(rig.db.backend()).await;
        assert!(rig.imports.undo(&other.scope, queued).await.unwrap().is_none());
    }

    async fn a_killed_undo_goes_on_where_it_stopped(rig: Rig) {
        fields(&rig).await;
        let first = made(&["-n", "3000", "--clean", "-s", "3"]);
        rig.import(first.clone(), ImportPlan::default()).await;
        let before = state(&rig).await;
        // Half of the rows are about contacts that are there, with other values.
        let text = String::from_utf8(made(&["-n", "3000", "--clean", "-s", "4"])).unwrap();
        let known = String::from_utf8(first).unwrap();
        let again = known.lines().skip(1).filter_map(|line| line.split_once(',')).take(2000);
        let changed: Vec<String> = again.map(|(_, rest)| format!("Changed,{rest}")).collect();
        let import = rig.import_as(&format!("{}\n{}\n", text.trim_end(), changed.join("\n")), ImportMode::Overwrite).await;
        assert!(import.counts.updated > 1500 && import.counts.created > 1500, "{:?}", import.counts);
        rig.imports.undo(&rig.scope, import.id).await.unwrap().unwrap();
        let workspace = rig.scope.workspace_id();
        let mut seen = 0;
        for _ in 0..3 {
            let service = rig.restarted();
            let further = wait::until("some contacts to be dealt with", Duration::from_secs(30), async || {
                let done = rig.get(import.id).await.undo.unwrap().total();
                (done > seen).then_some(done)
            });
            seen = tokio::select! {
                biased;
                done = further => done,
                ended = service.run(workspace, import.id) => panic!("it ended too early: {ended:?}"),
            };
        }
        rig.restarted().run(workspace, import.id).await.unwrap();
        let undo = rig.get(import.id).await.undo.unwrap();
        assert_eq!((undo.state, undo.kept, undo.gone), (UndoState::Undone, 0, 0));
        assert_eq!((undo.removed, undo.restored), (import.counts.created, import.counts.updated));
        assert_eq!(state(&rig).await, before);
    }
}
