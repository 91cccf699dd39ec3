//! A contact a batch may write: as it was, and as it shall be.

use std::collections::BTreeSet;

use crm_core::ListId;

use super::targets::{COMPANY, EMAIL, FIRST_NAME, LAST_NAME, OWNER, PHONE, STAGE, TAGS, VALUE};
use crate::entity::base_contacts;

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
    /// The stage it was in before the batch.
    pub(super) was_in: Option<ListId>,
    /// The stage it shall be in.
    pub(super) is_in: Option<ListId>,
    /// Tags it had before the batch, by their numbers in the world.
    pub(super) had: Vec<u32>,
    /// Tags it shall have.
    pub(super) has: Vec<u32>,
    /// Values of all slots as they are now.
    pub(super) values: Vec<String>,
    /// Slots of custom fields that are written.
    custom_slots: BTreeSet<usize>,
}

impl Person {
    /// A contact in no list, with nothing to write yet.
    pub(super) const fn new(
        row: base_contacts::Model,
        state: PersonState,
        values: Vec<String>,
    ) -> Self {
        Self {
            row,
            state,
            was_in: None,
            is_in: None,
            had: Vec::new(),
            has: Vec::new(),
            values,
            custom_slots: BTreeSet::new(),
        }
    }

    /// The stage it enters.
    pub(super) fn enters(&self) -> Option<ListId> {
        self.is_in.filter(|_| self.is_in != self.was_in)
    }

    /// Tags it gets.
    pub(super) fn gains(&self) -> impl Iterator<Item = u32> {
        self.has.iter().copied().filter(|tag| !self.had.contains(tag))
    }

    /// Tags it loses.
    pub(super) fn loses(&self) -> impl Iterator<Item = u32> {
        self.had.iter().copied().filter(|tag| !self.has.contains(tag))
    }

    /// The custom fields to write, by slot.
    pub(super) fn customs(&self) -> impl Iterator<Item = (usize, &str)> {
        self.custom_slots.iter().filter_map(|slot| Some((*slot, self.values.get(*slot)?.as_str())))
    }

    /// Writes the value of a slot to where it belongs.
    pub(super) fn take(&mut self, slot: usize) {
        let value = self.values.get(slot).cloned().unwrap_or_default();
        let row = &mut self.row;
        match slot {
            FIRST_NAME => row.first_name = value,
            LAST_NAME => row.last_name = value,
            EMAIL => row.primary_email = Some(value),
            PHONE => row.primary_phone = Some(value),
            COMPANY => row.company = value,
            VALUE => row.value_minor = value.parse().ok(),
            OWNER => row.owner_id = value.parse().ok(),
            STAGE | TAGS => {}
            _ => {
                self.custom_slots.insert(slot);
            }
        }
    }
}
