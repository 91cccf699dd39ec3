//! Templates and their preview.

use super::super::common::{Choice, FormErrors, Link};
use super::super::shell::Section;
use super::super::templates::{
    TemplateForm, TemplateFormPage, TemplatePreview, TemplateRow, TemplatesPage, Variable,
};

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
            may_write: true,
        },
        TemplatesPage {
            shell: super::new_shell(Section::Templates, "Templates"),
            rows: Vec::new(),
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
        ("unsubscribe_url", "Link to unsubscribe"),
    ]
    .into_iter()
    .map(|(expression, meaning)| Variable {
        expression: expression.to_owned(),
        meaning: meaning.to_owned(),
    })
    .collect::<Vec<_>>();
    let stored = TemplateForm {
        name: "Winter rye".to_owned(),
        subject: "Winter rye is in, {{ contact.first_name | default(\"friend of good flour\") }}".to_owned(),
        preheader: "First pallets from 16 November".to_owned(),
        body_html: "<p>Dear {{ contact.first_name | default(\"friend of good flour\") }},</p>\n\n<p>the winter rye from the Weinviertel is in the silo.</p>\n".to_owned(),
        body_text: String::new(),
        signature: "<p>Monalisa Rossi<br>Kornfeld Flour &amp; Grain</p>".to_owned(),
    };
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
            campaigns: vec![Link::new("Winter rye, first delivery", "/campaigns/1")],
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
        html,
        TemplatePreview {
            problems: vec!["contact.frist_name is not known.".to_owned()],
            part: "html".to_owned(),
            ..TemplatePreview::default()
        },
    ]
}
