//! The contacts of the database that a batch of rows may mean.

use std::collections::{HashMap, HashSet};

use crm_core::{ContactId, ListId, Scope, StoreError, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::ImportMode;
use super::lists::Lists;
use super::targets::{
    COMPANY, EMAIL, FIRST_NAME, LAST_NAME, OWNER, PHONE, STAGE, TAGS, Targets, VALUE,
};
use super::values::{Reading, Row};
use super::world::World;
use crate::entity::{base_contacts, contact_list_assignments, custom_fields};

/// Values asked for at once.
const ASKED: usize = 512;

/// A contact of the database with what the import must know of it.
pub(super) struct Stored {
    pub(super) row: base_contacts::Model,
    /// Its stage, where the import may change that.
    pub(super) stage: Option<ListId>,
    /// Its tags, where the import may change those; only the import's own where it can do no more than give that.
    pub(super) tags: Vec<ListId>,
    /// Its mapped custom fields by slot.
    pub(super) customs: HashMap<usize, String>,
}

impl Stored {
    /// The value of each slot but that of the tags.
    pub(super) fn value(&self, slot: usize) -> String {
        let row = &self.row;
        match slot {
            FIRST_NAME => row.first_name.clone(),
            LAST_NAME => row.last_name.clone(),
            EMAIL => row.primary_email.clone().unwrap_or_default(),
            PHONE => row.primary_phone.clone().unwrap_or_default(),
            COMPANY => row.company.clone(),
            VALUE => row.value_minor.map(|value| value.to_string()).unwrap_or_default(),
            OWNER => row.owner_id.map(|owner| owner.to_string()).unwrap_or_default(),
            TAGS => String::new(),
            STAGE => self.stage.map(|stage| stage.to_string()).unwrap_or_default(),
            _ => self.customs.get(&slot).cloned().unwrap_or_default(),
        }
    }
}

/// Values in portions whose sizes are powers of two, the last value repeated to fill up: the database sees few
/// different statements, so that it can keep them prepared without keeping many.
pub(super) fn portions<T: Clone>(values: &[T]) -> Vec<Vec<T>> {
    values
        .chunks(ASKED)
        .map(|chunk| {
            let mut portion = chunk.to_vec();
            if let Some(last) = chunk.last() {
                portion.resize(chunk.len().next_power_of_two(), last.clone());
            }
            portion
        })
        .collect()
}

/// What contacts are looked for with.
pub(super) struct Finder<'a> {
    pub(super) tx: &'a Tx,
    pub(super) scope: &'a Scope,
    pub(super) is_sqlite: bool,
    pub(super) mode: ImportMode,
    pub(super) targets: &'a Targets,
    pub(super) lists: &'a Lists,
}

/// Contacts with one of the values in `$1`, a JSON array, each looked up by itself in the unique index.
///
/// `PostgreSQL` knows nothing yet about a table that is being filled, and then takes it for cheaper to go through the
/// whole workspace than through an index several hundred times: an import would get slower with every row. This form
/// leaves it no choice.
macro_rules! one_by_one {
    ($column:literal) => {
        concat!(
            "base_contacts.id IN (SELECT found.id FROM jsonb_array_elements_text(CAST($1 AS jsonb)) AS wanted (value) ",
            "CROSS JOIN LATERAL (SELECT id FROM base_contacts WHERE workspace_id = $2 AND ",
            $column,
            " = wanted.value LIMIT 1) AS found)"
        )
    };
}

/// The two columns contacts are recognised by.
const KEYS: [(usize, base_contacts::Column, &str); 2] = [
    (EMAIL, base_contacts::Column::PrimaryEmail, one_by_one!("primary_email")),
    (PHONE, base_contacts::Column::PrimaryPhone, one_by_one!("primary_phone")),
];

impl Finder<'_> {
    /// Loads the contacts that have an address or a number of `rows` and that `world` does not know yet, held against
    /// other transactions.
    pub(super) async fn load(
        &self,
        rows: &[Row],
        world: &World,
    ) -> Result<Vec<Stored>, StoreError> {
        let mut found: HashMap<ContactId, base_contacts::Model> = HashMap::new();
        for (slot, column, one_by_one) in KEYS {
            for condition in self.conditions(&wanted(rows, slot), column, one_by_one)? {
                let mut select = base_contacts::Entity::find().filter(condition);
                // Rows are held in one order by all, so that two imports cannot wait for each other. SQLite has one writer
                // and nothing to hold, and takes an order for a reason to go through the whole workspace.
                if !self.is_sqlite {
                    select = select.order_by_asc(base_contacts::Column::Id).lock_exclusive();
                }
                for row in self.tx.all(self.scope, select).await? {
                    found.insert(row.id, row);
                }
            }
        }
        let mut found: Vec<Stored> = found
            .into_values()
            .filter(|row| !world.knows(row.id))
            .map(|row| Stored { row, stage: None, tags: Vec::new(), customs: HashMap::new() })
            .collect();
        found.sort_unstable_by_key(|stored| stored.row.id);
        if self.mode != ImportMode::Skip && !found.is_empty() {
            self.add_lists(&mut found).await?;
            add_customs(self.tx, self.scope, &mut found, self.targets).await?;
        }
        Ok(found)
    }

    async fn add_lists(&self, found: &mut [Stored]) -> Result<(), StoreError> {
        use contact_list_assignments::{Column, Entity};
        let stages = self.targets.header(STAGE).is_some() || self.lists.stage().is_some();
        let all_tags = self.targets.header(TAGS).is_some();
        let tag = self.lists.tag().map(|tag| tag.id);
        if !stages && !all_tags && tag.is_none() {
            return Ok(());
        }
        let mut kinds = Condition::any();
        if stages {
            kinds = kinds.add(Column::IsPrimary.eq(true));
        }
        if all_tags {
            kinds = kinds.add(Column::IsPrimary.eq(false));
        } else if let Some(tag) = tag {
            kinds = kinds.add(Column::ListId.eq(tag));
        }
        let ids: Vec<ContactId> = found.iter().map(|stored| stored.row.id).collect();
        for portion in portions(&ids) {
            let select =
                Entity::find().filter(Column::ContactId.is_in(portion)).filter(kinds.clone());
            for row in self.tx.all(self.scope, select).await? {
                let at = place(found, row.contact_id);
                match at.and_then(|at| found.get_mut(at)) {
                    Some(stored) if row.is_primary => stored.stage = Some(row.list_id),
                    Some(stored) => stored.tags.push(row.list_id),
                    None => {}
                }
            }
        }
        Ok(())
    }

    fn conditions(
        &self,
        values: &[&str],
        column: base_contacts::Column,
        one_by_one: &'static str,
    ) -> Result<Vec<Expr>, StoreError> {
        if self.is_sqlite || values.is_empty() {
            return Ok(portions(values).into_iter().map(|portion| column.is_in(portion)).collect());
        }
        let values = serde_json::to_string(values)?;
        let workspace = self.scope.workspace_id().to_string();
        Ok(vec![Expr::cust_with_values(one_by_one, [values, workspace])])
    }
}

/// The different values `rows` have in a slot.
fn wanted(rows: &[Row], slot: usize) -> Vec<&str> {
    let mut seen = HashSet::new();
    let values = rows.iter().filter_map(|row| match &row.reading {
        Reading::Values(values) => values.get(slot).map(String::as_str),
        _ => None,
    });
    values.filter(|value| !value.is_empty() && seen.insert(*value)).collect()
}

/// Places of contacts in `found`, which is in order of ids.
fn place(found: &[Stored], id: ContactId) -> Option<usize> {
    found.binary_search_by_key(&id, |stored| stored.row.id).ok()
}

async fn add_customs(
    tx: &Tx,
    scope: &Scope,
    found: &mut [Stored],
    targets: &Targets,
) -> Result<(), StoreError> {
    use custom_fields::{Column, Entity};
    let names = targets.mapped_customs();
    if names.is_empty() {
        return Ok(());
    }
    let ids: Vec<ContactId> = found.iter().map(|stored| stored.row.id).collect();
    for portion in portions(&ids) {
        let select = Entity::find()
            .filter(Column::ContactId.is_in(portion))
            .filter(Column::FieldName.is_in(names.iter().copied()));
        for row in tx.all(scope, select).await? {
            let at = place(found, row.contact_id);
            let slot = targets.custom_slot(&row.field_name);
            if let (Some(stored), Some(slot)) = (at.and_then(|at| found.get_mut(at)), slot) {
                stored.customs.insert(slot, row.field_value);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::portions;

    #[test]
    fn portions_have_few_sizes_and_lose_nothing() {
        let values: Vec<u32> = (0..1300).collect();
        let portions = portions(&values);
        assert_eq!(portions.iter().map(Vec::len).collect::<Vec<_>>(), [512, 512, 512]);
        assert_eq!(portions.last().unwrap().last(), Some(&1299));
        assert!(super::portions::<u32>(&[]).is_empty());
        assert_eq!(super::portions(&[7]), [[7]]);
    }
}
