//! Columns that name a stage, tags and an owner.

use crm_contacts::import::{ImportMode, ImportPlan, Imports};
use support::both_databases;

use super::rig::Rig;

const FILE: &str = "first_name,email,stage,tags,owner\n\
    Ada,ada@example.org,won,VIP; press,ADA@example.com\n\
    Bob,bob@example.org,,\"VIP, C:\\\\dir\",\n\
    Cy,cy@example.org,Nowhere,VIP,\n\
    Di,di@example.org,,Won,\n\
    Eve,eve@example.org,,,nobody@example.com\n";

/// Contacts with their lists, owner's presence and stage, in order of names.
async fn lists(rig: &Rig) -> Vec<String> {
    let sql = "SELECT c.first_name || ' ' || l.name FROM base_contacts c \
        JOIN contact_list_assignments a ON a.contact_id = c.id JOIN contact_lists l ON l.id = a.list_id";
    let mut lines = rig.db.texts(sql).await;
    lines.sort();
    lines
}

async fn moves(rig: &Rig) -> Vec<String> {
    let sql = "SELECT CAST(content AS text) FROM communication_logs WHERE type = 'stage_change' ORDER BY id";
    let told = rig.db.texts(sql).await;
    let values = told.iter().map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap());
    values
        .map(|told| format!("{}>{}", told["old_list"], told["new_list"]).replace('"', ""))
        .collect()
}

both_databases! {
    async fn rows_name_stage_tags_and_owner(rig: Rig) {
        let tried = rig.import(FILE, ImportPlan { dry_run: true, ..ImportPlan::default() }).await;
        assert_eq!(rig.db.count("SELECT count(*) FROM contact_lists WHERE name IN ('VIP', 'press')").await, 0);
        let import = rig.import_as(FILE, ImportMode::Skip).await;
        assert_eq!(tried.counts, import.counts);
        rig.assert_sound(&import).await;
        let rows = rig.rows(import.id).await;
        let told: Vec<_> = rows.values().map(|row| (row.outcome.as_str(), row.reason.as_deref().unwrap_or_default())).collect();
        assert_eq!(told, [
            ("created", ""),
            ("created", ""),
            ("failed", "stage: there is no stage named Nowhere"),
            ("failed", "tags: Won is a stage and not a tag"),
            ("failed", "owner: nobody in this workspace has this e-mail address"),
        ]);
        assert_eq!(lists(&rig).await, ["Ada VIP", "Ada Won", "Ada press", "Bob C:\\dir", "Bob New", "Bob VIP"]);
        let owned = "SELECT first_name FROM base_contacts WHERE owner_id IS NOT NULL";
        assert_eq!(rig.db.texts(owned).await, ["Ada"]);
        assert_eq!(moves(&rig).await, ["null>Won", "null>New"]);
        // Tags that were made are tags like others, and who made them is known.
        let vip = rig.list("VIP").await;
        assert_eq!((vip.is_primary, vip.contacts), (false, 2));
        let places: Vec<i64> = rig.db.texts("SELECT CAST(position AS text) FROM contact_lists WHERE NOT is_primary").await
            .iter().map(|place| place.parse().unwrap()).collect();
        assert_eq!(places.iter().copied().collect::<std::collections::BTreeSet<_>>().len(), places.len());
        let made = "SELECT count(*) FROM audit_logs WHERE action = 'list.created' AND user_id IS NOT NULL";
        assert_eq!(rig.db.count(made).await, 3);
    }

    async fn filling_adds_tags_and_moves_nobody(rig: Rig) {
        rig.import_as(FILE, ImportMode::Skip).await;
        let file = "email,stage,tags,owner\nada@example.org,New,May,\nbob@example.org,Won,VIP,ada@example.com\n";
        let skipped = rig.import_as(file, ImportMode::Skip).await;
        assert_eq!(skipped.counts.skipped, 2);
        let import = rig.import_as(file, ImportMode::Fill).await;
        assert_eq!((import.counts.updated, import.counts.skipped), (2, 0));
        assert_eq!(lists(&rig).await, ["Ada May", "Ada VIP", "Ada Won", "Ada press", "Bob C:\\dir", "Bob New", "Bob VIP"]);
        assert_eq!(rig.db.count("SELECT count(*) FROM base_contacts WHERE owner_id IS NOT NULL").await, 2);
        assert_eq!(rig.import_as(file, ImportMode::Fill).await.counts.skipped, 2);
    }

    async fn overwriting_moves_and_names_all_tags(rig: Rig) {
        rig.import_as(FILE, ImportMode::Skip).await;
        let file = "email,stage,tags\nada@example.org,New,press; May\nbob@example.org,Won,\n";
        let tried = rig.import(file, ImportPlan { mode: ImportMode::Overwrite, dry_run: true, ..ImportPlan::default() }).await;
        let import = rig.import_as(file, ImportMode::Overwrite).await;
        assert_eq!((import.counts.updated, tried.counts), (2, import.counts));
        rig.assert_sound(&import).await;
        // Ada's are replaced; Bob's cell says nothing, so he keeps his.
        assert_eq!(lists(&rig).await, ["Ada May", "Ada New", "Ada press", "Bob C:\\dir", "Bob VIP", "Bob Won"]);
        assert_eq!(moves(&rig).await, ["null>Won", "null>New", "Won>New", "New>Won"]);
        let again = rig.import_as(file, ImportMode::Overwrite).await;
        assert_eq!(again.counts.skipped, 2);
    }

    async fn a_row_knows_better_than_the_import(rig: Rig) {
        let won = rig.list("Won").await.id;
        let file = "email,stage,tags\nada@example.org,New,\nbob@example.org,,\n";
        let import = rig.import(file, ImportPlan { list_id: Some(won), ..ImportPlan::default() }).await;
        assert_eq!(import.counts.created, 2);
        let staged = "SELECT c.primary_email || ' ' || l.name FROM base_contacts c \
            JOIN contact_list_assignments a ON a.contact_id = c.id JOIN contact_lists l ON l.id = a.list_id ORDER BY 1";
        assert_eq!(rig.db.texts(staged).await, ["ada@example.org New", "bob@example.org Won"]);
        assert!(rig.imports.preview(&rig.scope, import.id).await.unwrap().unwrap().columns.iter().all(|c| c.suggested.is_some()));
    }
}
