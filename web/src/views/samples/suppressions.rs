//! Addresses that must not be written to.

use super::super::common::{Choice, FormErrors, Pager};
use super::super::shell::Section;
use super::super::suppressions::{
    ImportSuppressionsPage, ListProblem, NewSuppressionPage, SuppressionPage, SuppressionReport,
    SuppressionRow, SuppressionsPage,
};

fn rows() -> Vec<SuppressionRow> {
    let reasons = ["unsubscribed", "bounced", "complained", "manual"];
    let mut rows: Vec<SuppressionRow> = super::people()
        .into_iter()
        .zip(reasons.iter().cycle())
        .map(|(person, reason)| SuppressionRow {
            id: person.id,
            channel: if person.email.is_empty() { "text" } else { "email" }.to_owned(),
            address: Some(if person.email.is_empty() {
                "+43732555190".to_owned()
            } else {
                person.email
            }),
            reason: (*reason).to_owned(),
            since: "2026-11-03T06:00:00.000Z".to_owned(),
        })
        .collect();
    if let Some(row) = rows.get_mut(1) {
        row.address = None;
    }
    rows
}

fn channels() -> Vec<Choice> {
    vec![Choice::new("email", "E-mail", true), Choice::new("text", "Text message", false)]
}

fn reasons() -> Vec<Choice> {
    vec![Choice::new("manual", "Blocked by hand", true), Choice::new("bounced", "Bounced", false)]
}

pub(in super::super) fn index() -> Vec<SuppressionsPage> {
    let full = SuppressionsPage {
        shell: super::shell(Section::Suppressions, "Suppressions"),
        rows: rows(),
        pager: super::pager(10, 212),
        q: String::new(),
        channels: channels(),
        reasons: reasons(),
        filtered: false,
        export_url: "/api/suppressions/export.csv".to_owned(),
        may_write: true,
    };
    let nothing = |filtered| SuppressionsPage {
        rows: Vec::new(),
        pager: Pager::default(),
        q: if filtered { "zanzibar".to_owned() } else { String::new() },
        filtered,
        ..full.clone()
    };
    let reader = SuppressionsPage { may_write: false, ..full.clone() };
    vec![full.clone(), reader, nothing(true), nothing(false)]
}

pub(in super::super) fn new() -> Vec<NewSuppressionPage> {
    let page = NewSuppressionPage {
        shell: super::shell(Section::Suppressions, "Suppress an address"),
        channels: channels(),
        address: String::new(),
        reasons: reasons(),
        errors: FormErrors::none(),
    };
    let wrong = NewSuppressionPage {
        address: "hannes at baeckerei".to_owned(),
        errors: FormErrors::none().with("address", "This is not an e-mail address."),
        ..page.clone()
    };
    vec![page, wrong]
}

pub(in super::super) fn show() -> Vec<SuppressionPage> {
    let page = |row: SuppressionRow| SuppressionPage {
        shell: super::shell(Section::Suppressions, "Suppressed address"),
        needs_because: row.address.is_none() || row.reason != "bounced",
        row,
        may_write: true,
        ..SuppressionPage::default()
    };
    let mut pages: Vec<SuppressionPage> = rows().into_iter().take(3).map(page).collect();
    let wrong = pages.first().cloned().map(|page| SuppressionPage {
        errors: FormErrors::none().with("because", "Say why this person may be written to again."),
        ..page
    });
    let reader = pages.first().cloned().map(|page| SuppressionPage { may_write: false, ..page });
    pages.extend(wrong.into_iter().chain(reader));
    pages
}

pub(in super::super) fn import() -> Vec<ImportSuppressionsPage> {
    let page = ImportSuppressionsPage {
        shell: super::shell(Section::Suppressions, "Import suppressed addresses"),
        channels: channels(),
        reasons: reasons(),
        ..ImportSuppressionsPage::default()
    };
    let report = SuppressionReport {
        lines: 412,
        added: 370,
        known: 31,
        repeated: 9,
        invalid: 2,
        problems: vec![
            ListProblem {
                line: 7,
                text: "hannes at baeckerei".to_owned(),
                problem: "this is not an e-mail address".to_owned(),
            },
            ListProblem { line: 88, text: String::new(), problem: "has no address".to_owned() },
        ],
    };
    let checked = ImportSuppressionsPage {
        text: "hannes@baeckerei-gruber.example\nhannes at baeckerei\n".to_owned(),
        report: Some(report.clone()),
        ..page.clone()
    };
    let large = ImportSuppressionsPage {
        report: Some(SuppressionReport { invalid: 0, problems: Vec::new(), ..report }),
        choose_again: true,
        ..page.clone()
    };
    let wrong = ImportSuppressionsPage {
        errors: FormErrors::none().with("file", "Choose a file or paste some addresses."),
        ..page.clone()
    };
    vec![page, checked, large, wrong]
}
