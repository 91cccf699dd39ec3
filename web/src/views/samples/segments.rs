//! Saved segments and the builder.

use super::super::common::{Choice, FormErrors};
use super::super::segments::{
    Builder, BuilderGroup, BuilderRow, SegmentPage, SegmentRow, SegmentsPage,
};
use super::super::shell::Section;
use super::shell;

fn row(id: &str, name: &str, count: Option<u64>) -> SegmentRow {
    SegmentRow {
        id: id.to_owned(),
        name: name.to_owned(),
        says: "Company contains “<b>bakery</b>” and Stage or tag is VIP".to_owned(),
        count,
        created_by: count.map(|_| "Andy".to_owned()),
        updated_at: "2026-11-03T09:00:00.000Z".to_owned(),
    }
}

pub(in super::super) fn pages() -> Vec<SegmentsPage> {
    let empty = SegmentsPage {
        shell: shell(Section::Segments, "Segments"),
        may_write: true,
        ..SegmentsPage::default()
    };
    let rows = vec![
        row("1", "Bakers", Some(1_240)),
        row("2", "<i>VIP</i>", Some(1)),
        row("3", "Gone", None),
    ];
    let full = SegmentsPage { rows, ..empty.clone() };
    let reader = SegmentsPage { may_write: false, ..full.clone() };
    let nobody = SegmentsPage { may_write: false, ..empty.clone() };
    vec![empty, full, reader, nobody]
}

fn condition(key: &str, input: &str, error: Option<&str>) -> BuilderRow {
    BuilderRow {
        key: key.to_owned(),
        subjects: vec![
            Choice::new("field:company", "Company", true),
            Choice::new("list", "Stage or tag", false),
        ],
        operators: vec![Choice::new("contains", "contains", true)],
        input: input.to_owned(),
        choices: vec![Choice::new("1", "New", true)],
        value: "\"bakery\"".to_owned(),
        unit: if input == "number" { "days".to_owned() } else { String::new() },
        placeholder: String::new(),
        error: error.map(str::to_owned),
    }
}

pub(in super::super) fn one() -> Vec<SegmentPage> {
    let builder = Builder {
        groups: vec![
            BuilderGroup {
                number: 0,
                any: false,
                rows: vec![
                    condition("0.0", "text", None),
                    condition("0.1", "select", None),
                    condition("0.2", "none", None),
                ],
            },
            BuilderGroup {
                number: 1,
                any: true,
                rows: vec![condition("1.0", "number", Some("Enter a number of days, like 30."))],
            },
        ],
        count: Some(412),
        of: 1_240,
        sample: vec!["Ada Lovelace".to_owned(), "日本 <b>".to_owned()],
        problem: None,
        incomplete: 1,
    };
    let new = SegmentPage {
        shell: shell(Section::Segments, "New segment"),
        builder: Some(builder.clone()),
        may_write: true,
        ..SegmentPage::default()
    };
    let broken = Builder {
        count: None,
        problem: Some("Unknown list.".to_owned()),
        incomplete: 0,
        sample: Vec::new(),
        groups: vec![BuilderGroup::default()],
        ..builder
    };
    let known = SegmentPage {
        id: Some("1".to_owned()),
        version: 3,
        name: "Bakers".to_owned(),
        ..new.clone()
    };
    let stale = SegmentPage {
        theirs: Some(row("1", "Bakers of today", Some(3))),
        errors: FormErrors::general("It was changed meanwhile."),
        ..known.clone()
    };
    let wrong = SegmentPage {
        builder: Some(broken),
        errors: FormErrors::none().with("name", "A segment with this name already exists."),
        ..known.clone()
    };
    let deep = SegmentPage {
        builder: None,
        json: "{\n  \"not\": {\"all\": []}\n}".to_owned(),
        count: Some(7),
        ..known.clone()
    };
    let reader = SegmentPage { may_write: false, ..known.clone() };
    vec![new, known, stale, wrong, deep, reader]
}
