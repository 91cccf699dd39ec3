//! vCards as programs write them, whole, broken and many.

use std::fmt::Write as _;
use std::time::Duration;

use crm_contacts::export::Format;
use crm_contacts::fields::{FieldType, Fields, NewField, SeaFields};
use crm_contacts::import::{
    FileFormat, ImportError, ImportMode, ImportPlan, ImportState, Imports, UndoState,
};
use support::{PerBackend, both_databases, wait};

use super::rig::{Rig, made, mapping};
use super::round_trip::{AWKWARD, awkward, exported, fields, state};

/// As Apple's Contacts writes them.
const APPLE: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Apple Inc.//macOS 14.4//EN\r\nN:Lovelace;Ada;King;Countess;\r\n\
    FN:Countess Ada King Lovelace\r\nORG:Analytical Engines\\, Ltd.;Programs\r\nTITLE:Programmer\r\n\
    item1.EMAIL;type=INTERNET;type=HOME:ada@home.example.org\r\nEMAIL;type=INTERNET;type=WORK;type=pref:Ada@Example.org\r\n\
    item1.X-ABLabel:_$!<Other>!$_\r\nTEL;type=CELL;type=VOICE;type=pref:+43 664 1000001\r\n\
    item2.ADR;type=HOME;type=pref:;;12 St James's Square\\nLeft wing;London;;SW1Y;United Kingdom\r\nitem2.X-ABADR:gb\r\n\
    BDAY;value=date:1815-12-10\r\nNOTE:First line\\nsecond\\, line\r\nPHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQ\r\n \
    gHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0a\r\n HBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/\r\nEND:VCARD\r\n\
    BEGIN:VCARD\r\nVERSION:3.0\r\nN:;;;;\r\nFN:Cylinders Inc\r\nORG:Cylinders Inc;\r\nX-ABShowAs:COMPANY\r\n\
    TEL;type=WORK;type=pref:+43 1 1000002\r\nEND:VCARD\r\n";

/// As Google Contacts writes them.
const GOOGLE: &str = "BEGIN:VCARD\nVERSION:3.0\nFN:Zoë Müller-Großmann\nN:Müller-Großmann;Zoë;;;\n\
    EMAIL;TYPE=INTERNET:zoe@example.org\nTEL;TYPE=CELL:0664 1000003\nitem1.URL:https\\://zoe.example.org\n\
    CATEGORIES:myContacts,Fair 2026\nX-PHONETIC-FIRST-NAME:Tso-eh\nEND:VCARD\n";

/// As Outlook writes them, in version 2.1 and with the letters of Western Europe.
const OUTLOOK: &[u8] = b"BEGIN:VCARD\r\nVERSION:2.1\r\nX-MS-OL-DEFAULT-POSTAL-ADDRESS:2\r\nN;LANGUAGE=de;CHARSET=Windows-1252:Gr\xfcn;J\xf6rg\r\n\
    FN;CHARSET=Windows-1252:J\xf6rg Gr\xfcn\r\nORG:Gr\xfcn & S\xf6hne\r\nNOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=Windows-1252:Gr=FC=DFe=0D=0A=\r\n\
    aus Wien\r\nTEL;WORK;FAX:+43 1 1000004\r\nTEL;CELL;VOICE:0664/1000005\r\nLABEL;WORK;PREF;ENCODING=QUOTED-PRINTABLE:1 Ring=0D=0A=\r\n\
    1010 Wien\r\nX-MS-CARDPICTURE;TYPE=JPEG;ENCODING=BASE64:\r\n /9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQY\r\n GBcUFhYaHSUfGhsjHBYWICwgIyYn\r\n\r\n\
    EMAIL;PREF;INTERNET:joerg@example.org\r\nREV:20261127T101500Z\r\nEND:VCARD\r\n";

async fn tags(rig: &Rig) -> Vec<String> {
    let sql = "SELECT c.first_name || ' ' || l.name FROM base_contacts c \
        JOIN contact_list_assignments a ON a.contact_id = c.id JOIN contact_lists l ON l.id = a.list_id \
        WHERE NOT l.is_primary";
    let mut lines = rig.db.texts(sql).await;
    lines.sort();
    lines
}

async fn field(rig: &Rig, label: &str, field_type: FieldType) {
    let new = NewField {
        name: None,
        label: label.to_owned(),
        field_type,
        options: Vec::new(),
        is_required: false,
        default_value: None,
        is_global: false,
    };
    SeaFields::new(rig.ctx.clone()).create(&rig.scope, new).await.unwrap();
}

/// Many cards; those whose number ends in 7 have a picture, and every hundredth has no address that is one.
fn crowd(cards: u32) -> String {
    let picture = format!("{}\r\n", "A".repeat(74)).repeat(400).replace("\r\n", "\r\n ");
    (0..cards).fold(String::new(), |mut file, no| {
        let photo = if no % 10 == 7 {
            format!("PHOTO;ENCODING=b;TYPE=JPEG:{picture}\r\n")
        } else {
            String::new()
        };
        let at = if no % 100 == 3 { "" } else { "@example.org" };
        write!(
            file,
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Person No{no}\r\nEMAIL:p{no}{at}\r\n{photo}CATEGORIES:Tag {}\r\nEND:VCARD\r\n",
            no % 7
        )
        .unwrap();
        file
    })
}

both_databases! {
    async fn cards_of_apple_google_and_outlook_become_contacts(rig: Rig) {
        field(&rig, "Birthday", FieldType::Date).await;
        field(&rig, "Job title", FieldType::Text).await;
        field(&rig, "About", FieldType::Text).await;
        field(&rig, "Website", FieldType::Url).await;
        let mut file = [APPLE, GOOGLE].concat().into_bytes();
        file.extend_from_slice(OUTLOOK);
        let import = rig.imports.upload(&rig.scope, "contacts.vcf", file.clone()).await.unwrap();
        assert_eq!(import.dialect.format, FileFormat::VCard);
        let preview = rig.imports.preview(&rig.scope, import.id).await.unwrap().unwrap();
        let columns: Vec<_> = preview
            .columns
            .iter()
            .map(|column| (column.header.as_str(), column.samples[0].as_str(), column.suggested.as_deref().unwrap_or("-")))
            .collect();
        assert_eq!(columns, [
            ("First name", "Ada", "first_name"),
            ("Middle name", "King", "-"),
            ("Last name", "Lovelace", "last_name"),
            ("Name prefix", "Countess", "-"),
            ("Email", "Ada@Example.org", "primary_email"),
            ("Other emails", "ada@home.example.org", "-"),
            ("Phone", "+43 664 1000001", "primary_phone"),
            ("Other phones", "+43 1 1000004", "-"),
            ("Company", "Analytical Engines, Ltd.", "company"),
            ("Department", "Programs", "-"),
            ("Job title", "Programmer", "custom.job_title"),
            ("Street", "12 St James's Square\nLeft wing", "-"),
            ("City", "London", "-"),
            ("Postal code", "SW1Y", "-"),
            ("Country", "United Kingdom", "-"),
            ("Website", "https://zoe.example.org", "custom.website"),
            ("Birthday", "1815-12-10", "custom.birthday"),
            ("Tags", "myContacts; Fair 2026", "tags"),
            ("Notes", "First line\nsecond, line", "-"),
            ("X-PHONETIC-FIRST-NAME", "Tso-eh", "-"),
            ("X-MS-OL-DEFAULT-POSTAL-ADDRESS", "2", "-"),
            ("LABEL", "1 Ring\r\n1010 Wien", "-"),
        ]);

        let mut pairs: Vec<(&str, &str)> = columns.iter().map(|column| (column.0, column.2)).filter(|pair| pair.1 != "-").collect();
        pairs.push(("Notes", "custom.about"));
        let plan = ImportPlan { mapping: Some(mapping(&pairs)), ..ImportPlan::default() };
        let tried = rig.import(file.clone(), ImportPlan { dry_run: true, ..plan.clone() }).await;
        assert_eq!(rig.contacts().await, Vec::<String>::new());
        let import = rig.import(file.clone(), plan).await;
        assert_eq!((import.counts.created, import.counts, import.state), (4, tried.counts, ImportState::Done));
        rig.assert_sound(&import).await;
        assert_eq!(rig.contacts().await, [
            "Ada|Lovelace|ada@example.org|+436641000001|Analytical Engines, Ltd.|-1",
            "Jörg|Grün|joerg@example.org|+436641000005|Grün & Söhne|-1",
            "Zoë|Müller-Großmann|zoe@example.org|+436641000003||-1",
            "||||Cylinders Inc|-1".replace("||||", "|||+4311000002|").as_str(),
        ]);
        assert_eq!(tags(&rig).await, ["Zoë Fair 2026", "Zoë myContacts"]);
        let mut values = rig.db.texts("SELECT field_name || '=' || field_value FROM custom_fields").await;
        values.sort();
        assert_eq!(values, [
            "about=First line\nsecond, line",
            "about=Grüße\naus Wien",
            "birthday=1815-12-10",
            "job_title=Programmer",
            "website=https://zoe.example.org",
        ]);
        assert_eq!(rig.rows(import.id).await.into_keys().collect::<Vec<_>>(), [1, 2, 3, 4]);
        let again = rig.import(file, ImportPlan { mode: ImportMode::Overwrite, ..ImportPlan::default() }).await;
        assert_eq!(again.counts.skipped, 4, "the mapping is remembered and says nothing new");
    }

    async fn what_was_exported_as_cards_is_imported_without_loss(rig: Rig) {
        fields(&rig).await;
        awkward(&rig).await;
        let plan = |mode| ImportPlan { mode, ..ImportPlan::default() };
        let noise = rig.import(made(&["-n", "400", "--clean", "-s", "5"]), plan(ImportMode::Fill)).await;
        let contacts = noise.counts.created + u64::try_from(AWKWARD.len()).unwrap();
        for format in [Format::VCard4, Format::VCard3] {
            let file = exported(&rig, format).await;
            let text = std::str::from_utf8(&file).unwrap();
            assert!(text.lines().all(|line| line.len() <= 75), "folded");
            assert_eq!(u64::try_from(text.matches("BEGIN:VCARD\r\n").count()).unwrap(), contacts);
            let other = Rig::fresh(rig.db.backend()).await;
            fields(&other).await;
            let import = other.import(file.clone(), plan(ImportMode::Fill)).await;
            let failed: Vec<_> = other.rows(import.id).await.into_values().filter(|row| row.outcome != "created").collect();
            assert!(failed.is_empty(), "{failed:?}");
            assert_eq!(import.counts.created, contacts);
            assert_eq!(state(&other).await, state(&rig).await);
            for mode in [ImportMode::Fill, ImportMode::Overwrite] {
                let back = rig.import(file.clone(), plan(mode)).await;
                assert_eq!(back.counts.skipped, contacts, "{:?}", back.counts);
            }
        }
    }

    async fn broken_cards_fail_with_a_reason_and_come_back_in_the_errors_file(rig: Rig) {
        let huge = "A".repeat(3 * 1024 * 1024);
        let file = format!(
            "BEGIN:VCARD\nFN:Ada Lovelace\nEMAIL:ada@example.org\nPHOTO;ENCODING=b:{huge}\nEND:VCARD\n\
            BEGIN:VCARD\nFN:Bob\nEMAIL:bob@example.org\n\
            BEGIN:VCARD\nFN:=Cy\nEMAIL:cy@@example.org\nEND:VCARD\nno card\n\
            BEGIN:VCARD\nFN:Di\nNOTE:{huge}\nEND:VCARD\nBEGIN:VCARD\nFN:Eve\nthis is nothing\nEND:VCARD\n\
            BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:Friends\nMEMBER:urn:uuid:1\nEND:VCARD\n\
            BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\nBEGIN:VCARD\nFN:Flo\nEMAIL:flo@example.org\nEND:VCARD\n",
        );
        let import = rig.import(file, ImportPlan::default()).await;
        rig.assert_sound(&import).await;
        let told: Vec<_> = rig.rows(import.id).await.into_values().map(|row| (row.outcome, row.reason.unwrap_or_default())).collect();
        let told: Vec<_> = told.iter().map(|(outcome, reason)| (outcome.as_str(), reason.as_str())).collect();
        assert_eq!(told, [
            ("created", ""),
            ("failed", "the card is not ended: END:VCARD is missing"),
            ("failed", "Email: not an e-mail address"),
            ("failed", "this text is in no card: BEGIN:VCARD is missing"),
            ("failed", "the card is longer than 1 MiB, pictures not counted"),
            ("failed", "a line of the card is no property: it has no colon"),
            ("skipped", "the card is a group of contacts and no contact"),
            ("skipped", "empty row"),
            ("created", ""),
        ]);
        // What has columns can be put right there; what has none stays a text of its own.
        let errors = rig.imports.errors_csv(&rig.scope, import.id).await.unwrap().unwrap();
        let errors = String::from_utf8(errors).unwrap();
        assert!(errors.starts_with("\u{feff}First name,Last name,Email,error\n"), "{errors}");
        assert!(errors.contains("\n'=Cy,,cy@@example.org,Email: not an e-mail address\n"), "{errors}");
        assert!(errors.contains("END:VCARD is missing,\"BEGIN:VCARD\nFN:Bob\n"), "{errors}");
        let again = rig.import(errors.replace("@@", "@"), ImportPlan::default()).await;
        assert_eq!((again.counts.created, again.counts.failed), (1, 4), "{:?}", rig.rows(again.id).await);
        assert!(rig.contacts().await.contains(&"=Cy||cy@example.org|||-1".to_owned()));
    }

    async fn five_thousand_cards_are_read_killed_gone_on_with_and_undone(rig: Rig) {
        let file = crowd(5_000);
        let plan = || ImportPlan { mode: ImportMode::Fill, ..ImportPlan::default() };
        let id = rig.planned(file.clone(), plan()).await;
        let killed = rig.restarted();
        let some_done = wait::until("some cards to be done", Duration::from_secs(30), async || {
            let total = rig.get(id).await.counts.total;
            (total > 0).then_some(total)
        });
        tokio::select! {
            biased;
            total = some_done => assert!(total < 5_000),
            ended = killed.run(rig.scope.workspace_id(), id) => panic!("it ended too early: {ended:?}"),
        }
        drop(killed);
        rig.restarted().run(rig.scope.workspace_id(), id).await.unwrap();
        let import = rig.get(id).await;
        assert_eq!((import.state, import.counts.total), (ImportState::Done, 5_000));
        assert_eq!((import.counts.created, import.counts.failed), (4_950, 50));
        rig.assert_sound(&import).await;
        assert_eq!(rig.rows(id).await.into_keys().collect::<Vec<_>>(), (1..=5_000).collect::<Vec<_>>());
        assert!(rig.contacts().await.contains(&"Person|No4999|p4999@example.org|||-1".to_owned()));
        let again = rig.import(file, plan()).await;
        assert_eq!((again.counts.skipped, again.counts.failed), (4_950, 50));

        rig.imports.undo(&rig.scope, id).await.unwrap().unwrap();
        rig.imports.run(rig.scope.workspace_id(), id).await.unwrap();
        let undo = rig.get(id).await.undo.unwrap();
        assert_eq!((undo.state, undo.removed), (UndoState::Undone, 4_950));
        assert_eq!(rig.contacts().await, Vec::<String>::new());
    }

    async fn a_file_is_judged_by_what_is_in_it_and_by_its_name_where_that_says_cards(rig: Rig) {
        for (name, file, words) in [
            ("x.vcf", &b"BEGIN:VCARD\nFN:A\n"[..], "END:VCARD is missing"),
            ("x.VCF", b"name,email\nAda,ada@example.org\n", "no vCard"),
            ("x.csv", b"BEGIN:VCARD\nFN:\0\nEND:VCARD\n", "binary"),
            ("x.vcard", b"\r\n", "empty"),
            ("x.csv", b"begin:vcard\nKIND:group\nEND:VCARD\n", "group"),
        ] {
            match rig.imports.upload(&rig.scope, name, file.to_vec()).await {
                Err(ImportError::NotCsv(told)) => assert!(told.contains(words), "{words}: {told}"),
                other => panic!("{name}: {other:?}"),
            }
        }
        // Text before the first card costs nothing but itself, where the name says what comes.
        let file = "Exported today\n\nBEGIN:VCARD\nFN:Ada Lovelace\nEND:VCARD\n";
        let import = rig.imports.upload(&rig.scope, "x.vcf", file.into()).await.unwrap();
        assert_eq!(import.dialect.columns, ["First name", "Last name"]);
        let wide: Vec<u8> = "\u{feff}BEGIN:VCARD\r\nFN:Zoë\r\nEND:VCARD\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let import = rig.import(wide, ImportPlan::default()).await;
        assert_eq!((import.dialect.encoding.as_str(), import.counts.created), ("UTF-16LE", 1));
        assert_eq!(rig.contacts().await, ["Zoë|||||-1"]);
        // Cards that say nothing have nothing to map.
        let nothing = rig.imports.upload(&rig.scope, "x.vcf", b"BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n".to_vec()).await.unwrap();
        let refused = rig.imports.plan(&rig.scope, nothing.id, ImportPlan::default()).await;
        assert!(matches!(refused, Err(ImportError::NothingMapped)));
    }
}
