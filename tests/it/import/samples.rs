//! The sample files say in their last column what each row is; every row ends accordingly.

use std::collections::HashSet;

use crm_contacts::import::{ImportPlan, ImportState, Imports};
use support::{both_databases, paths};

use super::rig::{Rig, made, mapping};

/// Imports a marked file and compares each row with its mark. Answers with how many rows there were.
async fn check(rig: &Rig, file: Vec<u8>) -> u64 {
    let import = rig.import(file.clone(), ImportPlan::default()).await;
    assert_eq!(import.state, ImportState::Done);
    assert_eq!(import.dialect.encoding, "UTF-8");
    rig.assert_sound(&import).await;
    let outcomes = rig.rows(import.id).await;

    let mut seen = HashSet::new();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file.as_slice());
    let mut rows = 0;
    for (no, record) in (2..).zip(reader.records()) {
        let record = record.unwrap();
        let mark = record.iter().next_back().unwrap().to_owned();
        let phone = record.get(3).unwrap_or_default().to_owned();
        let outcome = &outcomes[&no];
        rows += 1;
        // Two made-up people may have drawn the same number; the second one is not imported as if they were one.
        let number_taken = !phone.is_empty() && seen.contains(&phone);
        let (word, reason) = match mark.as_str() {
            "bad_no_at" | "bad_two_at" | "bad_space_in_email" | "bad_no_domain"
            | "bad_header_again" => ("failed", "not an e-mail address"),
            "bad_long_field" => ("failed", "longer than 200 characters"),
            "bad_control_char" => ("failed", "control characters"),
            "bad_too_few_columns" => ("failed", "too few columns"),
            "bad_too_many_columns" => ("failed", "too many columns"),
            "bad_blank_row" => ("skipped", "empty row"),
            "dup_exact" | "dup_email_case" | "dup_email_space" | "dup_same_email_other_name" => {
                ("skipped", "same e-mail address")
            }
            // No address of their own, and somebody's number: the same contact again.
            "bad_no_email" if number_taken => ("skipped", "same phone number"),
            "ok" | "dup_same_person_other_email" | "bad_html" | "bad_formula" | "bad_bad_date"
                if number_taken =>
            {
                ("failed", "another contact has this phone number")
            }
            "ok"
            | "dup_same_person_other_email"
            | "bad_html"
            | "bad_formula"
            | "bad_bad_date"
            | "bad_no_email" => ("created", ""),
            other => panic!("row {no}: unknown mark {other}"),
        };
        if word == "created" && !phone.is_empty() {
            seen.insert(phone);
        }
        let told = outcome.reason.clone().unwrap_or_default();
        assert_eq!(outcome.outcome, word, "row {no}, {mark}: {told}");
        assert!(told.contains(reason), "row {no}, {mark}: {told}");
        if word == "failed" {
            assert_eq!(
                outcome.raw.iter().map(String::as_str).collect::<Vec<_>>(),
                record.iter().collect::<Vec<_>>()
            );
        }
    }
    assert_eq!(import.counts.total, rows);
    rows
}

both_databases! {
    async fn every_row_of_the_first_sample_ends_as_marked(rig: Rig) {
        let file = std::fs::read(paths::fixture("contacts-sample.csv")).unwrap();
        assert_eq!(check(&rig, file).await, 300);
        let lines = rig.contacts().await;
        assert!(lines.iter().any(|line| line.starts_with("Çağla|Öztürk|caglaozturk.4@example.com|+90323352409|")));
        assert!(lines.iter().any(|line| line.starts_with("<script>alert(1)</script>|")));
    }

    async fn the_latin_1_sample_ends_as_its_manifest_says(rig: Rig) {
        let file = std::fs::read(paths::fixture("contacts-latin1.csv")).unwrap();
        let manifest = std::fs::read(paths::fixture("contacts-latin1.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        let of = |kind: &str| manifest["counts"][kind].as_u64().unwrap();
        let import = rig.import(file, ImportPlan::default()).await;
        rig.assert_sound(&import).await;
        assert_eq!((import.dialect.encoding.as_str(), import.dialect.delimiter), ("windows-1252", ';'));
        let counts = import.counts;
        assert_eq!(counts.total, manifest["rows"].as_u64().unwrap());
        assert_eq!(counts.created, of("ok"));
        assert_eq!(counts.failed, of("bad_too_few_columns") + of("bad_too_many_columns"));
        assert_eq!(counts.skipped, of("bad_blank_row") + of("dup_email_case"));
        let lines = rig.contacts().await;
        assert!(lines.iter().any(|line| line.starts_with("Matthias|Schäfer|")));
    }

    async fn every_kind_of_broken_and_repeated_row_ends_as_marked(rig: Rig) {
        let file = made(&["-n", "6000", "--malformed", "0.1", "--duplicates", "0.1", "--mark"]);
        assert_eq!(check(&rig, file).await, 6000);
    }

    async fn failed_rows_come_back_as_a_file_that_can_be_brought_again(rig: Rig) {
        let file = "first_name,email,phone,company\n\
            Ada,ada@@example.com,+43 664 1234567,=1+1\n\
            Bob,bob@example.com,,\n\
            \"Cy,cy@example.com,,\n\
            Dee,dee@example.com\n\
            Eve,eve@example.com,,x,extra\n";
        let first = rig.import(file, ImportPlan::default()).await;
        assert_eq!((first.counts.created, first.counts.failed), (1, 4));
        let errors = rig.imports.errors_csv(&rig.scope, first.id).await.unwrap().unwrap();
        let text = String::from_utf8(errors.clone()).unwrap();
        assert!(text.starts_with('\u{feff}'));
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[0], "first_name,email,phone,company,error");
        assert_eq!(lines[1], "Ada,ada@@example.com,'+43 664 1234567,'=1+1,email: not an e-mail address");
        assert!(lines[2].starts_with(",,,,a quotation mark"), "{}", lines[2]);

        // As it is, it fails again where it cannot be read, and nobody of the name of an error appears.
        let again = rig.import(errors, ImportPlan::default()).await;
        assert_eq!((again.counts.created, again.counts.failed), (1, 3), "{:?}", rig.rows(again.id).await);
        // Put right, it goes in, and what a spreadsheet was kept from running is what it was.
        let put_right = text.replace("ada@@", "ada@");
        rig.import(put_right, ImportPlan::default()).await;
        let lines = rig.contacts().await;
        assert!(lines.contains(&"Ada||ada@example.com|+436641234567|=1+1|-1".to_owned()), "{lines:?}");
        assert_eq!(lines.len(), 3);
    }

    async fn columns_go_where_the_mapping_says(rig: Rig) {
        let file = "a;b;c;d\nAda;Lovelace;ada@example.com;1250\n;;;7\nX;;;12,50\n";
        let plan = ImportPlan {
            mapping: Some(mapping(&[
                ("a", "company"),
                ("c", "primary_email"),
                ("d", "value_minor"),
                ("b", ""),
            ])),
            ..ImportPlan::default()
        };
        let import = rig.import(file, plan).await;
        assert_eq!(rig.contacts().await, ["||ada@example.com||Ada|1250"]);
        let rows = rig.rows(import.id).await;
        assert_eq!(rows[&3].reason.as_deref(), Some("no name, company, e-mail address or phone number"));
        assert!(rows[&4].reason.as_deref().unwrap().starts_with("d: not a whole number"));
        assert_eq!(import.mapping.len(), 3);
    }
}
