//! Templates and their preview.

use super::super::common::{Choice, FormErrors, Link, Pager};
use super::super::shell::Section;
use super::super::templates::{
    BlockForm, BlockList, StarterCard, TemplateCheck, TemplateForm, TemplateFormPage,
    TemplatePreview, TemplateRow, TemplateStartersPage, TemplateVersionPage, TemplateVersionsPage,
    TemplatesPage, Variable, VariableMissing, VersionChange, VersionLine, VersionRow,
};

fn cards() -> Vec<StarterCard> {
    let card = |key: &str, name: &str, channel: &str| StarterCard {
        key: key.to_owned(),
        name: name.to_owned(),
        about: "Says who you are and asks one question.".to_owned(),
        channel: channel.to_owned(),
    };
    vec![
        card("first-contact", "First contact", "email"),
        card("text-reminder", "Text: reminder", "text"),
    ]
}

pub(in super::super) fn starters() -> Vec<TemplateStartersPage> {
    let shell = super::shell(Section::Templates, "New template");
    vec![TemplateStartersPage { shell, starters: cards() }]
}

fn version_row(number: i64) -> VersionRow {
    VersionRow {
        version: number,
        name: "Winter rye".to_owned(),
        by: if number == 1 { String::new() } else { "Monalisa Rossi".to_owned() },
        at: "2026-11-03T09:00:00.000Z".to_owned(),
        restored_from: (number == 3).then_some(1),
        drafted_with: if number == 2 { "llama-3.2-3b" } else { "" }.to_owned(),
        is_current: number == 3,
    }
}

pub(in super::super) fn versions() -> Vec<TemplateVersionsPage> {
    vec![TemplateVersionsPage {
        shell: super::shell(Section::Templates, "Versions of Winter rye"),
        id: super::id(1),
        name: "Winter rye".to_owned(),
        current: 3,
        rows: [3, 2, 1].into_iter().map(version_row).collect(),
        pager: Pager { shown: 3, total: 3, total_exact: true, ..Pager::default() },
        may_write: true,
    }]
}

pub(in super::super) fn version() -> Vec<TemplateVersionPage> {
    let line =
        |change: &str, text: &str| VersionLine { change: change.to_owned(), text: text.to_owned() };
    let page = TemplateVersionPage {
        shell: super::shell(Section::Templates, "Version 2"),
        id: super::id(1),
        name: "Winter rye".to_owned(),
        row: version_row(2),
        against: 1,
        others: vec![
            Choice::new("3", "Version 3 (now)", false),
            Choice::new("1", "Version 1", true),
        ],
        changes: vec![VersionChange {
            label: "Message".to_owned(),
            lines: vec![
                line("same", "<p>Dear {{ contact.first_name }},</p>"),
                line("removed", "<p>the rye is late.</p>"),
                line("added", "<p>the rye is here.</p>"),
                line("added", ""),
            ],
        }],
        may_restore: true,
    };
    let only = TemplateVersionPage {
        row: VersionRow { is_current: true, ..version_row(1) },
        others: Vec::new(),
        changes: Vec::new(),
        may_restore: false,
        ..page.clone()
    };
    vec![page, only]
}

fn blocks() -> BlockList {
    let block = |number: usize, kind: &str, title: &str| BlockForm {
        number,
        kind: kind.to_owned(),
        title: title.to_owned(),
        gist: "The new rye is here".to_owned(),
        is_first: number == 0,
        is_last: number >= 7,
        text: "The **new rye** is here".to_owned(),
        label: "Reserve".to_owned(),
        url: "https://example.com".to_owned(),
        height: "24".to_owned(),
        ..BlockForm::default()
    };
    BlockList {
        blocks: vec![
            BlockForm { is_open: true, ..block(0, "heading", "Heading") },
            BlockForm {
                is_open: true,
                error: "The text is missing.".to_owned(),
                ..block(1, "text", "Text")
            },
            BlockForm { is_open: true, ..block(2, "button", "Button") },
            BlockForm { is_open: true, ..block(3, "image", "Image") },
            block(4, "columns", "Columns"),
            block(5, "divider", "Divider"),
            block(6, "spacer", "Spacer"),
            block(7, "signature", "Signature"),
            block(8, "unsubscribe", "Unsubscribe"),
        ],
        removed: "{}".to_owned(),
        removed_title: "Text".to_owned(),
        may_write: true,
    }
}

fn check() -> TemplateCheck {
    let variable = |name: &str, missing: u64, is_needed: bool| VariableMissing {
        name: name.to_owned(),
        missing,
        is_needed,
    };
    TemplateCheck {
        channel: "email".to_owned(),
        audience: 412,
        variables: vec![
            variable("contact.first_name", 31, true),
            variable("contact.company", 9, false),
            variable("contact.primary_email", 0, true),
        ],
        kilobytes: 38,
        text_length: 412,
        subject_length: 61,
        ..TemplateCheck::default()
    }
}

pub(in super::super) fn index() -> Vec<TemplatesPage> {
    let row = |name: &str, subject: &str, channel: &str| TemplateRow {
        id: super::id(1),
        name: name.to_owned(),
        subject: subject.to_owned(),
        channel: channel.to_owned(),
        updated_at: "2026-11-03T09:00:00.000Z".to_owned(),
        campaigns: 2,
    };
    vec![
        TemplatesPage {
            shell: super::shell(Section::Templates, "Templates"),
            rows: vec![
                row(
                    "Winter rye",
                    "Winter rye is in, {{ contact.first_name | default(\"friend of good flour\") }}",
                    "email",
                ),
                row("Reminder", "Your sample arrives tomorrow", "text"),
            ],
            starters: cards(),
            may_write: true,
        },
        TemplatesPage {
            shell: super::new_shell(Section::Templates, "Templates"),
            rows: Vec::new(),
            starters: cards(),
            may_write: true,
        },
    ]
}

pub(in super::super) fn form() -> Vec<TemplateFormPage> {
    let variables = [
        ("contact.first_name | default(\"there\")", "First name"),
        ("contact.company", "Company"),
        ("contact.custom.plan", "A custom field"),
        ("workspace.name", "Name of this workspace"),
        ("workspace.postal_address", "Its postal address"),
        ("unsubscribe_url", "Link to unsubscribe"),
    ]
    .into_iter()
    .map(|(expression, meaning)| Variable {
        expression: expression.to_owned(),
        meaning: meaning.to_owned(),
    })
    .collect::<Vec<_>>();
    let stored = TemplateForm {
        mode: "source".to_owned(),
        format: "mjml".to_owned(),
        blocks: BlockList::default(),
        name: "Winter rye".to_owned(),
        subject: "Winter rye is in, {{ contact.first_name | default(\"friend of good flour\") }}".to_owned(),
        preheader: "First pallets from 16 November".to_owned(),
        body_html: "<p>Dear {{ contact.first_name | default(\"friend of good flour\") }},</p>\n\n<p>the winter rye from the Weinviertel is in the silo.</p>\n".to_owned(),
        body_text: String::new(),
        drafted_with: String::new(),
        signature: "<p>Monalisa Rossi<br>Kornfeld Flour &amp; Grain</p>".to_owned(),
    };
    let named = stored.clone();
    let unknown = TemplateForm {
        subject: "Hello {{ contact.frist_name }}".to_owned(),
        body_text: "Hello".to_owned(),
        ..stored.clone()
    };
    vec![
        TemplateFormPage {
            shell: super::shell(Section::Templates, "Winter rye"),
            id: Some(super::id(1)),
            form: stored,
            variables: variables.clone(),
            preview_as: vec![
                Choice::new(super::id(2), "Hannes Gruber", true),
                Choice::new(super::id(3), "Θεοδώρα Παπαδοπούλου", false),
            ],
            audiences: vec![
                Choice::new("", "All contacts", true),
                Choice::new(super::id(4), "Vienna cafés", false),
            ],
            check: check(),
            campaigns: vec![Link::new("Winter rye, first delivery (version 6)", "/campaigns/1")],
            is_changed: false,
            conflict: None,
            ai: super::ai::panel(),
            errors: FormErrors::none(),
            version: 7,
            updated_at: Some("2026-11-03T13:02:00.000Z".to_owned()),
            may_write: true,
        },
        TemplateFormPage {
            shell: super::shell(Section::Templates, "New template"),
            form: unknown,
            variables,
            errors: FormErrors::none()
                .with(
                    "subject",
                    "contact.frist_name is not known. Did you mean contact.first_name?",
                )
                .with("name", "There is already a template with this name."),
            ai: super::ai::panel_off(),
            may_write: true,
            ..TemplateFormPage::default()
        },
        TemplateFormPage {
            shell: super::shell(Section::Templates, "Winter rye"),
            id: Some(super::id(1)),
            form: TemplateForm { mode: "blocks".to_owned(), blocks: blocks(), ..named.clone() },
            check: TemplateCheck { problem: "Block 2: the text is missing.".to_owned(), ..check() },
            errors: FormErrors::general("Block 2 is not right yet."),
            version: 3,
            is_changed: true,
            conflict: Some(super::contacts::conflict()),
            may_write: true,
            ..TemplateFormPage::default()
        },
        TemplateFormPage {
            shell: super::shell(Section::Templates, "Reminder"),
            id: Some(super::id(1)),
            form: TemplateForm { mode: "text".to_owned(), ..named },
            check: TemplateCheck {
                channel: "text".to_owned(),
                encoding: "16-bit".to_owned(),
                units: 71,
                segments: 2,
                left: 63,
                outside: "’ …".to_owned(),
                ..TemplateCheck::default()
            },
            version: 3,
            may_write: false,
            ..TemplateFormPage::default()
        },
    ]
}

pub(in super::super) fn preview() -> Vec<TemplatePreview> {
    let html = TemplatePreview {
        subject: "Winter rye is in, Hannes".to_owned(),
        preheader: "First pallets from 16 November".to_owned(),
        to: "Hannes Gruber <hannes@baeckerei-gruber.example>".to_owned(),
        part: "html".to_owned(),
        html: "<p>Dear Hannes,</p><p>the winter rye is in the silo.</p>".to_owned(),
        text: "Dear Hannes,\n\nthe winter rye is in the silo.".to_owned(),
        problems: Vec::new(),
    };
    vec![
        TemplatePreview { part: "text".to_owned(), ..html.clone() },
        TemplatePreview { part: "dark".to_owned(), ..html.clone() },
        html,
        TemplatePreview {
            problems: vec!["contact.frist_name is not known.".to_owned()],
            part: "html".to_owned(),
            ..TemplatePreview::default()
        },
    ]
}
