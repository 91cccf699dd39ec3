//! The practice outbox.

use super::super::common::{Fact, Link};
use super::super::practice::{PracticeMessage, PracticePage, PracticeRow};
use super::super::shell::Section;

pub(in super::super) fn pages() -> Vec<PracticePage> {
    let rows = super::people()
        .into_iter()
        .enumerate()
        .map(|(number, person)| PracticeRow {
            subject: format!("Winter rye is in, {}", person.name),
            url: format!("/practice/{}", person.id),
            id: person.id,
            name: person.name,
            to: person.email,
            sent_at: "2026-11-03T13:02:11.000Z".to_owned(),
            current: number == 0,
        })
        .collect::<Vec<_>>();
    let shell = || super::shell(Section::Practice, "Practice outbox");
    let message = |part: &str| {
        PracticeMessage {
        id: super::id(300),
        channel: "email".to_owned(),
        from: "Monalisa Rossi <hello@kornfeld.example>".to_owned(),
        to: "hannes@baeckerei-gruber.example".to_owned(),
        subject: "Winter rye is in, Hannes".to_owned(),
        sent_at: "2026-11-03T13:02:11.000Z".to_owned(),
        part: part.to_owned(),
        html_url: Some("/practice/1/html".to_owned()),
        text: "Dear Hannes,\n\nthe winter rye from the Weinviertel is in the silo.\n\nUnsubscribe: http://crm.example/u/abc".to_owned(),
        headers: vec![
            Fact::new("Message-ID", "<019a0000@pi-crm.invalid>"),
            Fact::new("List-Unsubscribe", "<mailto:hello@kornfeld.example?subject=unsubscribe>"),
        ],
        bytes: 38_912,
        contact: Some(Link::new("Hannes Gruber", "/contacts/1")),
        campaign: Some(Link::new("Winter rye, first delivery", "/campaigns/1")),
    }
    };
    let mut pages = ["html", "text", "headers"]
        .into_iter()
        .map(|part| PracticePage {
            shell: shell(),
            rows: rows.clone(),
            pager: super::pager(10, 370),
            message: Some(message(part)),
        })
        .collect::<Vec<_>>();
    pages.push(PracticePage {
        shell: shell(),
        rows,
        pager: super::Pager { shown: 10, total: 10, total_exact: true, ..super::Pager::default() },
        message: None,
    });
    pages.push(PracticePage {
        shell: super::new_shell(Section::Practice, "Practice outbox"),
        ..PracticePage::default()
    });
    pages
}
