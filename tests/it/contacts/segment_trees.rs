//! Segments made up at random over contacts made up at random: the one SQL query a segment compiles to finds whom a plain
//! reading of the tree finds ([`super::segment_model`]).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crm_contacts::contacts::{ContactQuery, CustomValue, NewContact};
use crm_contacts::lists::NewList;
use crm_contacts::tasks::{NewTask, SeaTasks, TaskChange, TaskFilter, TaskKind, Tasks};
use crm_contacts::timeline::{LogContent, LogFilter, NewLogEntry};
use crm_contacts::{Contacts, Lists, Segment, Segments, Timeline};
use crm_core::{PageRequest, Timestamp};
use serde_json::{Value, json};
use support::both_databases;

use super::book::Book;
use super::chance::Chance;
use super::segment_model::{Got, Known, Model};

const TREES: u64 = 500;
const CONTACTS: usize = 60;
const FIELDS: [(&str, &str); 6] = [
    ("plan", "select"),
    ("seats", "number"),
    ("vip", "boolean"),
    ("note", "text"),
    ("day", "date"),
    ("site", "url"),
];

/// What segments may be about.
struct World {
    known: Vec<Known>,
    lists: Vec<String>,
    campaigns: Vec<String>,
    members: Vec<String>,
    fields: BTreeMap<String, String>,
    now: Timestamp,
}

async fn world(book: &Book, chance: &mut Chance) -> World {
    for (name, field_type) in FIELDS {
        book.define(false, name, field_type, ("'[\"Basic\",\"Pro\",\"Żółw\"]'", false, None)).await;
    }
    for name in ["VIP", "Fair", "Town"] {
        let new = NewList { name: name.to_owned(), ..NewList::default() };
        book.lists.create(&book.here, new).await.unwrap();
    }
    let lists = book.lists.all(&book.here).await.unwrap();
    let tasks = SeaTasks::new(book.ctx.clone());
    let members = [book.owner, book.colleague];
    for n in 0..CONTACTS {
        if chance.one_in(2) {
            book.later(30);
        }
        let new = contact(chance, n, &members);
        let id = book.add(new).await.id;
        for _ in 0..chance.below(4) {
            book.lists.assign(&book.here, id, chance.of(&lists).id).await.unwrap();
        }
    }
    let everybody = everybody(book).await;
    let now = book.later(24);
    let mut entries = Vec::new();
    for contact in &everybody {
        for _ in 0..chance.below(3) {
            let (content, timestamp) = (entry(chance, now), chance.at(now));
            entries.push(NewLogEntry {
                contact_id: contact.id,
                content,
                timestamp,
                campaign_recipient_id: None,
            });
        }
        for _ in 0..chance.below(3) {
            let new = NewTask {
                contact_id: contact.id,
                assignee_id: (!chance.one_in(3)).then(|| *chance.of(&members)),
                kind: TaskKind::Call,
                title: "Call".to_owned(),
                due_at: (!chance.one_in(3)).then(|| chance.at(now.plus(Duration::from_hours(600)))),
            };
            let task = tasks.create(&book.here, new).await.unwrap();
            if chance.one_in(3) {
                let done = TaskChange { done: Some(true), ..TaskChange::default() };
                tasks.change(&book.here, task.id, None, done).await.unwrap();
            }
        }
    }
    let tx = book.ctx.db.begin().await.unwrap();
    tx.unaudited("a test");
    book.timeline.record(&tx, &book.here, entries).await.unwrap();
    tx.commit().await.unwrap();

    let campaigns = [book.campaign(&book.here, "campaign").await, book.campaign(&book.here, "campaign").await];
    let mut known = Vec::new();
    for contact in self::everybody(book).await {
        let page = || PageRequest { limit: 200, cursor: None };
        let filter =
            TaskFilter { contact_id: Some(contact.id), page: page(), ..TaskFilter::default() };
        known.push(Known {
            lists: contact.lists.iter().map(|list| list.id.to_string()).collect(),
            logs: book
                .timeline
                .page(&book.here, contact.id, &LogFilter::default(), page())
                .await
                .unwrap()
                .items,
            tasks: tasks.list(&book.here, filter).await.unwrap().items,
            campaigns: ledger(book, chance, &campaigns, contact.id).await,
            contact,
        });
    }
    World {
        known,
        lists: lists.iter().map(|list| list.id.to_string()).collect(),
        campaigns: campaigns.to_vec(),
        members: [book.owner, book.colleague, book.stranger].map(|id| id.to_string()).to_vec(),
        fields: FIELDS.map(|(name, kind)| (name.to_owned(), kind.to_owned())).into_iter().collect(),
        now: book.ctx.now(),
    }
}

/// Puts a contact into the ledgers of some campaigns.
async fn ledger(
    book: &Book,
    chance: &mut Chance,
    campaigns: &[String],
    contact: crm_core::ContactId,
) -> BTreeMap<String, Got> {
    let mut rows = BTreeMap::new();
    for campaign in campaigns {
        if chance.one_in(4) {
            continue;
        }
        let got = Got {
            sent: !chance.one_in(4),
            opened: chance.one_in(2),
            clicked: chance.one_in(3),
            replied: chance.one_in(3),
        };
        book.recipient(campaign, contact, got).await;
        rows.insert(campaign.clone(), got);
    }
    rows
}

async fn everybody(book: &Book) -> Vec<crm_contacts::Contact> {
    let page = PageRequest { limit: 200, cursor: None };
    let query = ContactQuery { page, ..ContactQuery::default() };
    book.contacts.list(&book.here, query).await.unwrap().items
}

fn contact(chance: &mut Chance, n: usize, members: &[crm_core::UserId]) -> NewContact {
    let mut custom = BTreeMap::new();
    for (name, field_type) in FIELDS {
        if chance.one_in(3) {
            continue;
        }
        let text = |text: &str| CustomValue::Text(text.to_owned());
        let value = match field_type {
            "select" => text(chance.of::<&str>(&["Basic", "Pro", "Żółw"])),
            "number" => CustomValue::Number(chance.number()),
            "boolean" => CustomValue::Boolean(chance.one_in(2)),
            "date" => text(chance.of::<&str>(&["2026-11-03", "1999-12-31"])),
            "url" => text(chance.of::<&str>(&["https://a.example/Ab", "http://b.example"])),
            _ => CustomValue::Text(chance.text(6)),
        };
        custom.insert(name.to_owned(), value);
    }
    NewContact {
        first_name: chance.text(4),
        last_name: chance.text(3),
        company: format!("{}{n}", chance.text(3)),
        primary_email: chance.one_in(2).then(|| format!("{n}@example.org")),
        primary_phone: chance.one_in(2).then(|| format!("+436641234{n:03}")),
        owner_id: (!chance.one_in(3)).then(|| *chance.of(members)),
        value_minor: (!chance.one_in(3)).then(|| *chance.of(&[-5, 0, 5, 5000, i64::MAX])),
        custom,
        list_ids: Vec::new(),
    }
}

fn entry(chance: &mut Chance, now: Timestamp) -> LogContent {
    let status = (*chance.of(&["sent", "failed"])).to_owned();
    match chance.below(4) {
        0 => LogContent::Note { text: "note".to_owned() },
        1 => LogContent::Call { duration: 5, notes: String::new() },
        2 => LogContent::Text { message: "hi".to_owned(), status },
        _ => LogContent::Email {
            subject: "Hello".to_owned(),
            body: "Hi".to_owned(),
            status,
            opened: chance.one_in(2).then(|| chance.at(now)),
            clicked_links: Vec::new(),
        },
    }
}

fn tree(chance: &mut Chance, world: &World, depth: usize) -> Value {
    if depth == 0 || chance.one_in(3) {
        return leaf(chance, world);
    }
    let inner = |chance: &mut Chance| -> Vec<Value> {
        let many = chance.below(4);
        (0..many).map(|_| tree(chance, world, depth - 1)).collect()
    };
    match chance.below(3) {
        0 => json!({"all": inner(chance)}),
        1 => json!({"any": inner(chance)}),
        _ => json!({"not": tree(chance, world, depth - 1)}),
    }
}

fn leaf(chance: &mut Chance, world: &World) -> Value {
    match chance.below(10) {
        0..3 => field(chance, world),
        3..5 => custom(chance, world),
        5 => json!({"list": chance.of(&world.lists)}),
        6 => {
            let mut range = serde_json::Map::new();
            for key in ["after", "before"] {
                let moment = chance.of(&world.known).contact.created_on.to_string();
                let text = if chance.one_in(3) { moment[..10].to_owned() } else { moment };
                if !chance.one_in(3) {
                    range.insert(key.to_owned(), text.into());
                }
            }
            json!({"created": range})
        }
        7 => {
            let kind = *chance.of(&["email", "text", "call", "note", "stage_change", "ai"]);
            let op = *chance.of(&["sent", "opened", "none_since"]);
            let kind = if op == "opened" { "email" } else { kind };
            let days = 1 + chance.below(60);
            if op != "none_since" && chance.one_in(3) {
                json!({"activity": {"type": kind, "op": op}})
            } else {
                json!({"activity": {"type": kind, "op": op, "days": days}})
            }
        }
        8 => {
            let ops = ["sent", "not_sent", "opened", "clicked", "replied", "not_replied"];
            json!({"campaign": {"id": chance.of(&world.campaigns), "op": chance.of::<&str>(&ops)}})
        }
        _ if chance.one_in(3) => json!({"stage_days": {"more_than": 1 + chance.below(60)}}),
        _ => {
            let op = *chance.of(&["open", "overdue", "none"]);
            if chance.one_in(2) {
                json!({"task": {"op": op}})
            } else {
                json!({"task": {"op": op, "assignee_id": chance.of(&world.members)}})
            }
        }
    }
}

/// A text some contact has, a part of it in another case, or any.
fn like(chance: &mut Chance, texts: &[String]) -> String {
    if texts.is_empty() || chance.one_in(5) {
        return chance.text(2);
    }
    let text = chance.of(texts).clone();
    let text = match chance.below(3) {
        0 => text.to_lowercase(),
        // The large form of ß is two letters, which is another text.
        1 => text
            .chars()
            .map(|c| if c == 'ß' { c } else { c.to_uppercase().next().unwrap() })
            .collect(),
        _ => text,
    };
    let length = text.chars().count();
    if length == 0 || chance.one_in(2) {
        return text;
    }
    let (skip, take) = (chance.below(length), 1 + chance.below(length));
    text.chars().skip(skip).take(take).collect()
}

fn texts_condition(chance: &mut Chance, key: &str, name: &str, texts: &[String]) -> Value {
    match chance.below(7) {
        0 => json!({key: name, "op": "is_set"}),
        1 => json!({key: name, "op": "is_not_set"}),
        2 => {
            let many = chance.below(4);
            let values: Vec<String> = (0..many).map(|_| like(chance, texts)).collect();
            json!({key: name, "op": "in", "value": values})
        }
        op => {
            let op = ["eq", "neq", "contains", "starts_with"][op - 3];
            json!({key: name, "op": op, "value": like(chance, texts)})
        }
    }
}

/// A condition on values that are the same or not.
fn equal_condition(
    chance: &mut Chance,
    key: &str,
    name: &str,
    mut value: impl FnMut(&mut Chance) -> Value,
) -> Value {
    match chance.below(5) {
        0 => json!({key: name, "op": "is_set"}),
        1 => json!({key: name, "op": "is_not_set"}),
        2 => {
            let many = chance.below(4);
            let values: Vec<Value> = (0..many).map(|_| value(chance)).collect();
            json!({key: name, "op": "in", "value": values})
        }
        op => {
            let op = ["eq", "neq"][op - 3];
            json!({key: name, "op": op, "value": value(chance)})
        }
    }
}

fn field(chance: &mut Chance, world: &World) -> Value {
    let names = [
        "first_name",
        "last_name",
        "company",
        "primary_email",
        "primary_phone",
        "owner_id",
        "value_minor",
    ];
    let name = *chance.of(&names);
    let texts: Vec<String> = world
        .known
        .iter()
        .filter_map(|known| match name {
            "first_name" => Some(known.contact.first_name.clone()),
            "last_name" => Some(known.contact.last_name.clone()),
            "company" => Some(known.contact.company.clone()),
            "primary_email" => known.contact.primary_email.clone(),
            _ => known.contact.primary_phone.clone(),
        })
        .collect();
    match name {
        "owner_id" => {
            equal_condition(chance, "field", name, |chance| json!(chance.of(&world.members)))
        }
        // The largest number is no float, and is written as a text.
        "value_minor" => equal_condition(chance, "field", name, |chance| {
            chance
                .of(&[json!(-5), json!(0), json!(5), json!("5000"), json!(i64::MAX.to_string())])
                .clone()
        }),
        _ => texts_condition(chance, "field", name, &texts),
    }
}

fn custom(chance: &mut Chance, world: &World) -> Value {
    let (name, field_type) = *chance.of(&FIELDS);
    let texts: Vec<String> = world
        .known
        .iter()
        .filter_map(|known| match known.contact.custom.get(name) {
            Some(CustomValue::Text(text)) => Some(text.clone()),
            _ => None,
        })
        .collect();
    match field_type {
        "number" => equal_condition(chance, "custom", name, |chance| {
            let number = chance.number();
            if chance.one_in(3) { json!(format!(" {number} ")) } else { json!(number) }
        }),
        "boolean" => {
            let truth = chance.one_in(2);
            let value = if chance.one_in(3) { json!(truth.to_string()) } else { json!(truth) };
            match chance.below(4) {
                0 => json!({"custom": name, "op": "is_set"}),
                1 => json!({"custom": name, "op": "is_not_set"}),
                op => {
                    let op = ["eq", "neq"][op - 2];
                    json!({"custom": name, "op": op, "value": value})
                }
            }
        }
        _ => texts_condition(chance, "custom", name, &texts),
    }
}

both_databases! {
    async fn a_query_finds_whom_the_tree_means(book: Book) {
        let world = world(&book, &mut Chance(7)).await;
        let model = Model { now: world.now, fields: &world.fields };
        let (mut some, mut wrong) = (0, Vec::new());
        for seed in 0..TREES {
            let tree = tree(&mut Chance(seed), &world, 4);
            let segment = Segment::parse(&tree).unwrap_or_else(|err| panic!("seed {seed}: {tree}: {err}"));
            let found = book.segments.audience(&book.here, &segment, None, 1_000).await;
            let found = found.unwrap_or_else(|err| panic!("seed {seed}: {tree}: {err}"));
            let found: BTreeSet<_> = found.into_iter().map(|contact| contact.id).collect();
            let meant: BTreeSet<_> = world
                .known
                .iter()
                .filter(|known| model.holds(&tree, known))
                .map(|known| known.contact.id)
                .collect();
            some += usize::from(!meant.is_empty() && meant.len() < CONTACTS);
            if found != meant {
                let who = world.known.iter().find(|known| {
                    found.contains(&known.contact.id) != meant.contains(&known.contact.id)
                });
                wrong.push(format!("seed {seed}: {tree}\n  first: {:?}", who.map(|known| &known.contact)));
            }
        }
        assert!(wrong.is_empty(), "{} of {TREES}:\n{}", wrong.len(), wrong.join("\n"));
        assert!(some > 250, "only {some} trees tell contacts apart");
    }
}
