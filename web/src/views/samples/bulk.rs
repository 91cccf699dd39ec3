//! Many contacts at once: actions, duplicates, merges, the trash.

use super::super::bulk::{BulkPage, BulkRunPage};
use super::super::common::{Choice, FormErrors, Pager};
use super::super::merge::{DuplicatesPage, MergeField, MergePage, MergeSide, Pair};
use super::super::shell::{Section, Shell};
use super::super::trash::{DeletedRow, TrashPage};

pub(in super::super) fn asked() -> Vec<BulkPage> {
    let page = |action: &str| BulkPage {
        shell: super::shell(Section::Contacts, "Change contacts"),
        action: action.to_owned(),
        ids: vec![super::id(301), super::id(302)],
        count: 2,
        names: vec!["Aylin Yıldız".to_owned(), "Олена Ковальчук".to_owned()],
        lists: vec![Choice::new(super::id(1), "Won", false)],
        fields: vec![Choice::new("company", "Company", true)],
        back: "/contacts?q=a".to_owned(),
        ..BulkPage::default()
    };
    let everybody = BulkPage {
        ids: Vec::new(),
        token: Some("v1:abc".to_owned()),
        count: 412,
        filter: "q=bakery".to_owned(),
        errors: FormErrors::none().with("to_list", "Choose one of the lists."),
        ..page("move")
    };
    let merged = BulkPage {
        keep: vec![
            Choice::new(super::id(301), "Aylin Yıldız", true).with_hint("aylin@example.org"),
            Choice::new(super::id(302), "A. Yildiz", false),
        ],
        ..page("merge")
    };
    let moved = BulkPage {
        errors: FormErrors::general("413 contacts match now, not 412; look at them again."),
        ..page("delete")
    };
    vec![page("tag"), page("untag"), page("set"), everybody, merged, moved, page("")]
}

pub(in super::super) fn run() -> Vec<BulkRunPage> {
    let page = |state: &str| BulkRunPage {
        shell: super::shell(Section::Contacts, "Move to Won"),
        id: super::id(1),
        what: "Move to Won".to_owned(),
        state: state.to_owned(),
        total: 412,
        done: 200,
        changed: 190,
        back: "/contacts".to_owned(),
        ..BulkRunPage::default()
    };
    vec![
        page("queued"),
        page("running"),
        BulkRunPage { done: 412, undoable: true, ..page("done") },
        BulkRunPage { error: Some("there is no such list".to_owned()), ..page("failed") },
        page("undoing"),
        BulkRunPage { undone: 189, ..page("undone") },
    ]
}

fn side(number: usize, name: &str) -> MergeSide {
    MergeSide {
        id: super::id(number),
        name: name.to_owned(),
        email: "aylin@firin-yildiz.example".to_owned(),
        company: "Fırın Yıldız".to_owned(),
        created_on: "2026-05-12T09:00:00.000Z".to_owned(),
        version: 3,
    }
}

pub(in super::super) fn duplicates() -> Vec<DuplicatesPage> {
    let shell = || super::shell(Section::Contacts, "Duplicates");
    let pair = Pair {
        first: side(301, "Aylin Yıldız"),
        second: MergeSide {
            email: String::new(),
            company: String::new(),
            ..side(302, "A. Yildiz")
        },
        reasons: vec!["Same name".to_owned(), "Same phone but for the country".to_owned()],
    };
    vec![
        DuplicatesPage {
            shell: shell(),
            pairs: vec![pair],
            total: 140,
            looked_at: Some("2026-11-20T08:00:00.000Z".to_owned()),
            is_looking: true,
            may_write: true,
        },
        DuplicatesPage {
            shell: shell(),
            looked_at: Some("2026-11-20T08:00:00.000Z".to_owned()),
            ..DuplicatesPage::default()
        },
        DuplicatesPage {
            shell: Shell { refresh_seconds: Some(2), ..shell() },
            ..DuplicatesPage::default()
        },
    ]
}

pub(in super::super) fn merge() -> Vec<MergePage> {
    let field = |name: &str, label: &str, source: &str, target: &str| MergeField {
        name: format!("choice.{name}"),
        label: label.to_owned(),
        source: source.to_owned(),
        target: target.to_owned(),
        prefers_source: target.is_empty(),
        ..MergeField::default()
    };
    let full = MergePage {
        shell: super::shell(Section::Contacts, "Merge Aylin Yıldız"),
        source: side(302, "A. Yildiz"),
        target: side(301, "Aylin Yıldız"),
        fields: vec![
            field("first_name", "First name", "A.", "Aylin"),
            field("primary_email", "Email", "yildiz@post.example", "aylin@firin-yildiz.example"),
            field("company", "Company", "Yildiz Backwaren", ""),
            MergeField {
                source_minor: Some(120_000),
                ..field("value_minor", "Value", "120000", "")
            },
        ],
        equal: 5,
        tags: vec!["bakery".to_owned(), "Graz".to_owned()],
        source_entries: 3,
        target_entries: 31,
        problem: None,
    };
    let stale = MergePage {
        problem: Some(
            "One of the contacts was changed by somebody else in the meantime.".to_owned(),
        ),
        fields: Vec::new(),
        tags: Vec::new(),
        ..full.clone()
    };
    vec![full, stale]
}

pub(in super::super) fn trash() -> Vec<TrashPage> {
    let shell = || super::shell(Section::Contacts, "Trash");
    let row = |number: usize, by: Option<&str>| DeletedRow {
        id: super::id(number),
        name: "Aylin Yıldız".to_owned(),
        by: by.map(str::to_owned),
        deleted_at: "2026-10-30T09:00:00.000Z".to_owned(),
        days_left: 26,
    };
    vec![
        TrashPage {
            shell: shell(),
            rows: vec![row(1, Some("Andy Kern")), row(2, None)],
            pager: Pager { total_exact: true, ..super::pager(2, 2) },
            may_write: true,
        },
        TrashPage { shell: shell(), ..TrashPage::default() },
    ]
}
