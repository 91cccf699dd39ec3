//! A hundred thousand rows.

use crm_contacts::import::{ImportPlan, ImportState};
use support::both_databases;

use super::rig::{Rig, made};

const ROWS: u64 = 100_000;

both_databases! {
    async fn a_hundred_thousand_rows_end_as_made(rig: Rig) {
        let dir = tempfile::tempdir().unwrap();
        let manifest = dir.path().join("manifest.json");
        let file = made(&[
            "-n", &ROWS.to_string(), "--malformed", "0.02", "--mark", "--manifest", manifest.to_str().unwrap(),
        ]);
        let manifest: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
        let of = |kinds: &[&str]| -> u64 {
            kinds.iter().map(|kind| manifest["counts"][kind].as_u64().unwrap_or(0)).sum()
        };
        let import = rig.import(file, ImportPlan::default()).await;
        assert_eq!((import.state, import.counts.total), (ImportState::Done, ROWS));
        rig.assert_sound(&import).await;

        // Rows with an address of their own but somebody's phone number fail, and say so; no others differ.
        let taken = "SELECT count(*) FROM import_rows WHERE reason = 'another contact has this phone number'";
        let taken = u64::try_from(rig.db.count(taken).await).unwrap();
        let same_phone = "SELECT count(*) FROM import_rows WHERE reason LIKE '%phone number' AND outcome = 'skipped'";
        let same_phone = u64::try_from(rig.db.count(same_phone).await).unwrap();
        let fine = ["ok", "dup_same_person_other_email", "bad_no_email", "bad_bad_date", "bad_formula", "bad_html"];
        let repeated = ["dup_exact", "dup_email_case", "dup_email_space", "dup_same_email_other_name"];
        let broken = [
            "bad_no_at", "bad_two_at", "bad_space_in_email", "bad_no_domain", "bad_long_field", "bad_control_char",
            "bad_too_few_columns", "bad_too_many_columns", "bad_header_again",
        ];
        assert_eq!(import.counts.created, of(&fine) - taken - same_phone);
        assert_eq!(import.counts.skipped, of(&repeated) + of(&["bad_blank_row"]) + same_phone);
        assert_eq!(import.counts.failed, of(&broken) + taken);
        assert!(taken < of(&["dup_same_person_other_email"]) + 50);
        let searched = if rig.ctx.db.is_sqlite() {
            "SELECT count(*) FROM contact_search_docs"
        } else {
            "SELECT count(*) FROM base_contacts WHERE search_text <> ''"
        };
        assert_eq!(u64::try_from(rig.db.count(searched).await).unwrap(), import.counts.created);
    }
}
