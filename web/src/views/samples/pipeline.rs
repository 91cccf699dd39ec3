//! The board.

use super::super::common::{Choice, Link};
use super::super::pipeline::{Card, Column, MovePage, PipelinePage};
use super::super::shell::Section;

pub(in super::super) fn board() -> Vec<PipelinePage> {
    let cards = |at: usize| -> Vec<Card> {
        let here = super::people().into_iter().skip(at).step_by(3);
        here.map(|person| Card {
            id: format!("{}{at}", person.id),
            name: person.name,
            company: person.company,
            value_minor: person.value_minor,
            next: (at == 1).then(|| "Call about <b>the offer</b>".to_owned()),
            overdue: at == 1,
            since: "2026-10-12T09:00:00.000Z".to_owned(),
            days: 22,
            owner: (at > 0).then(|| "Andy Kern".to_owned()),
            owner_id: super::id(1),
        })
        .collect()
    };
    let column = |position: usize| Column {
        stage: super::stage(position),
        people: if position < 4 { 64 } else { 0 },
        value_minor: if position < 4 { 1_425_000 } else { 0 },
        cards: if position < 4 { cards(position - 1) } else { Vec::new() },
        more_url: (position == 1).then(|| "/pipeline?stage=1&cursor=x".to_owned()),
        more: 44,
        days: (position < 4).then_some(12),
        first_url: (position == 2).then(|| "/pipeline".to_owned()),
    };
    let full = PipelinePage {
        shell: super::shell(Section::Pipeline, "Pipeline"),
        columns: (1..=6).map(column).collect(),
        people: 473,
        value_minor: 8_430_000,
        owners: vec![Choice::new("", "Everybody's", true), Choice::new("me", "Mine", false)],
        tags: vec![Choice::new("1", "bakery", false)],
        orders: vec![Choice::new("", "Newest in stage first", true)],
        back: "/pipeline".to_owned(),
        may_move: true,
        ..PipelinePage::default()
    };
    let reader = PipelinePage {
        columns: Vec::new(),
        q: "\"><script>alert(1)</script>".to_owned(),
        filtered: true,
        may_move: false,
        ..full.clone()
    };
    vec![full, reader]
}

pub(in super::super) fn moves() -> Vec<MovePage> {
    vec![MovePage {
        shell: super::shell(Section::Pipeline, "Move Aylin Yıldız"),
        contact: Link::new("Aylin Yıldız", "/contacts/1"),
        id: super::id(306),
        stages: (1..=6).map(super::stage).collect(),
        current: super::stage(4).id,
        back: "/pipeline".to_owned(),
    }]
}
