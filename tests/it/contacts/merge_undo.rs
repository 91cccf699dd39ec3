//! A merge and its undoing leave every row of every table as it was, whatever the two contacts were like.

use std::collections::BTreeSet;
use std::sync::Arc;

use crm_campaigns::campaigns::ContactLedger;
use crm_contacts::contacts::{CustomValue, NewContact};
use crm_contacts::merge::{Choice, MergeRequest, Merges, Resolution, SeaMerges};
use crm_contacts::timeline::LogContent;
use crm_contacts::{Contact, Timeline};
use sea_orm::ConnectionTrait;
use support::both_databases;
use support::snapshot::Snapshot;

use super::book::{Book, START};

/// Rounds a database: enough for every choice to meet every shape of contact.
const ROUNDS: u64 = 40;

/// Numbers that look random and are the same for the same seed (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn yes(&mut self) -> bool {
        self.roll(2) == 0
    }
}

async fn somebody(book: &Book, dice: &mut Dice, name: &str) -> Contact {
    let text = |dice: &mut Dice, word: &str| {
        if dice.yes() { format!("{word} {}", dice.roll(3)) } else { String::new() }
    };
    let mut new = NewContact {
        first_name: text(dice, "First"),
        last_name: name.to_owned(),
        company: text(dice, "Company"),
        primary_email: dice.yes().then(|| format!("{name}@example.org")),
        primary_phone: dice.yes().then(|| format!("+43664{:07}", 1_000_000 + dice.roll(8_000_000))),
        value_minor: dice.yes().then_some(100),
        owner_id: dice.yes().then_some(book.colleague),
        ..NewContact::default()
    };
    if dice.yes() {
        new.custom.insert("plan".to_owned(), CustomValue::Text(format!("plan {}", dice.roll(2))));
    }
    if dice.yes() {
        new.custom.insert("seats".to_owned(), CustomValue::Number(5.0));
    }
    let stages = ["New", "Won"];
    let stage = stages[usize::try_from(dice.roll(2)).unwrap()];
    new.list_ids.push(book.list(stage).await.id);
    for tag in ["one", "two", "three"] {
        if dice.yes() {
            new.list_ids.push(book.list(tag).await.id);
        }
    }
    let made = book.add(new).await;
    for at in 0..dice.roll(4) {
        let note = LogContent::Note { text: format!("{name} {at}") };
        book.timeline.add(&book.here, made.id, note, None).await.unwrap();
    }
    book.later(1);
    made
}

/// Campaigns in which one of them is, or both are, sent to and still waiting.
async fn campaigns(book: &Book, dice: &mut Dice, people: [&Contact; 2]) {
    let workspace = book.here.workspace_id();
    for number in 0..dice.roll(3) {
        let id = book.ctx.ids.uuid();
        let mut counts = (0, 0);
        let mut rows = Vec::new();
        for person in people {
            if !dice.yes() {
                continue;
            }
            let state = if dice.yes() { "sent" } else { "queued" };
            counts.0 += 1;
            counts.1 += i32::from(state == "sent");
            rows.push(format!(
                "('{}', '{workspace}', '{id}', '{}', 'email', '{}@example.org', '{state}', '{START}', '{START}')",
                book.ctx.ids.uuid(), person.id, person.last_name,
            ));
        }
        let sql = format!(
            "INSERT INTO campaigns (id, workspace_id, name, type, segment_json, status, count_total, count_sent, created_at, updated_at) \
             VALUES ('{id}', '{workspace}', 'C {number}', 'email', '{{}}', 'sending', {}, {}, '{START}', '{START}')",
            counts.0, counts.1,
        );
        book.db.raw().execute_unprepared(&sql).await.unwrap();
        if !rows.is_empty() {
            let sql = format!(
                "INSERT INTO campaign_recipients (id, workspace_id, campaign_id, contact_id, channel, address, state, created_at, updated_at) VALUES {}",
                rows.join(", ")
            );
            book.db.raw().execute_unprepared(&sql).await.unwrap();
        }
    }
    for person in people {
        if person.primary_email.is_some() && dice.yes() {
            let reason = ["unsubscribed", "bounced"][usize::try_from(dice.roll(2)).unwrap()];
            let sql = format!(
                "INSERT INTO suppressions (id, workspace_id, channel, address, reason, created_at) \
                 VALUES ('{}', '{workspace}', 'email', '{}@example.org', '{reason}', '{START}')",
                book.ctx.ids.uuid(),
                person.last_name,
            );
            book.db.raw().execute_unprepared(&sql).await.unwrap();
        }
    }
}

fn choices(dice: &mut Dice) -> Resolution {
    let mut resolution = Resolution::new();
    for name in [
        "first_name",
        "primary_email",
        "primary_phone",
        "company",
        "owner_id",
        "value_minor",
        "stage",
        "custom.plan",
        "custom.seats",
    ] {
        match dice.roll(4) {
            0 => drop(resolution.insert(name.to_owned(), Choice::Source)),
            1 => drop(resolution.insert(name.to_owned(), Choice::Target)),
            2 if name == "company" => {
                resolution.insert(
                    name.to_owned(),
                    Choice::Custom(Some(CustomValue::Text("Third".to_owned()))),
                );
            }
            2 if name == "custom.plan" => {
                drop(resolution.insert(name.to_owned(), Choice::Custom(None)));
            }
            _ => {}
        }
    }
    resolution
}

/// Rows that are only in one of two snapshots, without what must move: the version of the contact that stayed, the
/// journal and the audit log.
fn moved(before: &Snapshot, after: &Snapshot) -> Vec<String> {
    let mut lines: BTreeSet<String> = BTreeSet::new();
    for line in before.differences(after) {
        if line.starts_with("audit_logs") || line.starts_with("merge_journal") {
            continue;
        }
        let line = match line.split_once(" version=") {
            Some((row, _)) if line.starts_with("base_contacts") => row.to_owned(),
            _ => line,
        };
        // The other side of the same row takes it away again.
        let twin = if line.contains(" - ") {
            line.replacen(" - ", " + ", 1)
        } else {
            line.replacen(" + ", " - ", 1)
        };
        if !lines.remove(&twin) {
            lines.insert(line);
        }
    }
    lines.into_iter().collect()
}

both_databases! {
    async fn undoing_a_merge_restores_every_row(book: Book) {
        book.define(false, "plan", "text", ("NULL", false, None)).await;
        book.define(false, "seats", "number", ("NULL", false, None)).await;
        let workspace = book.here.workspace_id();
        for (place, tag) in ["one", "two", "three"].iter().enumerate() {
            let sql = format!(
                "INSERT INTO contact_lists (id, workspace_id, name, is_primary, position, created_at) VALUES ('{}', '{workspace}', '{tag}', false, {place}, '{START}')",
                book.ctx.ids.uuid()
            );
            book.db.raw().execute_unprepared(&sql).await.unwrap();
        }
        let merges = SeaMerges::new(book.ctx.clone(), Arc::new(ContactLedger::new(book.ctx.clone())));
        for seed in 1..=ROUNDS {
            let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let source = somebody(&book, &mut dice, &format!("source{seed}")).await;
            let target = somebody(&book, &mut dice, &format!("target{seed}")).await;
            let bystander = somebody(&book, &mut dice, &format!("other{seed}")).await;
            merges.dismiss(&book.here, source.id, bystander.id).await.unwrap();
            campaigns(&book, &mut dice, [&source, &target]).await;
            let resolution = choices(&mut dice);
            let before = Snapshot::of(&book.db).await;
            book.later(24);
            let request = MergeRequest { source_id: source.id, target_id: target.id, resolution: resolution.clone(), source_version: None, target_version: None };
            let merged = merges.merge(&book.here, request).await.unwrap();
            let between = Snapshot::of(&book.db).await;
            assert!(!moved(&before, &between).is_empty(), "seed {seed}: nothing was merged");
            book.later(24 * 30);
            let undone = merges.unmerge(&book.here, merged.merge_id).await.unwrap();
            assert_eq!(undone.conflicts, [], "seed {seed}");
            let after = Snapshot::of(&book.db).await;
            let left = moved(&before, &after);
            assert!(left.is_empty(), "seed {seed} with {resolution:?}: {left:#?}");
        }
    }
}
