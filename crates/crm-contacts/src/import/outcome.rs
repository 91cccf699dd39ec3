//! How the rows of a batch end, and what must be written for that.

use std::collections::{BTreeSet, HashSet};

use crm_core::{ContactId, Context, ListId, Timestamp};
use serde_json::{Map, Value};

use super::known::Stored;
use super::lists::Lists;
use super::targets::{COMPANY, CUSTOM, EMAIL, FIRST_NAME, LAST_NAME, LIST, PHONE, Targets, VALUE};
use super::values::{Reading, Row};
use super::world::{Because, Decision, Fact, World};
use super::{ImportCounts, ImportMode};
use crate::contacts::CustomValue;
use crate::contacts::custom::to_text;
use crate::contacts::definitions::Definition;
use crate::entity::base_contacts;

/// Reasons as a person reads them.
const PHONE_TAKEN: &str = "another contact has this phone number";
const NOTHING_NEW: &str = "the contact has all of this already";

/// How one row ended.
pub(super) struct Outcome {
    pub(super) row_no: u64,
    /// `created`, `updated`, `skipped`, `failed`
    pub(super) word: &'static str,
    pub(super) contact_id: Option<ContactId>,
    pub(super) reason: Option<String>,
    /// The cells of a failed row as a JSON array.
    pub(super) raw: Option<String>,
    /// What an updated contact's changed fields were before.
    pub(super) before: Option<Value>,
}

/// What a batch does to a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PersonState {
    /// Nothing so far.
    Known,
    /// Changes it.
    Changed,
    /// Makes it.
    New,
}

/// A contact a batch may write.
pub(super) struct Person {
    pub(super) row: base_contacts::Model,
    pub(super) state: PersonState,
    /// Whether it moves to the import's stage.
    pub(super) moves: bool,
    /// The stage it leaves for that.
    pub(super) left: Option<ListId>,
    /// Whether it gets the import's tag.
    pub(super) gets_tag: bool,
    /// Values of all slots as they are now.
    values: Vec<String>,
    /// Slots of custom fields that are written.
    custom_slots: BTreeSet<usize>,
}

impl Person {
    /// The custom fields to write, by slot.
    pub(super) fn customs(&self) -> impl Iterator<Item = (usize, &str)> {
        self.custom_slots.iter().filter_map(|slot| Some((*slot, self.values.get(*slot)?.as_str())))
    }
}

/// What a batch comes to.
#[derive(Default)]
pub(super) struct Sum {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) people: Vec<Person>,
    /// E-mail addresses and phone numbers of contacts the batch created or changed.
    pub(super) fresh: HashSet<Fact>,
}

/// What rows are decided with.
pub(super) struct Judge<'a> {
    pub(super) ctx: &'a Context,
    pub(super) targets: &'a Targets,
    pub(super) lists: &'a Lists,
    pub(super) mode: ImportMode,
    pub(super) dry_run: bool,
    pub(super) now: Timestamp,
    pub(super) workspace_id: crm_core::WorkspaceId,
    /// Addresses and numbers this run wrote before.
    pub(super) written: &'a HashSet<Fact>,
}

impl Judge<'_> {
    /// Adds contacts of the database to the world (and, in a real run, to what may be written).
    pub(super) fn add_stored(&self, world: &mut World, sum: &mut Sum, stored: Vec<Stored>) {
        for stored in stored {
            let slots = 0..self.targets.slots();
            let values: Vec<String> = slots.map(|slot| stored.value(slot, self.lists)).collect();
            let facts: Vec<Fact> = values.iter().map(|value| world.fact(value)).collect();
            world.add_stored(stored.row.id, &facts);
            if !self.dry_run {
                sum.people.push(self.person(stored.row, PersonState::Known, values));
            }
        }
    }

    fn person(&self, row: base_contacts::Model, state: PersonState, values: Vec<String>) -> Person {
        Person {
            row,
            state,
            moves: false,
            left: None,
            gets_tag: state == PersonState::New && self.lists.tag().is_some(),
            values,
            custom_slots: BTreeSet::new(),
        }
    }

    /// Decides rows in order. It may stop before the last one: where a row wants a phone number that an earlier row of the
    /// batch took from somebody, the rest must wait until that is written.
    pub(super) fn decide(&self, world: &mut World, sum: &mut Sum, rows: &[Row]) {
        let mut freed: HashSet<Fact> = HashSet::new();
        for row in rows {
            let ended = match &row.reading {
                Reading::Empty(why) => outcome(row, "skipped", None, Some((*why).to_owned())),
                Reading::Wrong(why) => outcome(row, "failed", None, Some(why.clone())),
                Reading::Values(values) => {
                    let mut facts: Vec<Fact> =
                        values.iter().map(|value| world.fact(value)).collect();
                    if let Some(place) = facts.get_mut(LIST) {
                        *place = world.fact(&self.lists.target_value());
                    }
                    if !self.dry_run && facts.get(PHONE).is_some_and(|phone| freed.contains(phone))
                    {
                        return;
                    }
                    match world.decide(self.mode, &facts) {
                        Decision::Create => self.create(world, sum, row, values, facts),
                        Decision::Change { contact, slots } => self
                            .change(world, sum, row, values, &facts, contact, &slots, &mut freed),
                        Decision::Leave { contact, because } => {
                            let reason = self.left_because(world, sum, contact, because);
                            let id = sum.people.get(contact).map(|person| person.row.id);
                            outcome(row, "skipped", id, Some(reason))
                        }
                        Decision::PhoneTaken => {
                            outcome(row, "failed", None, Some(PHONE_TAKEN.to_owned()))
                        }
                    }
                }
            };
            sum.outcomes.push(ended);
        }
    }

    fn left_because(&self, world: &World, sum: &Sum, contact: usize, because: Because) -> String {
        let (slot, what) = match because {
            Because::SameEmail => (EMAIL, "e-mail address"),
            Because::SamePhone => (PHONE, "phone number"),
            Because::NothingNew => return NOTHING_NEW.to_owned(),
        };
        let fact = world.get(contact, slot);
        if self.written.contains(&fact) || sum.fresh.contains(&fact) {
            format!("an earlier row has the same {what}")
        } else {
            format!("a contact with this {what} exists already")
        }
    }

    fn create(
        &self,
        world: &mut World,
        sum: &mut Sum,
        row: &Row,
        values: &[String],
        mut facts: Vec<Fact>,
    ) -> Outcome {
        let mut values = values.to_vec();
        for (at, custom) in self.targets.customs.iter().enumerate() {
            let (Some(value), Some(fact)) =
                (values.get_mut(CUSTOM + at), facts.get_mut(CUSTOM + at))
            else {
                continue;
            };
            if value.is_empty() {
                *value = default_of(custom);
                *fact = world.fact(value);
            }
            if value.is_empty() && custom.is_required {
                let why = format!("custom field {} must have a value", custom.name);
                return outcome(row, "failed", None, Some(why));
            }
        }
        world.add(&facts);
        sum.fresh.extend(
            [EMAIL, PHONE].iter().filter_map(|slot| facts.get(*slot)).filter(|fact| **fact != 0),
        );
        if self.dry_run {
            return outcome(row, "created", None, None);
        }
        let id = self.ctx.id(ContactId::from_uuid);
        let mut person = self.person(self.blank(id), PersonState::New, values);
        for slot in 0..self.targets.slots() {
            if person.values.get(slot).is_some_and(|value| !value.is_empty()) {
                person.take(slot);
            }
        }
        sum.people.push(person);
        outcome(row, "created", Some(id), None)
    }

    fn blank(&self, id: ContactId) -> base_contacts::Model {
        base_contacts::Model {
            id,
            workspace_id: self.workspace_id,
            created_on: self.now,
            updated_at: self.now,
            first_name: String::new(),
            last_name: String::new(),
            primary_email: None,
            primary_phone: None,
            company: String::new(),
            owner_id: None,
            value_minor: None,
            stage_since: self.lists.entry.as_ref().map(|_| self.now),
            version: 1,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one step of one loop, split off for its length")]
    fn change(
        &self,
        world: &mut World,
        sum: &mut Sum,
        row: &Row,
        values: &[String],
        facts: &[Fact],
        contact: usize,
        slots: &[usize],
        freed: &mut HashSet<Fact>,
    ) -> Outcome {
        for slot in slots {
            let fact = facts.get(*slot).copied().unwrap_or(0);
            freed.extend(world.set(contact, *slot, fact));
            if [EMAIL, PHONE].contains(slot) {
                sum.fresh.insert(fact);
            }
        }
        // A trial run has no people; what it would change is in its world now.
        let Some(person) = sum.people.get_mut(contact) else {
            return outcome(row, "updated", None, None);
        };
        let mut before = Map::new();
        for slot in slots {
            let new = if *slot == LIST {
                self.lists.target_value()
            } else {
                values.get(*slot).cloned().unwrap_or_default()
            };
            let Some(place) = person.values.get_mut(*slot) else { continue };
            let old = std::mem::replace(place, new);
            if *slot == LIST {
                self.join(person, &old);
            }
            let old = if old.is_empty() { Value::Null } else { Value::String(old) };
            before.insert(self.targets.name(*slot), old);
            person.take(*slot);
        }
        if person.state == PersonState::Known {
            person.row.version += 1;
            person.row.updated_at = self.now;
            person.state = PersonState::Changed;
        }
        let id = person.row.id;
        let mut ended = outcome(row, "updated", Some(id), None);
        ended.before = Some(Value::Object(before));
        ended
    }

    /// Puts a known contact into the import's list, `old` being the stage it leaves.
    fn join(&self, person: &mut Person, old: &str) {
        if self.lists.tag().is_some() {
            person.gets_tag = true;
        } else {
            person.moves = true;
            person.left = old.parse().ok();
            person.row.stage_since = Some(self.now);
        }
    }
}

/// How a row ended; a failed one keeps its cells.
fn outcome(
    row: &Row,
    word: &'static str,
    contact_id: Option<ContactId>,
    reason: Option<String>,
) -> Outcome {
    let raw = (word == "failed").then(|| {
        let cells: Vec<&str> = row.cells.iter().collect();
        // A list of strings always serialises.
        serde_json::to_string(&cells).unwrap_or_default()
    });
    Outcome { row_no: row.no, word, contact_id, reason, raw, before: None }
}

/// The default of a custom field in the form it is stored in; one that does not fit its own field is none.
fn default_of(custom: &Definition) -> String {
    let default = custom.default_value.clone().map(CustomValue::Text);
    default.and_then(|value| to_text(custom, &value).ok().flatten()).unwrap_or_default()
}

impl Person {
    /// Writes the value of a slot to where it belongs.
    fn take(&mut self, slot: usize) {
        let value = self.values.get(slot).cloned().unwrap_or_default();
        let row = &mut self.row;
        match slot {
            FIRST_NAME => row.first_name = value,
            LAST_NAME => row.last_name = value,
            EMAIL => row.primary_email = Some(value),
            PHONE => row.primary_phone = Some(value),
            COMPANY => row.company = value,
            VALUE => row.value_minor = value.parse().ok(),
            LIST => {}
            _ => {
                self.custom_slots.insert(slot);
            }
        }
    }
}

impl Sum {
    /// How many rows ended how.
    pub(super) fn counts(&self) -> ImportCounts {
        let of = |word: &str| {
            let rows = self.outcomes.iter().filter(|outcome| outcome.word == word).count();
            u64::try_from(rows).unwrap_or(0)
        };
        ImportCounts {
            total: u64::try_from(self.outcomes.len()).unwrap_or(0),
            created: of("created"),
            updated: of("updated"),
            skipped: of("skipped"),
            failed: of("failed"),
        }
    }
}
