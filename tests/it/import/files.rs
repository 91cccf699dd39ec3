//! What is no CSV is refused in words, and what is one shows what it holds.

use crm_contacts::import::{ImportError, ImportPlan, Imports, MAX_FILE_BYTES};
use support::both_databases;

use super::rig::{Rig, mapping};

async fn refusal(rig: &Rig, bytes: &[u8]) -> String {
    match rig.imports.upload(&rig.scope, "x.csv", bytes.to_vec()).await {
        Err(ImportError::NotCsv(words)) => words,
        other => panic!("{other:?}"),
    }
}

both_databases! {
    async fn what_is_no_csv_is_refused_and_leaves_nothing(rig: Rig) {
        for (bytes, words) in [
            (&b""[..], "empty"),
            (b"first_name,email\n", "no rows"),
            (b"\x89PNG\r\n\x1a\n\0\0", "image"),
            (b"PK\x03\x04\x14\0", "Excel"),
            (b"{\"contacts\": [1, 2]}\n", "JSON"),
            (b"<!DOCTYPE html>\n<p>a,b</p>\n", "web page"),
            (b"a,b\n1,\0\n", "binary"),
            (b"just a line\nand another\n", "no columns"),
            (b"Ada,ada@example.com\nBob,bob@example.com\n", "first row"),
        ] {
            let told = refusal(&rig, bytes).await;
            assert!(told.contains(words), "{words}: {told}");
        }
        let large = vec![b'a'; usize::try_from(MAX_FILE_BYTES).unwrap() + 1];
        let refused = rig.imports.upload(&rig.scope, "x.csv", large).await;
        assert!(matches!(refused, Err(ImportError::TooLarge(MAX_FILE_BYTES))));
        assert_eq!(rig.db.count("SELECT count(*) FROM imports").await, 0);
        let left = std::fs::read_dir(rig.dir.path().join("imports")).map_or(0, Iterator::count);
        assert_eq!(left, 0);
    }

    async fn a_preview_shows_columns_samples_and_suggestions(rig: Rig) {
        let file = b"Vorname;Nachname;E-Mail;Telefon;Notiz\r\nJ\xf6rg;M\xfcller;j@example.com;;x\r\nAnna;;;0664 1234567;\r\n";
        let import = rig.imports.upload(&rig.scope, "C:\\kontakte.csv", file.to_vec()).await.unwrap();
        assert_eq!(import.file_name, "kontakte.csv");
        let preview = rig.imports.preview(&rig.scope, import.id).await.unwrap().unwrap();
        assert_eq!((preview.dialect.encoding.as_str(), preview.dialect.delimiter), ("windows-1252", ';'));
        let columns: Vec<_> = preview
            .columns
            .iter()
            .map(|column| (column.header.as_str(), column.samples.join("+"), column.suggested.as_deref()))
            .collect();
        assert_eq!(columns, [
            ("Vorname", "Jörg+Anna".to_owned(), Some("first_name")),
            ("Nachname", "Müller".to_owned(), Some("last_name")),
            ("E-Mail", "j@example.com".to_owned(), Some("primary_email")),
            ("Telefon", "0664 1234567".to_owned(), Some("primary_phone")),
            ("Notiz", "x".to_owned(), None),
        ]);
        assert_eq!(preview.rows.len(), 2);

        rig.imports.plan(&rig.scope, import.id, ImportPlan::default()).await.unwrap();
        rig.imports.run(rig.scope.workspace_id(), import.id).await.unwrap();
        assert_eq!(rig.contacts().await, ["Anna|||+436641234567||-1", "Jörg|Müller|j@example.com|||-1"]);
    }

    async fn a_plan_is_checked_before_anything_happens(rig: Rig) {
        let file = "name,email\nAda,ada@example.com\n";
        let id = rig.imports.upload(&rig.scope, "x.csv", file.into()).await.unwrap().id;
        let plan = async |pairs: &[(&str, &str)]| {
            let plan = ImportPlan { mapping: Some(mapping(pairs)), ..ImportPlan::default() };
            rig.imports.plan(&rig.scope, id, plan).await
        };
        assert!(matches!(plan(&[("nope", "company")]).await, Err(ImportError::UnknownHeader(_))));
        assert!(matches!(plan(&[("name", "version")]).await, Err(ImportError::UnknownTarget(_))));
        assert!(matches!(plan(&[("name", "custom.x")]).await, Err(ImportError::UnknownTarget(_))));
        let twice = [("name", "company"), ("email", "company")];
        assert!(matches!(plan(&twice).await, Err(ImportError::DuplicateTarget(_))));
        assert!(matches!(plan(&[("name", "value_minor")]).await, Err(ImportError::NothingMapped)));
        let elsewhere = rig.ctx.id(crm_core::ListId::from_uuid);
        let into = ImportPlan { list_id: Some(elsewhere), ..ImportPlan::default() };
        assert!(matches!(rig.imports.plan(&rig.scope, id, into).await, Err(ImportError::UnknownList)));
        assert_eq!(rig.get(id).await.state, crm_contacts::import::ImportState::Uploaded);
        assert_eq!(rig.db.count("SELECT count(*) FROM outbox").await, 0);
    }

    async fn a_damaged_character_fails_its_row_only(rig: Rig) {
        let mut file = "first_name,email\n".to_owned().into_bytes();
        for no in 0..30 {
            file.extend(format!("Zoë,zoe.{no}@example.com\n").bytes());
        }
        file.extend(b"Jos\xe9,jose@example.com\n");
        let import = rig.import(file, ImportPlan::default()).await;
        assert_eq!((import.counts.created, import.counts.failed), (30, 1));
        assert!(rig.contacts().await.iter().all(|line| line.starts_with("Zoë|")));
    }
}
