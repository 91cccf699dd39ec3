//! Follow-ups.

use super::super::common::{Choice, FormErrors, Link, Pager, Tab};
use super::super::shell::Section;
use super::super::tasks::{TaskChangedPage, TaskForm, TaskRow, TasksPage};

pub(super) fn rows(with_contact: bool) -> Vec<TaskRow> {
    let row = |id: &str, kind: &str, title: &str| TaskRow {
        id: id.to_owned(),
        kind: kind.to_owned(),
        title: title.to_owned(),
        contact: with_contact.then(|| Link::new("Ada <Lovelace>", "/contacts/1")),
        assignee: (id == "1").then(|| "Monalisa".to_owned()),
        due_at: (id != "3").then(|| "2026-11-02T09:00:00.000Z".to_owned()),
        overdue: id == "1",
        done_at: None,
        version: 1,
    };
    vec![
        row("1", "call", "Call about the <b>offer</b>"),
        row("2", "email", "دعوة"),
        row("3", "todo", "Find out who decides, and whether the spring is too late"),
    ]
}

pub(super) fn form() -> TaskForm {
    TaskForm {
        title: "Call".to_owned(),
        kinds: vec![Choice::new("call", "Call", true), Choice::new("todo", "To do", false)],
        due_at: "soon".to_owned(),
        people: vec![Choice::new("1", "Monalisa", false)],
        errors: FormErrors::none().with("due_at", "Enter a date and time, like 2026-11-23 09:00."),
    }
}

pub(in super::super) fn pages() -> Vec<TasksPage> {
    let tab = |label: &str, current: bool| Tab {
        label: label.to_owned(),
        url: "/tasks".to_owned(),
        count: None,
        current,
    };
    let page = |done: bool| TasksPage {
        shell: super::shell(Section::Tasks, "Tasks"),
        tabs: vec![tab("Everybody's", !done), tab("Mine", false), tab("Done", done)],
        rows: rows(true),
        back: "tasks".to_owned(),
        may_write: true,
        done,
        pager: super::pager(3, 40),
    };
    let mut done = page(true);
    for row in &mut done.rows {
        row.done_at = Some("2026-11-02T10:00:00.000Z".to_owned());
    }
    let none = TasksPage { rows: Vec::new(), pager: Pager::default(), ..page(false) };
    let never = TasksPage { rows: Vec::new(), may_write: false, ..page(true) };
    vec![page(false), done, none, never]
}

pub(in super::super) fn changed() -> Vec<TaskChangedPage> {
    let task = rows(true).into_iter().next().unwrap_or_default();
    vec![TaskChangedPage {
        shell: super::shell(Section::Tasks, "Tasks"),
        task,
        action: "tomorrow".to_owned(),
        conflict: super::contacts::conflict(),
        back: "tasks".to_owned(),
        back_url: "/tasks".to_owned(),
    }]
}
