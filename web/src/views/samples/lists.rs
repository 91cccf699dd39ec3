//! Stages and tags.

use super::super::common::FormErrors;
use super::super::lists::{ListForm, ListRow, ListsPage, RefusedList};
use super::super::shell::Section;

pub(in super::super) fn pages() -> Vec<ListsPage> {
    let stages = [212, 148, 64, 31, 18, 9]
        .into_iter()
        .zip(1..)
        .map(|(people, position)| {
            let stage = super::stage(position);
            ListRow {
                id: stage.id,
                name: stage.name,
                color: stage.color,
                step: stage.step,
                people,
                days: Some(12),
                ..ListRow::default()
            }
        })
        .collect::<Vec<_>>();
    let tags = [("bakery", 2, 318), ("organic", 4, 203), ("Graz", 6, 1)]
        .into_iter()
        .map(|(name, color, people)| ListRow {
            id: super::id(200 + usize::from(color)),
            name: name.to_owned(),
            color,
            people,
            version: 2,
            seen: "{}".to_owned(),
            ..ListRow::default()
        })
        .collect::<Vec<_>>();
    let taken = "There is already a list with this name.";
    vec![
        ListsPage {
            shell: super::shell(Section::Lists, "Lists"),
            stages: stages.clone(),
            tags: tags.clone(),
            may_write: true,
            ..ListsPage::default()
        },
        ListsPage {
            shell: super::shell(Section::Lists, "Lists"),
            refused: Some(RefusedList {
                id: super::id(204),
                name: "bakery".to_owned(),
                color: 3,
                message: taken.to_owned(),
                version: 2,
                ..RefusedList::default()
            }),
            new_tag: ListForm {
                name: "bakery".to_owned(),
                color: 2,
                errors: FormErrors::none().with("name", taken),
            },
            stages: Vec::new(),
            tags: tags.clone(),
            may_write: true,
            ..ListsPage::default()
        },
        ListsPage {
            shell: super::shell(Section::Lists, "Lists"),
            refused: Some(RefusedList {
                id: super::id(204),
                name: "baker".to_owned(),
                color: 3,
                version: 3,
                conflict: Some(super::contacts::conflict()),
                ..RefusedList::default()
            }),
            tags: tags.clone(),
            may_write: true,
            ..ListsPage::default()
        },
        ListsPage {
            shell: super::shell(Section::Lists, "Lists"),
            stages,
            tags: Vec::new(),
            may_write: false,
            ..ListsPage::default()
        },
    ]
}
