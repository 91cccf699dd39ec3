//! Custom fields.

use super::super::common::{Choice, FormErrors};
use super::super::conflict::Conflict;
use super::super::fields::{FieldForm, FieldPage, FieldRow, FieldsPage};
use super::super::shell::Section;
use super::shell;

fn row(id: &str, label: &str) -> FieldRow {
    FieldRow {
        id: id.to_owned(),
        label: label.to_owned(),
        name: "contract_value".to_owned(),
        kind: "Number".to_owned(),
        options: "Basic, Pro".to_owned(),
        required: id == "1",
        people: 214,
        may_write: true,
    }
}

fn form() -> FieldForm {
    FieldForm {
        label: "Plan <b>".to_owned(),
        types: vec![Choice::new("text", "Text", false), Choice::new("select", "Choice", true)],
        options: "Basic\nPro".to_owned(),
        required: true,
        default_value: "Gold".to_owned(),
        global: true,
        errors: FormErrors::none().with("default_value", "Must be one of Basic, Pro."),
    }
}

pub(in super::super) fn pages() -> Vec<FieldsPage> {
    let empty = FieldsPage {
        shell: shell(Section::Settings, "Custom fields"),
        may_write: true,
        may_write_global: true,
        ..FieldsPage::default()
    };
    let full = FieldsPage {
        own: vec![row("1", "Contract value"), row("2", "誕生日"), row("3", "<i>Plan</i>")],
        global: vec![row("4", "Birthday")],
        archived: vec![row("5", "Fax")],
        form: form(),
        ..empty.clone()
    };
    let reader = FieldsPage { may_write: false, may_write_global: false, ..full.clone() };
    vec![empty, full, reader]
}

pub(in super::super) fn one() -> Vec<FieldPage> {
    let page = |conflict: Option<Conflict>| FieldPage {
        shell: shell(Section::Settings, "Plan"),
        field: row("1", "Plan"),
        is_select: true,
        version: 3,
        seen: "{}".to_owned(),
        conflict,
        form: form(),
    };
    vec![page(None), page(Some(super::contacts::conflict()))]
}
