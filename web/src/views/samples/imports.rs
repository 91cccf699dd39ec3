//! An import in each of its steps.

use super::super::campaign::percent;
use super::super::common::{Choice, FormErrors};
use super::super::imports::{
    ImportCheckPage, ImportCounts, ImportHead, ImportMapPage, ImportProblem, ImportProgress,
    ImportRow, ImportRunPage, ImportUndo, ImportsPage, KeptContact, MapColumn, TargetGroup,
};
use super::super::shell::{Section, Shell};

const COUNTS: ImportCounts =
    ImportCounts { total: 1_240, created: 1_040, updated: 180, skipped: 12, failed: 8 };

fn shell() -> Shell {
    super::shell(Section::Import, "Import")
}

fn head() -> ImportHead {
    ImportHead {
        id: super::id(1),
        file_name: "fair-wels-2026.csv".to_owned(),
        rows: Some(1_240),
        delimiter: "semicolon".to_owned(),
        encoding: "Windows-1252".to_owned(),
    }
}

fn problems() -> Vec<ImportProblem> {
    [
        (17, "Anežka Dvořáková · anezka@@pekarna.example", "Two @ signs in the e-mail"),
        (203, "Stavros Nikolaïdis · 0463 12", "The phone number is too short for Austria"),
        (988, "Юлія Гнатюк · office@muehle.example", "Same e-mail as line 412"),
    ]
    .into_iter()
    .map(|(row, content, reason)| ImportProblem {
        row,
        content: content.to_owned(),
        reason: reason.to_owned(),
    })
    .collect()
}

pub(in super::super) fn index() -> Vec<ImportsPage> {
    let history = ["running", "uploaded", "done", "failed", "cancelled", "queued"]
        .into_iter()
        .map(|state| ImportRow {
            file_name: "fair-wels-2026.csv".to_owned(),
            state: state.to_owned(),
            url: "/import/1".to_owned(),
            created_at: "2026-11-02T09:00:00.000Z".to_owned(),
            counts: COUNTS,
        })
        .collect();
    vec![
        ImportsPage { shell: shell(), history, errors: FormErrors::none(), max_megabytes: 100 },
        ImportsPage {
            shell: shell(),
            history: Vec::new(),
            errors: FormErrors::none().with(
                "file",
                "This is not a CSV file: it has no line with separated columns. Nothing was stored.",
            ),
            max_megabytes: 100,
        },
    ]
}

pub(in super::super) fn map() -> Vec<ImportMapPage> {
    let targets = |chosen: &str| {
        let choices = ["first_name", "last_name", "primary_email", "primary_phone", "company"]
            .into_iter()
            .map(|name| Choice::new(name, name.replace('_', " "), name == chosen))
            .collect();
        vec![
            TargetGroup { label: "Contact".to_owned(), choices },
            TargetGroup {
                label: "Custom fields".to_owned(),
                choices: vec![Choice::new("custom.oven", "Oven type", false)],
            },
        ]
    };
    let columns = [
        ("Vorname", "first_name", vec!["Hannes", "Олена", "Maëlle"]),
        ("E-Mail", "primary_email", vec!["hannes@baeckerei-gruber.example", "olena@khlib.example"]),
        ("Notizen", "", Vec::new()),
        ("", "", vec!["x"]),
    ]
    .into_iter()
    .enumerate()
    .map(|(index, (header, target, samples))| MapColumn {
        index,
        header: header.to_owned(),
        samples: samples.into_iter().map(str::to_owned).collect(),
        targets: targets(target),
        suggested: !target.is_empty(),
    })
    .collect::<Vec<_>>();
    vec![
        ImportMapPage {
            shell: shell(),
            import: head(),
            columns: columns.clone(),
            errors: FormErrors::none(),
        },
        ImportMapPage {
            shell: shell(),
            import: head(),
            columns,
            errors: FormErrors::none()
                .with("column.0", "Two columns cannot go to the same field.")
                .with("column.1", "Two columns cannot go to the same field."),
        },
    ]
}

pub(in super::super) fn check() -> Vec<ImportCheckPage> {
    let lists = vec![Choice::new(super::id(2), "bakery", false)];
    vec![
        ImportCheckPage {
            shell: shell(),
            import: head(),
            checking: false,
            looked_at: 1_240,
            counts: COUNTS,
            mode: "fill".to_owned(),
            lists,
            problems: problems(),
            errors: FormErrors::none(),
        },
        ImportCheckPage {
            shell: Shell { refresh_seconds: Some(2), ..shell() },
            import: ImportHead { rows: None, ..head() },
            checking: true,
            looked_at: 512,
            mode: "skip".to_owned(),
            ..ImportCheckPage::default()
        },
        ImportCheckPage {
            shell: shell(),
            import: head(),
            counts: ImportCounts { total: 8, failed: 8, ..ImportCounts::default() },
            mode: "skip".to_owned(),
            problems: problems(),
            errors: FormErrors::general("No row of this file can be imported."),
            ..ImportCheckPage::default()
        },
    ]
}

fn undo(state: &str) -> ImportUndo {
    ImportUndo {
        state: state.to_owned(),
        removed: 1_038,
        restored: 179,
        kept: 2,
        gone: 1,
        contacts: vec![KeptContact {
            url: "/contacts/1".to_owned(),
            name: "Maëlle <b>Le Goff</b>".to_owned(),
            reason: "was changed since the import".to_owned(),
        }],
    }
}

pub(in super::super) fn run() -> Vec<ImportRunPage> {
    let plain = ["queued", "running", "done", "failed", "cancelled"].map(|state| (state, None));
    let undone = ["undoing", "undone"].map(|state| ("done", Some(undo(state))));
    plain
        .into_iter()
        .chain(undone)
        .map(|(state, undo)| {
            let over = !matches!(state, "queued" | "running");
            let done = if over { 1_240 } else { 512 };
            ImportRunPage {
                shell: Shell { refresh_seconds: (!over).then_some(5), ..shell() },
                import: head(),
                progress: ImportProgress {
                    id: super::id(1),
                    state: state.to_owned(),
                    counts: COUNTS,
                    done,
                    percent: percent(done, 1_240),
                    seconds: over.then_some(1.84),
                    error: (state == "failed").then(|| "The disk is full.".to_owned()),
                },
                problems: if over { problems() } else { Vec::new() },
                undo,
            }
        })
        .collect()
}
