//! States of pages worth looking at: empty, full, wrong, long, in many scripts. Only tests and people who change the
//! templates see them.

pub(super) mod account;
pub(super) mod ai;
pub(super) mod api_docs;
pub(super) mod audit;
pub(super) mod backups;
pub(super) mod bulk;
pub(super) mod campaign_report;
pub(super) mod campaigns;
pub(super) mod contacts;
pub(super) mod dashboard;
pub(super) mod door;
pub(super) mod fields;
pub(super) mod imports;
pub(super) mod inbox;
pub(super) mod incoming;
pub(super) mod insights;
pub(super) mod keys;
pub(super) mod lists;
pub(super) mod mailbox;
pub(super) mod pipeline;
pub(super) mod practice;
pub(super) mod reset;
pub(super) mod segments;
pub(super) mod sending;
pub(super) mod settings;
pub(super) mod suppressions;
pub(super) mod tasks;
pub(super) mod team;
pub(super) mod templates;

use super::common::{Pager, Stage, Tag};
use super::contacts::{ContactRow, NextStep};
use super::shell::{Flash, NavCounts, Section, Shell, Theme, WorkspaceLink};

/// The moment all samples are seen at.
const NOW: &str = "2026-11-03T13:06:31.000Z";

/// A frame with everything in it.
fn shell(section: Section, title: &str) -> Shell {
    Shell {
        title: title.to_owned(),
        section,
        workspace_name: "Kornfeld Flour & Grain".to_owned(),
        workspaces: vec![
            WorkspaceLink {
                id: id(11),
                name: "Kornfeld Flour & Grain".to_owned(),
                is_current: true,
            },
            WorkspaceLink { id: id(12), name: "Tins & Tools".to_owned(), is_current: false },
        ],
        member_count: 2,
        currency: "EUR".to_owned(),
        time_zone: "Europe/Vienna".to_owned(),
        user_name: "Andy Kern".to_owned(),
        user_id: "019a0000-0000-7000-8000-000000000001".to_owned(),
        user_role: "Owner".to_owned(),
        reads_audit: true,
        is_admin: true,
        csrf_token: "sample".to_owned(),
        flash: None,
        theme: Theme::Auto,
        counts: NavCounts { contacts: Some(1_240), inbox: Some(3), practice: Some(370) },
        now: NOW.to_owned(),
        version: "0.1.0".to_owned(),
        path: "/".to_owned(),
        refresh_seconds: None,
    }
}

/// The frame of a workspace just made, with a message.
fn new_shell(section: Section, title: &str) -> Shell {
    Shell {
        member_count: 1,
        counts: NavCounts::default(),
        flash: Some(Flash::ok("The workspace is ready.")),
        ..shell(section, title)
    }
}

fn id(number: usize) -> String {
    format!("019a0000-0000-7000-8000-{number:012}")
}

/// The stages of the sample pipeline.
fn stage(position: usize) -> Stage {
    let (name, color) = match position {
        1 => ("Lead", 6),
        2 => ("Contacted", 7),
        3 => ("Sample sent", 3),
        4 => ("Quote", 2),
        5 => ("First order", 5),
        _ => ("Regular", 4),
    };
    Stage::new(id(100 + position), name, color, position, 6)
}

fn tag(name: &str, color: u8) -> Tag {
    Tag { id: id(200 + usize::from(color)), name: name.to_owned(), color }
}

/// People whose names try the layout: long, short, right to left, without spaces.
fn people() -> Vec<ContactRow> {
    [
        ("Hannes Gruber", "Bäckerei Gruber, Linz", "hannes@baeckerei-gruber.example", 6),
        ("Олена Ковальчук", "Хлібна крамниця, Львів", "olena@khlib.example", 4),
        ("Maëlle Lefèvre", "Le Fournil de Maëlle", "maelle@fournil.example", 3),
        ("Θεοδώρα Παπαδοπούλου", "Φούρνος Αθηνά", "theodora@fournos-athina.example", 4),
        ("田中 美咲", "Tanaka Pan, Wien", "misaki@tanaka-pan.example", 3),
        ("Seán Ó Ríordáin", "Crumb & Co, Cork", "sean@crumb.example", 5),
        ("Aylin Yıldız", "Fırın Yıldız, Graz", "aylin@firin-yildiz.example", 4),
        ("ليلى حداد", "مخبز الشام", "", 6),
        ("Łukasz Wiśniewski", "", "lukasz@piekarnia.example", 0),
        (
            "Maximiliane-Theresia Hohenthanner-Schwarzenberger",
            "Vereinigte Mühlenwerke und Getreidehandelsgesellschaft Unteres Mühlviertel",
            "maximiliane.hohenthanner-schwarzenberger@muehlenwerke-muehlviertel.example",
            1,
        ),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, (name, company, email, at))| ContactRow {
        id: id(300 + number),
        name: name.to_owned(),
        company: company.to_owned(),
        email: email.to_owned(),
        phone: if number % 3 == 0 { "+43 732 555 0190".to_owned() } else { String::new() },
        stage: (at > 0).then(|| stage(at)),
        tags: if number % 2 == 0 { vec![tag("bakery", 2)] } else { Vec::new() },
        value_minor: (number % 4 != 3).then_some(115_000),
        created_on: format!("2026-11-0{}T0{number}:10:00.000Z", if number < 5 { 3 } else { 1 }),
        updated_at: NOW.to_owned(),
        stage_since: (at > 0).then(|| NOW.to_owned()),
        owner: (number % 2 == 1).then(|| "Andy Kern".to_owned()),
        owner_id: id(1),
        custom: [("oven".to_owned(), "deck".to_owned())].into(),
        next: (number % 3 != 1).then(|| NextStep {
            title: "Call about the winter rye, and ask who mills for them now".to_owned(),
            due_at: (number % 2 == 0).then(|| format!("2026-11-0{}T08:00:00.000Z", number % 5 + 1)),
            overdue: number % 2 == 0 && number % 5 < 2,
        }),
    })
    .collect()
}

fn pager(shown: u64, total: u64) -> Pager {
    Pager {
        shown,
        total,
        total_exact: true,
        first_url: Some("?".to_owned()),
        prev_url: Some("?before=a".to_owned()),
        next_url: Some("?after=b".to_owned()),
    }
}
