//! Where the columns of a file go: checked against what contacts have, and made into a plan for reading rows.

use std::collections::{HashMap, HashSet};

use crm_core::{Db, Scope, StoreError, UserId};

use super::{ImportError, Mapping, Result, headers, remembered};
use crate::contacts::definitions::{self, Definition};
use crate::door::Door;

/// Slots of a row's values. Custom fields follow, one slot a definition.
pub(super) const FIRST_NAME: usize = 0;
pub(super) const LAST_NAME: usize = 1;
pub(super) const EMAIL: usize = 2;
pub(super) const PHONE: usize = 3;
pub(super) const COMPANY: usize = 4;
pub(super) const VALUE: usize = 5;
/// The member who looks after them, by id.
pub(super) const OWNER: usize = 6;
/// The stage, by name in a row and by id in a contact.
pub(super) const STAGE: usize = 7;
/// Tags, by name. They are many, so contacts keep them beside their slots.
pub(super) const TAGS: usize = 8;
/// The first custom field.
pub(super) const CUSTOM: usize = 9;

/// Slots that tell who a contact is.
pub(super) const IDENTITY: [usize; 5] = [FIRST_NAME, LAST_NAME, EMAIL, PHONE, COMPANY];

/// What stands before the name of a custom field in a target.
const PREFIX: &str = "custom.";

/// The places a row's cells go to.
#[derive(Debug)]
pub(super) struct Targets {
    /// Names of the file's columns.
    pub(super) headers: Vec<String>,
    /// Which cell goes to which slot.
    pub(super) cells: Vec<(usize, usize)>,
    /// Custom fields of the workspace; number `n` has slot `CUSTOM + n`.
    pub(super) customs: Vec<Definition>,
    /// Country of phone numbers without a country code.
    pub(super) region: String,
    /// Members of the workspace by e-mail address.
    pub(super) people: HashMap<String, UserId>,
}

/// What a workspace's contacts can be given.
pub(super) struct Fields {
    customs: Vec<Definition>,
    region: String,
    people: HashMap<String, UserId>,
    /// What headers were mapped to before, by their keys.
    remembered: HashMap<String, String>,
}

impl Fields {
    /// The fields of the scope's workspace.
    pub(super) async fn load(db: &Db, scope: &Scope) -> std::result::Result<Self, StoreError> {
        let door = Door::Db(db);
        let mut customs = definitions::load(door, scope).await?;
        customs.retain(|custom| !custom.is_archived);
        let people = crm_core::workspace::members(db, scope).await?;
        Ok(Self {
            customs,
            region: door.facts(scope).await?.default_region,
            people: people.into_iter().map(|(id, email)| (email.to_lowercase(), id)).collect(),
            remembered: remembered::targets(db, scope).await?,
        })
    }

    /// The target a header suggests: the one it had the last time, else a contact's own column by its usual names, else a
    /// custom field by its name.
    pub(super) fn suggest(&self, header: &str) -> Option<String> {
        let before = self.remembered.get(&remembered::key(header));
        if let Some(target) = before.filter(|target| self.slot(target).is_some()) {
            return Some(target.clone());
        }
        if let Some(column) = headers::meant(header) {
            return Some(column.to_owned());
        }
        // What an export calls a field means that one and no other of a similar name.
        if self.slot(header).is_some() {
            return Some(header.to_owned());
        }
        let wanted = headers::fold(header.strip_prefix(PREFIX).unwrap_or(header));
        let mut customs = self.customs.iter();
        customs
            .find(|custom| {
                headers::fold(&custom.name) == wanted || headers::fold(&custom.label) == wanted
            })
            .map(|custom| format!("{PREFIX}{}", custom.name))
    }

    /// What all headers suggest, each target once.
    pub(super) fn suggest_all(&self, headers: &[String]) -> Vec<Option<String>> {
        let mut taken = HashSet::new();
        headers
            .iter()
            .map(|header| self.suggest(header).filter(|target| taken.insert(target.clone())))
            .collect()
    }

    /// The mapping the headers suggest.
    pub(super) fn suggested_mapping(&self, headers: &[String]) -> Mapping {
        let targets = self.suggest_all(headers).into_iter();
        headers
            .iter()
            .cloned()
            .zip(targets)
            .filter_map(|(header, target)| Some((header, target?)))
            .collect()
    }

    /// Checks a mapping against a file's headers. A header mapped to nothing (an empty target) is ignored.
    pub(super) fn compile(self, headers: Vec<String>, mapping: &Mapping) -> Result<Targets> {
        let mut cells = Vec::new();
        for (header, target) in mapping.iter().filter(|(_, target)| !target.is_empty()) {
            let cell = headers
                .iter()
                .position(|known| known == header)
                .ok_or_else(|| ImportError::UnknownHeader(header.clone()))?;
            let slot =
                self.slot(target).ok_or_else(|| ImportError::UnknownTarget(target.clone()))?;
            if cells.iter().any(|(_, taken)| *taken == slot) {
                return Err(ImportError::DuplicateTarget(target.clone()));
            }
            cells.push((cell, slot));
        }
        if !cells.iter().any(|(_, slot)| IDENTITY.contains(slot)) {
            return Err(ImportError::NothingMapped);
        }
        cells.sort_unstable();
        let Self { customs, region, people, .. } = self;
        Ok(Targets { headers, cells, customs, region, people })
    }

    fn slot(&self, target: &str) -> Option<usize> {
        if let Some(name) = target.strip_prefix(PREFIX) {
            return self
                .customs
                .iter()
                .position(|custom| custom.name == name)
                .map(|at| CUSTOM + at);
        }
        headers::columns().position(|column| column == target)
    }
}

impl Targets {
    /// How many slots a row has.
    pub(super) fn slots(&self) -> usize {
        CUSTOM + self.customs.len()
    }

    /// The file's column that goes to a slot.
    pub(super) fn header(&self, slot: usize) -> Option<&str> {
        let (cell, _) = self.cells.iter().find(|(_, taken)| *taken == slot)?;
        self.headers.get(*cell).map(String::as_str)
    }

    /// The custom field of a slot.
    pub(super) fn custom(&self, slot: usize) -> Option<&Definition> {
        slot.checked_sub(CUSTOM).and_then(|at| self.customs.get(at))
    }

    /// The slot of a custom field.
    pub(super) fn custom_slot(&self, name: &str) -> Option<usize> {
        self.customs.iter().position(|custom| custom.name == name).map(|at| CUSTOM + at)
    }

    /// Names of the custom fields the file has a column for.
    pub(super) fn mapped_customs(&self) -> Vec<&str> {
        let slots = self.cells.iter().filter_map(|(_, slot)| self.custom(*slot));
        slots.map(|custom| custom.name.as_str()).collect()
    }

    /// What a slot is called in records of what changed.
    pub(super) fn name(&self, slot: usize) -> String {
        match self.custom(slot) {
            Some(custom) => format!("{PREFIX}{}", custom.name),
            None => headers::columns().nth(slot).unwrap_or_default().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contacts::definitions::FieldType;

    fn fields() -> Fields {
        let plan = Definition {
            name: "plan".to_owned(),
            label: "Tariff plan".to_owned(),
            field_type: FieldType::Text,
            options: Vec::new(),
            is_required: false,
            default_value: None,
            is_archived: false,
        };
        Fields {
            customs: vec![plan],
            region: "AT".to_owned(),
            people: HashMap::new(),
            remembered: HashMap::new(),
        }
    }

    fn headers() -> Vec<String> {
        ["Vorname", "E-Mail", "email", "Tariff plan", "notes"].map(str::to_owned).to_vec()
    }

    fn mapping(pairs: &[(&str, &str)]) -> Mapping {
        pairs.iter().map(|(header, target)| ((*header).to_owned(), (*target).to_owned())).collect()
    }

    #[test]
    fn headers_suggest_each_target_once() {
        let suggested = fields().suggest_all(&headers());
        let expected = [Some("first_name"), Some("primary_email"), None, Some("custom.plan"), None];
        assert_eq!(suggested, expected.map(|target| target.map(str::to_owned)));
    }

    #[test]
    fn the_order_of_slots_is_the_order_of_columns() {
        let names = [
            "first_name",
            "last_name",
            "primary_email",
            "primary_phone",
            "company",
            "value_minor",
            "owner",
            "stage",
            "tags",
        ];
        let slots = [FIRST_NAME, LAST_NAME, EMAIL, PHONE, COMPANY, VALUE, OWNER, STAGE, TAGS];
        for (name, slot) in names.into_iter().zip(slots) {
            assert_eq!(fields().slot(name), Some(slot), "{name}");
        }
        assert_eq!(fields().slot("custom.plan"), Some(CUSTOM));
    }

    #[test]
    fn mappings_are_checked() {
        let compile = |pairs: &[(&str, &str)]| fields().compile(headers(), &mapping(pairs));
        let targets =
            compile(&[("E-Mail", "primary_email"), ("notes", ""), ("Tariff plan", "custom.plan")])
                .unwrap();
        assert_eq!(targets.cells, [(1, EMAIL), (3, CUSTOM)]);
        assert_eq!(targets.mapped_customs(), ["plan"]);
        assert!(matches!(compile(&[("nope", "company")]), Err(ImportError::UnknownHeader(_))));
        assert!(matches!(compile(&[("notes", "custom.nope")]), Err(ImportError::UnknownTarget(_))));
        assert!(matches!(compile(&[("notes", "id")]), Err(ImportError::UnknownTarget(_))));
        let twice = [("E-Mail", "primary_email"), ("email", "primary_email")];
        assert!(matches!(compile(&twice), Err(ImportError::DuplicateTarget(_))));
        assert!(matches!(compile(&[("notes", "custom.plan")]), Err(ImportError::NothingMapped)));
        assert!(matches!(compile(&[]), Err(ImportError::NothingMapped)));
    }
}
