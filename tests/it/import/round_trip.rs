//! What was exported is imported without loss.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crm_contacts::contacts::{ContactQuery, ContactSort, Contacts, CustomValue, NewContact};
use crm_contacts::export::{self, Format};
use crm_contacts::fields::{FieldType, Fields, NewField, SeaFields};
use crm_contacts::import::{ImportMode, ImportPlan};
use crm_contacts::lists::{Lists, NewList};
use support::{PerBackend, both_databases};

use super::rig::{Rig, made};

/// Made-up contacts beside the awkward ones; `PI_CRM_ROUND_TRIP=100000` tries more.
fn rows() -> u64 {
    let asked = std::env::var("PI_CRM_ROUND_TRIP").ok();
    asked.map_or(2_000, |rows| rows.parse().expect("PI_CRM_ROUND_TRIP is a number of rows"))
}

/// Texts that something between here and there might change.
pub(super) const AWKWARD: [&str; 22] = [
    "=1+1",
    "'=1+1",
    "''=1+1",
    "+43",
    "-",
    "@cme",
    "'",
    "'Quoted'",
    "O'Brien",
    "\u{200b}x",
    "x\u{feff}",
    "'\u{200b}",
    "a,b;c|d",
    "\"",
    "\"\"a\"",
    "007",
    "1e5",
    "ＡＢ＝",
    "＝1",
    "日本",
    "NULL",
    "a  b",
];

pub(super) async fn fields(rig: &Rig) {
    let fields = SeaFields::new(rig.ctx.clone());
    for (name, kind, options) in [
        ("notes", FieldType::Text, &[][..]),
        ("no_tes", FieldType::Text, &[]),
        ("score", FieldType::Number, &[]),
        ("birthday", FieldType::Date, &[]),
        ("consent", FieldType::Boolean, &[]),
        ("plan", FieldType::Select, &["Basic", "-Pro", "a;b"]),
        ("site", FieldType::Url, &[]),
    ] {
        let new = NewField {
            name: Some(name.to_owned()),
            label: name.to_owned(),
            field_type: kind,
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            is_required: false,
            default_value: None,
            is_global: false,
        };
        fields.create(&rig.scope, new).await.unwrap();
    }
}

/// Contacts whose every text is awkward, in tags with awkward names.
pub(super) async fn awkward(rig: &Rig) {
    let mut tags = Vec::new();
    for name in AWKWARD {
        let new = NewList { name: name.to_owned(), ..NewList::default() };
        tags.push(rig.lists.create(&rig.scope, new).await.unwrap().id);
    }
    let won = rig.list("Won").await.id;
    for (number, text) in AWKWARD.iter().enumerate() {
        let at = |shift: usize| AWKWARD[(number + shift) % AWKWARD.len()].to_owned();
        let text_of = |text: String| CustomValue::Text(text);
        let new = NewContact {
            first_name: at(0),
            last_name: at(1),
            company: at(2),
            primary_email: Some(format!("+{number}'=x@example.org")),
            owner_id: rig.scope.user_id().filter(|_| number % 2 == 0),
            value_minor: Some(if number % 3 == 0 { -5 } else { i64::MAX - 1 }),
            custom: BTreeMap::from([
                ("notes".to_owned(), text_of(format!("{text}\n\n second line\t\"x\"\n={text}"))),
                ("no_tes".to_owned(), text_of(at(3))),
                (
                    "score".to_owned(),
                    CustomValue::Number(-0.1 * f64::from(u32::try_from(number).unwrap())),
                ),
                ("birthday".to_owned(), text_of("1999-12-31".to_owned())),
                ("consent".to_owned(), CustomValue::Boolean(number % 2 == 1)),
                ("plan".to_owned(), text_of(["Basic", "-Pro", "a;b"][number % 3].to_owned())),
                ("site".to_owned(), text_of("https://example.org/?a=b,c;d".to_owned())),
            ]),
            list_ids: [tags[number], tags[(number + 5) % tags.len()]]
                .into_iter()
                .chain((number % 2 == 0).then_some(won))
                .collect(),
            primary_phone: None,
        };
        rig.contacts.create(&rig.scope, new).await.unwrap();
    }
}

/// Everything people put into contacts, in no order that depends on ids.
pub(super) async fn state(rig: &Rig) -> Vec<String> {
    let mut lines = Vec::new();
    for sql in [
        "SELECT coalesce(c.primary_email, '') || '|' || coalesce(c.primary_phone, '') || '|' || c.first_name || '|' || \
            c.last_name || '|' || c.company || '|' || coalesce(CAST(c.value_minor AS text), '') || '|' || \
            coalesce(u.email, '') FROM base_contacts c LEFT JOIN users u ON u.id = c.owner_id",
        "SELECT coalesce(c.primary_email, c.primary_phone, c.first_name) || '|' || l.name || '|' || \
            CASE WHEN l.is_primary THEN 'stage' ELSE 'tag' END FROM base_contacts c \
            JOIN contact_list_assignments a ON a.contact_id = c.id JOIN contact_lists l ON l.id = a.list_id",
        "SELECT coalesce(c.primary_email, c.primary_phone, c.first_name) || '|' || f.field_name || '|' || \
            f.field_value || '|' || f.field_type FROM base_contacts c JOIN custom_fields f ON f.contact_id = c.id",
    ] {
        let mut found = rig.db.texts(sql).await;
        found.sort();
        lines.extend(found);
    }
    lines
}

pub(super) async fn exported(rig: &Rig, format: Format) -> Vec<u8> {
    let query = ContactQuery { sort: ContactSort::OldestFirst, ..ContactQuery::default() };
    let (export, mut stretch) =
        export::begin(&rig.ctx, &rig.scope, query, &[], format).await.unwrap();
    let mut file = Vec::new();
    let mut contacts = 0;
    loop {
        file.extend_from_slice(&stretch.bytes);
        contacts += stretch.contacts;
        let Some(next) = stretch.next else { break };
        stretch = export.go_on(next).await.unwrap();
    }
    assert_eq!(contacts, export.count);
    file
}

/// The file without its last column, the time contacts were made.
fn without_times(file: &[u8]) -> String {
    let mut text = String::new();
    for record in csv::ReaderBuilder::new().has_headers(false).from_reader(file).into_records() {
        let record = record.unwrap();
        let cells: Vec<&str> = record.iter().take(record.len() - 1).collect();
        writeln!(text, "{cells:?}").unwrap();
    }
    text
}

both_databases! {
    async fn export_and_import_lose_nothing(rig: Rig) {
        let rows = rows();
        fields(&rig).await;
        awkward(&rig).await;
        let noise = made(&["-n", &rows.to_string(), "--clean", "-s", "9"]);
        let plan = || ImportPlan { mode: ImportMode::Fill, ..ImportPlan::default() };
        let import = rig.import(noise, plan()).await;
        assert_eq!(import.counts.created + import.counts.failed, rows);
        assert!(import.counts.created > rows - rows / 100, "{:?}", import.counts);
        let file = exported(&rig, Format::Csv).await;

        let other = Rig::fresh(rig.db.backend()).await;
        fields(&other).await;
        let again = other.import(file.clone(), plan()).await;
        let failed: Vec<_> = other.rows(again.id).await.into_values().filter(|row| row.outcome != "created").collect();
        assert!(failed.is_empty(), "{failed:?}");
        assert_eq!(again.counts.created, import.counts.created + u64::try_from(AWKWARD.len()).unwrap());
        assert_eq!(state(&other).await, state(&rig).await);
        // The second export is the first one, but for the times.
        let second = exported(&other, Format::Csv).await;
        assert_eq!(without_times(&second), without_times(&file));

        // Where it came from, the file says nothing new, whatever may be done with it.
        for mode in [ImportMode::Fill, ImportMode::Overwrite] {
            let back = rig.import(file.clone(), ImportPlan { mode, ..ImportPlan::default() }).await;
            assert_eq!(back.counts.skipped, again.counts.created, "{:?}", back.counts);
        }
        // Nor after a program has written it anew with the line ends of Windows.
        let windows = String::from_utf8(file).unwrap().replace('\n', "\r\n");
        let back = rig.import(windows, ImportPlan { mode: ImportMode::Overwrite, ..ImportPlan::default() }).await;
        assert_eq!(back.counts.skipped, again.counts.created, "{:?}", back.counts);
    }
}
