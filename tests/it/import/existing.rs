//! Rows about contacts that are there already.

use crm_contacts::contacts::{Contacts, ContactsError, NewContact};
use crm_contacts::import::{ImportMode, ImportPlan, ImportState, Imports};
use crm_contacts::lists::{Lists, NewList};
use sea_orm::ConnectionTrait;
use support::both_databases;

use super::rig::{Rig, made};

async fn add(rig: &Rig, first_name: &str, email: &str, phone: &str) {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let new = NewContact {
        first_name: first_name.to_owned(),
        primary_email: some(email),
        primary_phone: some(phone),
        ..NewContact::default()
    };
    rig.contacts.create(&rig.scope, new).await.unwrap();
}

const FILE: &str = "first_name,last_name,email,phone,company\n\
    Augusta,Lovelace,ADA@example.com,,Analytical\n\
    Robert,,,+43 664 1000002,Builders\n\
    Cy,,cy@example.com,+43 664 1000001,\n\
    Ada,,ada@example.com,+43 664 1000002,\n\
    New,,new@example.com,,\n\
    New,One,new@example.com,,\n";

both_databases! {
    async fn skipping_leaves_them_alone(rig: Rig) {
        add(&rig, "Ada", "ada@example.com", "+436641000001").await;
        add(&rig, "Bob", "", "+436641000002").await;
        let import = rig.import_as(FILE, ImportMode::Skip).await;
        rig.assert_sound(&import).await;
        let rows = rig.rows(import.id).await;
        let told: Vec<_> = rows.values().map(|row| (row.outcome.as_str(), row.reason.as_deref().unwrap_or_default())).collect();
        assert_eq!(told, [
            ("skipped", "a contact with this e-mail address exists already"),
            ("skipped", "a contact with this phone number exists already"),
            ("failed", "another contact has this phone number"),
            ("skipped", "a contact with this e-mail address exists already"),
            ("created", ""),
            ("skipped", "an earlier row has the same e-mail address"),
        ]);
        assert_eq!(rig.contacts().await, [
            "Ada||ada@example.com|+436641000001||-1",
            "Bob|||+436641000002||-1",
            "New||new@example.com|||-1",
        ]);
    }

    async fn filling_adds_what_is_missing(rig: Rig) {
        add(&rig, "Ada", "ada@example.com", "+436641000001").await;
        add(&rig, "Bob", "", "+436641000002").await;
        let import = rig.import_as(FILE, ImportMode::Fill).await;
        rig.assert_sound(&import).await;
        let rows = rig.rows(import.id).await;
        let words: Vec<_> = rows.values().map(|row| row.outcome.as_str()).collect();
        assert_eq!(words, ["updated", "updated", "failed", "skipped", "created", "updated"]);
        assert_eq!(rig.contacts().await, [
            "Ada|Lovelace|ada@example.com|+436641000001|Analytical|-1",
            "Bob|||+436641000002|Builders|-1",
            "New|One|new@example.com|||-1",
        ]);
        let found = rig.db.texts("SELECT CAST(version AS TEXT) FROM base_contacts ORDER BY first_name").await;
        assert_eq!(found, ["2", "2", "1"]);
        let before = rig.db.texts("SELECT CAST(before AS TEXT) FROM import_rows WHERE row_no = 2").await;
        let before: serde_json::Value = serde_json::from_str(&before[0]).unwrap();
        assert_eq!(before, serde_json::json!({"last_name": null, "company": null}));
    }

    async fn overwriting_replaces_what_the_row_has(rig: Rig) {
        add(&rig, "Ada", "ada@example.com", "+436641000001").await;
        add(&rig, "Bob", "", "+436641000002").await;
        let import = rig.import_as(FILE, ImportMode::Overwrite).await;
        rig.assert_sound(&import).await;
        let rows = rig.rows(import.id).await;
        let words: Vec<_> = rows.values().map(|row| row.outcome.as_str()).collect();
        assert_eq!(words, ["updated", "updated", "failed", "failed", "created", "updated"]);
        assert_eq!(rig.contacts().await, [
            "Augusta|Lovelace|ada@example.com|+436641000001|Analytical|-1",
            "New|One|new@example.com|||-1",
            "Robert|||+436641000002|Builders|-1",
        ]);
        let again = rig.import_as(FILE, ImportMode::Overwrite).await;
        assert_eq!((again.counts.created, again.counts.failed), (0, 2));
    }

    async fn numbers_handed_on_within_a_file_end_where_the_file_says(rig: Rig) {
        add(&rig, "Ada", "ada@example.com", "+436641000001").await;
        add(&rig, "Bob", "bob@example.com", "+436641000002").await;
        let file = "email,phone\n\
            ada@example.com,+436641000003\n\
            bob@example.com,+436641000001\n\
            cy@example.com,+436641000002\n";
        let dry = rig.import(file, ImportPlan { mode: ImportMode::Overwrite, dry_run: true, ..ImportPlan::default() }).await;
        let import = rig.import_as(file, ImportMode::Overwrite).await;
        assert_eq!((import.counts.updated, import.counts.created), (2, 1));
        assert_eq!(dry.counts, import.counts);
        assert_eq!(rig.contacts().await, [
            "Ada||ada@example.com|+436641000003||-1",
            "Bob||bob@example.com|+436641000001||-1",
            "||cy@example.com|+436641000002||-1",
        ]);
    }

    async fn a_trial_run_says_what_the_run_does_and_writes_nothing(rig: Rig) {
        for mode in [ImportMode::Skip, ImportMode::Fill, ImportMode::Overwrite] {
            let noise = made(&["-n", "3000", "--malformed", "0.05", "--duplicates", "0.2", "-s", "5"]);
            let before = rig.contacts().await;
            let id = rig.planned(noise, ImportPlan { mode, dry_run: true, ..ImportPlan::default() }).await;
            rig.imports.run(rig.scope.workspace_id(), id).await.unwrap();
            let trial = rig.get(id).await;
            assert_eq!(trial.state, ImportState::Done);
            assert_eq!(rig.contacts().await, before);
            let tried = rig.rows(id).await;

            // The same upload is then imported in earnest.
            rig.imports.plan(&rig.scope, id, ImportPlan { mode, ..ImportPlan::default() }).await.unwrap();
            rig.imports.run(rig.scope.workspace_id(), id).await.unwrap();
            let real = rig.get(id).await;
            assert_eq!(trial.counts, real.counts, "{mode:?}");
            rig.assert_sound(&real).await;
            for (no, row) in rig.rows(id).await {
                assert_eq!(row.outcome, tried[&no].outcome, "{mode:?}, row {no}");
            }
        }
    }

    async fn a_tag_is_given_to_new_and_changed_contacts(rig: Rig) {
        add(&rig, "Ada", "ada@example.com", "").await;
        let tag = NewList { name: "May".to_owned(), ..NewList::default() };
        let tag = rig.lists.create(&rig.scope, tag).await.unwrap();
        let plan = ImportPlan { list_id: Some(tag.id), mode: ImportMode::Fill, ..ImportPlan::default() };
        let file = "first_name,email\nAda,ada@example.com\nBob,bob@example.com\n";
        let import = rig.import(file, plan.clone()).await;
        assert_eq!((import.counts.updated, import.counts.created), (1, 1));
        assert_eq!(rig.list("May").await.contacts, 2);
        assert_eq!(rig.list("New").await.contacts, 2);
        rig.assert_sound(&import).await;
        let again = rig.import(file, plan).await;
        assert_eq!(again.counts.skipped, 2);
    }

    async fn a_stage_is_entered_and_moves_are_told(rig: Rig) {
        add(&rig, "Ada", "ada@example.com", "").await;
        let won = rig.list("Won").await;
        let file = "first_name,email\nAda,ada@example.com\nBob,bob@example.com\n";
        let plan = |mode| ImportPlan { list_id: Some(won.id), mode, ..ImportPlan::default() };
        // Filling takes nobody out of a stage.
        let fill = rig.import(file, plan(ImportMode::Fill)).await;
        assert_eq!((fill.counts.skipped, fill.counts.created), (1, 1));
        assert_eq!(rig.list("Won").await.contacts, 1);
        let import = rig.import(file, plan(ImportMode::Overwrite)).await;
        assert_eq!((import.counts.updated, import.counts.skipped), (1, 1));
        assert_eq!((rig.list("Won").await.contacts, rig.list("New").await.contacts), (2, 0));
        let sql = "SELECT CAST(content AS TEXT) FROM communication_logs ORDER BY timestamp DESC, id DESC LIMIT 1";
        let told: serde_json::Value = serde_json::from_str(&rig.db.texts(sql).await[0]).unwrap();
        assert_eq!((&told["old_list"], &told["new_list"]), (&"New".into(), &"Won".into()));
    }

    async fn custom_fields_are_checked_kept_and_filled(rig: Rig) {
        let owner = rig.scope.user_id().unwrap();
        let workspace = rig.scope.workspace_id();
        for (id, name, label, kind, required, default) in [
            ("d1", "plan", "Tariff", "text", false, "NULL"),
            ("d2", "age", "Age", "number", false, "NULL"),
            ("d3", "source", "Source", "text", true, "'import'"),
        ] {
            let sql = format!(
                "INSERT INTO custom_field_definitions (id, user_id, workspace_id, field_name, label, field_type, is_required, \
                 default_value, created_at) VALUES ('01900000-0000-7000-8000-0000000000{id}', '{owner}', '{workspace}', '{name}', \
                 '{label}', '{kind}', {required}, {default}, '2026-01-01T00:00:00.000Z')"
            );
            rig.db.raw().execute_unprepared(&sql).await.unwrap();
        }
        let import = rig.import_as("email,Tariff,age\na@example.com,Gold,030\nb@example.com,,old\n", ImportMode::Skip).await;
        assert_eq!((import.counts.created, import.counts.failed), (1, 1));
        let rows = rig.rows(import.id).await;
        assert_eq!(rows[&3].reason.as_deref(), Some("age: must be a number"));
        let sql = "SELECT field_name || '=' || field_value FROM custom_fields ORDER BY field_name";
        assert_eq!(rig.db.texts(sql).await, ["age=30", "plan=Gold", "source=import"]);
        let import = rig.import_as("email,plan,age\na@example.com,Silver,31\n", ImportMode::Fill).await;
        assert_eq!(import.counts.skipped, 1);
        let import = rig.import_as("email,plan,age\na@example.com,Silver,30\n", ImportMode::Overwrite).await;
        assert_eq!(import.counts.updated, 1);
        assert_eq!(rig.db.texts(sql).await, ["age=30", "plan=Silver", "source=import"]);
    }

    async fn a_contact_added_meanwhile_is_met_like_any_other(rig: Rig) {
        let file: String = (0..3000).fold("email\n".to_owned(), |file, no| format!("{file}p{no}@example.com\n"));
        let id = rig.planned(file, ImportPlan::default()).await;
        let adding = async {
            let mut added = 0_u64;
            for no in (0..3000).rev().step_by(100) {
                let new = NewContact { primary_email: Some(format!("p{no}@example.com")), ..NewContact::default() };
                match rig.contacts.create(&rig.scope, new).await {
                    Ok(_) => added += 1,
                    Err(ContactsError::DuplicateEmail { .. }) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            added
        };
        let (ran, added) = tokio::join!(rig.imports.run(rig.scope.workspace_id(), id), adding);
        ran.unwrap();
        let import = rig.get(id).await;
        assert_eq!((import.state, import.counts.created + added), (ImportState::Done, 3000));
        assert_eq!(import.counts.skipped, added);
        rig.assert_sound(&import).await;
    }
}
