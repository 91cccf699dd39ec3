//! How the rows of a batch end, and what must be written for that.

use std::collections::HashSet;

use crm_core::{ContactId, Context, ListId, Timestamp};
use serde_json::{Map, Value};

use super::known::Stored;
use super::lists::Lists;
use super::person::{Person, PersonState};
use super::targets::{CUSTOM, EMAIL, PHONE, STAGE, TAGS, Targets};
use super::values::{Reading, Row};
use super::world::{Because, Decision, Fact, WantedTags, World};
use super::{ImportCounts, ImportMode};
use crate::contacts::CustomValue;
use crate::contacts::custom::to_text;
use crate::contacts::definitions::Definition;
use crate::entity::base_contacts;
use crate::lists::in_cell;

/// Reasons as a person reads them.
const PHONE_TAKEN: &str = "another contact has this phone number";
const NOTHING_NEW: &str = "the contact has all of this already";

/// What the time a contact entered its stage is called in records of what changed.
pub(super) const STAGE_SINCE: &str = "stage_since";

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
    /// The contact's version after the row, where the row made or changed it.
    pub(super) version_after: Option<i64>,
}

/// The lists a row wants its contact to be in.
struct Wish {
    stage: Option<ListId>,
    tags: WantedTags,
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
            let values: Vec<String> = slots.map(|slot| stored.value(slot)).collect();
            let facts: Vec<Fact> = values.iter().map(|value| world.fact(value)).collect();
            let contact = world.add_stored(stored.row.id, &facts);
            let names = stored.tags.iter().filter_map(|tag| self.lists.name(*tag));
            let mut tags: Vec<u32> = names.map(|name| world.tag(name)).collect();
            tags.sort_unstable();
            if !self.dry_run {
                let mut person = Person::new(stored.row, PersonState::Known, values);
                person.was_in = stored.stage;
                person.is_in = stored.stage;
                person.had.clone_from(&tags);
                person.has.clone_from(&tags);
                sum.people.push(person);
            }
            world.set_tags(contact, tags);
        }
    }

    /// The lists a row wants, or why it cannot have them.
    fn wish(&self, world: &mut World, values: &[String]) -> Result<Wish, String> {
        let cell = |slot: usize| values.get(slot).map_or("", String::as_str);
        let header = |slot: usize| self.targets.header(slot).unwrap_or_default();
        let mut wish =
            Wish { stage: self.lists.stage().map(|stage| stage.id), tags: WantedTags::default() };
        if !cell(STAGE).is_empty() {
            let found = self.lists.stage_named(cell(STAGE));
            let unknown = || format!("{}: there is no stage named {}", header(STAGE), cell(STAGE));
            wish.stage = Some(found.ok_or_else(unknown)?);
        }
        if !cell(TAGS).is_empty() {
            wish.tags.replace = self.mode == ImportMode::Overwrite;
            for name in in_cell::split(cell(TAGS)) {
                if self.lists.named(&name).is_some_and(|list| list.is_primary) {
                    return Err(format!("{}: {name} is a stage and not a tag", header(TAGS)));
                }
                wish.tags.numbers.push(world.tag(&name));
            }
        }
        wish.tags.numbers.extend(self.lists.tag().map(|tag| world.tag(&tag.name)));
        wish.tags.numbers.sort_unstable();
        wish.tags.numbers.dedup();
        Ok(wish)
    }

    /// Decides rows in order. It may stop before the last one: where a row wants a phone number that an earlier row of the
    /// batch took from somebody, the rest must wait until that is written.
    pub(super) fn decide(&self, world: &mut World, sum: &mut Sum, rows: &[Row]) {
        let mut freed: HashSet<Fact> = HashSet::new();
        for row in rows {
            let ended = match &row.reading {
                Reading::Empty(why) => outcome(row, "skipped", None, Some((*why).to_owned())),
                Reading::Wrong(why) => outcome(row, "failed", None, Some(why.clone())),
                Reading::Values(values) => match self.wish(world, values) {
                    Err(why) => outcome(row, "failed", None, Some(why)),
                    Ok(wish) => {
                        let mut facts: Vec<Fact> =
                            values.iter().map(|value| world.fact(value)).collect();
                        let stage = wish.stage.map(|id| id.to_string()).unwrap_or_default();
                        for (slot, fact) in [(STAGE, world.fact(&stage)), (TAGS, 0)] {
                            if let Some(place) = facts.get_mut(slot) {
                                *place = fact;
                            }
                        }
                        let phone = facts.get(PHONE);
                        if !self.dry_run && phone.is_some_and(|phone| freed.contains(phone)) {
                            return;
                        }
                        self.one(world, sum, row, values, facts, &wish, &mut freed)
                    }
                },
            };
            sum.outcomes.push(ended);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one step of one loop, split off for its length")]
    fn one(
        &self,
        world: &mut World,
        sum: &mut Sum,
        row: &Row,
        values: &[String],
        facts: Vec<Fact>,
        wish: &Wish,
        freed: &mut HashSet<Fact>,
    ) -> Outcome {
        match world.decide(self.mode, &facts, &wish.tags) {
            Decision::Create => self.create(world, sum, row, values, facts, wish),
            Decision::Change { contact, slots } => {
                self.change(world, sum, row, values, &facts, wish, contact, &slots, freed)
            }
            Decision::Leave { contact, because } => {
                let reason = self.left_because(world, sum, contact, because);
                let id = sum.people.get(contact).map(|person| person.row.id);
                outcome(row, "skipped", id, Some(reason))
            }
            Decision::PhoneTaken => outcome(row, "failed", None, Some(PHONE_TAKEN.to_owned())),
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
        wish: &Wish,
    ) -> Outcome {
        let mut values = values.to_vec();
        let entry = self.lists.entry.as_ref().map(|stage| stage.id);
        let stage = wish.stage.or(entry);
        if let (Some(value), Some(fact), Some(stage)) =
            (values.get_mut(STAGE), facts.get_mut(STAGE), stage)
        {
            *value = stage.to_string();
            *fact = world.fact(value);
        }
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
        let contact = world.add(&facts);
        world.set_tags(contact, wish.tags.numbers.clone());
        sum.fresh.extend(
            [EMAIL, PHONE].iter().filter_map(|slot| facts.get(*slot)).filter(|fact| **fact != 0),
        );
        if self.dry_run {
            return outcome(row, "created", None, None);
        }
        let id = self.ctx.id(ContactId::from_uuid);
        let mut person = Person::new(self.blank(id, stage), PersonState::New, values);
        person.is_in = stage;
        person.has.clone_from(&wish.tags.numbers);
        for slot in 0..self.targets.slots() {
            if person.values.get(slot).is_some_and(|value| !value.is_empty()) {
                person.take(slot);
            }
        }
        let version_after = Some(person.row.version);
        sum.people.push(person);
        Outcome { version_after, ..outcome(row, "created", Some(id), None) }
    }

    fn blank(&self, id: ContactId, stage: Option<ListId>) -> base_contacts::Model {
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
            stage_since: stage.map(|_| self.now),
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
        wish: &Wish,
        contact: usize,
        slots: &[usize],
        freed: &mut HashSet<Fact>,
    ) -> Outcome {
        let old_tags = world.tags(contact).to_vec();
        for slot in slots {
            if *slot == TAGS {
                world.set_tags(contact, world.tags_with(contact, &wish.tags));
                continue;
            }
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
            let name = self.targets.name(*slot);
            if *slot == TAGS {
                before.insert(name, self.tag_ids(world, &old_tags));
                person.has = world.tags(contact).to_vec();
                continue;
            }
            let new = if *slot == STAGE {
                wish.stage.map(|stage| stage.to_string()).unwrap_or_default()
            } else {
                values.get(*slot).cloned().unwrap_or_default()
            };
            let Some(place) = person.values.get_mut(*slot) else { continue };
            let old = std::mem::replace(place, new);
            if *slot == STAGE {
                let since = person.row.stage_since.map(|since| since.to_string());
                before.insert(STAGE_SINCE.to_owned(), since.into());
                person.is_in = wish.stage;
                person.row.stage_since = Some(self.now);
            }
            before.insert(name, if old.is_empty() { Value::Null } else { Value::String(old) });
            person.take(*slot);
        }
        if person.state == PersonState::Known {
            person.row.version += 1;
            person.row.updated_at = self.now;
            person.state = PersonState::Changed;
        }
        let version_after = Some(person.row.version);
        let ended = outcome(row, "updated", Some(person.row.id), None);
        Outcome { before: Some(Value::Object(before)), version_after, ..ended }
    }

    /// Tags by their ids. One that this very batch makes has none yet, and its contact had it from no earlier import.
    fn tag_ids(&self, world: &World, tags: &[u32]) -> Value {
        let lists = tags.iter().filter_map(|tag| self.lists.named(world.tag_name(*tag)));
        lists.map(|list| Value::String(list.id.to_string())).collect()
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
    Outcome { row_no: row.no, word, contact_id, reason, raw, before: None, version_after: None }
}

/// The default of a custom field in the form it is stored in; one that does not fit its own field is none.
fn default_of(custom: &Definition) -> String {
    let default = custom.default_value.clone().map(CustomValue::Text);
    default.and_then(|value| to_text(custom, &value).ok().flatten()).unwrap_or_default()
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
