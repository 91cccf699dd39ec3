//! The lists an import puts contacts into.

use std::collections::HashMap;

use crm_core::{ListId, Scope, StoreError, Tx};
use sea_orm::{EntityTrait, QueryOrder};

use crate::entity::contact_lists::{Column, Entity, Model};

/// A workspace's lists as one batch sees them.
pub(super) struct Lists {
    /// The list of the import.
    pub(super) target: Option<Model>,
    /// The stage new contacts enter.
    pub(super) entry: Option<Model>,
    names: HashMap<ListId, String>,
}

impl Lists {
    /// Reads the lists. New contacts enter the import's stage, else the workspace's first one.
    pub(super) async fn load(
        tx: &Tx,
        scope: &Scope,
        wanted: Option<ListId>,
    ) -> Result<Self, StoreError> {
        let select = Entity::find().order_by_asc(Column::Position).order_by_asc(Column::Id);
        let all = tx.all(scope, select).await?;
        let target = all.iter().find(|list| Some(list.id) == wanted).cloned();
        let first = all.iter().find(|list| list.is_primary).cloned();
        let entry = target.clone().filter(|list| list.is_primary).or(first);
        let names = all.into_iter().map(|list| (list.id, list.name)).collect();
        Ok(Self { target, entry, names })
    }

    /// What the slot of the list holds for contacts in the import's list; empty without one.
    pub(super) fn target_value(&self) -> String {
        self.target.as_ref().map(|list| list.id.to_string()).unwrap_or_default()
    }

    /// The import's list where it is a tag.
    pub(super) fn tag(&self) -> Option<&Model> {
        self.target.as_ref().filter(|list| !list.is_primary)
    }

    /// The name of a list.
    pub(super) fn name(&self, id: ListId) -> Option<&String> {
        self.names.get(&id)
    }
}
