//! Which contacts there are, as far as an import must know, and what a row means beside them.
//!
//! A trial run and a real run decide with the same code. The real run forgets its world after each batch and asks the
//! database again; the trial run writes nothing, so it keeps its world and adds to it what it would have written.
//! Values are remembered as 64-bit hashes keyed at random, which keeps a trial run over hundreds of thousands of rows
//! small.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crm_core::ContactId;

use super::ImportMode;
use super::targets::{EMAIL, PHONE, TAGS};

/// The hash of a value, 0 for an empty one.
pub(super) type Fact = u64;

/// Contacts known.
pub(super) struct World {
    hasher: RandomState,
    slots: usize,
    facts: Vec<Fact>,
    by_email: HashMap<Fact, usize>,
    by_phone: HashMap<Fact, usize>,
    by_id: HashMap<ContactId, usize>,
    tags: Tags,
}

/// Tags of contacts: each name is kept once, and contacts hold the names' numbers.
#[derive(Default)]
struct Tags {
    names: Vec<String>,
    numbers: HashMap<String, u32>,
    /// Of contacts that have any, in order.
    of: HashMap<usize, Vec<u32>>,
}

/// The tags a row wants its contact to have.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct WantedTags {
    /// Their numbers in the world, in order.
    pub(super) numbers: Vec<u32>,
    /// Whether the row names all there shall be, and does not only add to what there is.
    pub(super) replace: bool,
}

/// What a row means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// A new contact.
    Create,
    /// These slots of a known contact change.
    Change { contact: usize, slots: Vec<usize> },
    /// A known contact stays as it is.
    Leave { contact: usize, because: Because },
    /// The row cannot be used: its phone number is another contact's.
    PhoneTaken,
}

/// Why a contact stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Because {
    /// It has the row's e-mail address, and such contacts are to be left alone.
    SameEmail,
    /// It has the row's phone number, and such contacts are to be left alone.
    SamePhone,
    /// The row says nothing new.
    NothingNew,
}

impl World {
    /// An empty world for rows of `slots` values.
    pub(super) fn new(slots: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            slots,
            facts: Vec::new(),
            by_email: HashMap::new(),
            by_phone: HashMap::new(),
            by_id: HashMap::new(),
            tags: Tags::default(),
        }
    }

    /// Forgets all contacts; hashes stay comparable.
    pub(super) fn clear(&mut self) {
        self.facts.clear();
        self.by_email.clear();
        self.by_phone.clear();
        self.by_id.clear();
        self.tags.of.clear();
    }

    /// The number of a tag's name.
    pub(super) fn tag(&mut self, name: &str) -> u32 {
        if let Some(number) = self.tags.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.tags.names.len()).unwrap_or(u32::MAX);
        self.tags.names.push(name.to_owned());
        self.tags.numbers.insert(name.to_owned(), number);
        number
    }

    /// The name of a tag.
    pub(super) fn tag_name(&self, number: u32) -> &str {
        let name = usize::try_from(number).ok().and_then(|number| self.tags.names.get(number));
        name.map_or("", String::as_str)
    }

    /// The tags of a contact, in order.
    pub(super) fn tags(&self, contact: usize) -> &[u32] {
        self.tags.of.get(&contact).map_or(&[], Vec::as_slice)
    }

    /// Changes the tags of a contact.
    pub(super) fn set_tags(&mut self, contact: usize, tags: Vec<u32>) {
        if tags.is_empty() {
            self.tags.of.remove(&contact);
        } else {
            self.tags.of.insert(contact, tags);
        }
    }

    /// What the tags of a contact become by what a row wants.
    pub(super) fn tags_with(&self, contact: usize, wanted: &WantedTags) -> Vec<u32> {
        let mut tags = wanted.numbers.clone();
        if !wanted.replace {
            tags.extend_from_slice(self.tags(contact));
        }
        tags.sort_unstable();
        tags.dedup();
        tags
    }

    /// The hash of a value.
    pub(super) fn fact(&self, value: &str) -> Fact {
        if value.is_empty() { 0 } else { self.hasher.hash_one(value).max(1) }
    }

    /// Adds a contact with these facts and returns its number, counted from 0.
    pub(super) fn add(&mut self, facts: &[Fact]) -> usize {
        let contact = self.facts.len() / self.slots.max(1);
        self.facts.extend_from_slice(facts);
        if let Some(email) = facts.get(EMAIL).filter(|fact| **fact != 0) {
            self.by_email.insert(*email, contact);
        }
        if let Some(phone) = facts.get(PHONE).filter(|fact| **fact != 0) {
            self.by_phone.insert(*phone, contact);
        }
        contact
    }

    /// Adds a contact of the database.
    pub(super) fn add_stored(&mut self, id: ContactId, facts: &[Fact]) -> usize {
        let contact = self.add(facts);
        self.by_id.insert(id, contact);
        contact
    }

    /// Whether a contact of the database is known already.
    pub(super) fn knows(&self, id: ContactId) -> bool {
        self.by_id.contains_key(&id)
    }

    /// One fact of a contact.
    pub(super) fn get(&self, contact: usize, slot: usize) -> Fact {
        self.facts.get(contact * self.slots + slot).copied().unwrap_or(0)
    }

    /// Changes a fact of a contact. Returns the phone number that became nobody's, if one did.
    pub(super) fn set(&mut self, contact: usize, slot: usize, fact: Fact) -> Option<Fact> {
        let place = self.facts.get_mut(contact * self.slots + slot)?;
        let old = std::mem::replace(place, fact);
        let index = match slot {
            EMAIL => &mut self.by_email,
            PHONE => &mut self.by_phone,
            _ => return None,
        };
        index.insert(fact, contact);
        let freed = (old != 0 && old != fact).then_some(old)?;
        index.remove(&freed);
        (slot == PHONE).then_some(freed)
    }

    /// What a row with these facts and tags means.
    pub(super) fn decide(&self, mode: ImportMode, row: &[Fact], tags: &WantedTags) -> Decision {
        let fact = |slot: usize| row.get(slot).copied().unwrap_or(0);
        let (email, phone) = (fact(EMAIL), fact(PHONE));
        let by_email = self.by_email.get(&email).copied();
        let by_phone = self.by_phone.get(&phone).copied();
        let (contact, because) = match (by_email, by_phone) {
            (Some(contact), _) => (contact, Because::SameEmail),
            // One number may serve a family or an office: where both have an address and these differ, they are two
            // people.
            (None, Some(contact)) if email == 0 || self.get(contact, EMAIL) == 0 => {
                (contact, Because::SamePhone)
            }
            (None, Some(_)) => return Decision::PhoneTaken,
            (None, None) => return Decision::Create,
        };
        if mode == ImportMode::Skip {
            return Decision::Leave { contact, because };
        }
        let mut slots: Vec<usize> = (0..self.slots)
            .filter(|slot| {
                let (old, new) = (self.get(contact, *slot), fact(*slot));
                new != 0 && old != new && (old == 0 || mode == ImportMode::Overwrite)
            })
            .collect();
        if slots.contains(&PHONE) && by_phone.is_some_and(|owner| owner != contact) {
            return Decision::PhoneTaken;
        }
        if !tags.numbers.is_empty() && self.tags_with(contact, tags) != self.tags(contact) {
            slots.push(TAGS);
        }
        if slots.is_empty() {
            return Decision::Leave { contact, because: Because::NothingNew };
        }
        Decision::Change { contact, slots }
    }
}

#[cfg(test)]
mod tests {
    use ImportMode::{Fill, Overwrite, Skip};

    use super::*;
    use crate::import::targets::{COMPANY, CUSTOM, FIRST_NAME};

    fn row(world: &World, first: &str, email: &str, phone: &str, company: &str) -> Vec<Fact> {
        let mut facts = vec![0; CUSTOM];
        for (slot, value) in
            [(FIRST_NAME, first), (EMAIL, email), (PHONE, phone), (COMPANY, company)]
        {
            facts[slot] = world.fact(value);
        }
        facts
    }

    #[test]
    fn the_same_address_is_the_same_person_and_the_same_phone_only_without_another_address() {
        let mut world = World::new(CUSTOM);
        let ada = world.add(&row(&world, "Ada", "ada@x.yz", "+1", ""));
        let bob = world.add(&row(&world, "Bob", "", "+2", ""));
        let decide = |mode, email, phone| {
            world.decide(mode, &row(&world, "N", email, phone, ""), &WantedTags::default())
        };
        assert_eq!(decide(Skip, "new@x.yz", ""), Decision::Create);
        assert_eq!(decide(Skip, "", ""), Decision::Create);
        let same_email = Decision::Leave { contact: ada, because: Because::SameEmail };
        assert_eq!(decide(Skip, "ada@x.yz", "+9"), same_email);
        let same_phone = Decision::Leave { contact: bob, because: Because::SamePhone };
        assert_eq!(decide(Skip, "new@x.yz", "+2"), same_phone);
        assert_eq!(decide(Skip, "new@x.yz", "+1"), Decision::PhoneTaken);
        assert_eq!(decide(Overwrite, "ada@x.yz", "+2"), Decision::PhoneTaken);
        // Ada has a number, so filling takes none from Bob.
        let nothing = Decision::Leave { contact: ada, because: Because::NothingNew };
        assert_eq!(decide(Fill, "ada@x.yz", "+2"), nothing);
        assert_eq!(
            decide(Fill, "new@x.yz", "+2"),
            Decision::Change { contact: bob, slots: vec![EMAIL] }
        );
        let all = vec![FIRST_NAME, PHONE];
        assert_eq!(
            decide(Overwrite, "ada@x.yz", "+3"),
            Decision::Change { contact: ada, slots: all }
        );
    }

    #[test]
    fn a_changed_number_is_free_again() {
        let mut world = World::new(CUSTOM);
        let ada = world.add(&row(&world, "Ada", "ada@x.yz", "+1", ""));
        let old = world.fact("+1");
        assert_eq!(world.set(ada, PHONE, world.fact("+2")), Some(old));
        let new = row(&world, "New", "new@x.yz", "+1", "");
        assert_eq!(world.decide(Skip, &new, &WantedTags::default()), Decision::Create);
        let taken = row(&world, "New", "new@x.yz", "+2", "");
        assert_eq!(world.decide(Skip, &taken, &WantedTags::default()), Decision::PhoneTaken);
    }
    #[test]
    fn tags_are_added_and_replaced_only_by_a_row_that_names_them_all() {
        let mut world = World::new(CUSTOM);
        let ada = world.add(&row(&world, "Ada", "ada@x.yz", "", ""));
        let (vip, press) = (world.tag("VIP"), world.tag("press"));
        assert_eq!((world.tag("VIP"), world.tag_name(press)), (vip, "press"));
        world.set_tags(ada, vec![vip]);
        let same = row(&world, "Ada", "ada@x.yz", "", "");
        let wants = |numbers, replace| WantedTags { numbers, replace };
        let decide = |tags: WantedTags| world.decide(Overwrite, &same, &tags);
        let nothing = Decision::Leave { contact: ada, because: Because::NothingNew };
        assert_eq!(decide(wants(vec![], true)), nothing);
        assert_eq!(decide(wants(vec![vip], true)), nothing);
        let change = Decision::Change { contact: ada, slots: vec![TAGS] };
        assert_eq!(decide(wants(vec![press], false)), change);
        assert_eq!(world.tags_with(ada, &wants(vec![press], false)), [vip, press]);
        assert_eq!(world.tags_with(ada, &wants(vec![press], true)), [press]);
    }
}
