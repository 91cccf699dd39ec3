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
    all: HashMap<ListId, Model>,
    by_name: HashMap<String, ListId>,
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
        let by_name = all.iter().map(|list| (list.name.clone(), list.id)).collect();
        let all = all.into_iter().map(|list| (list.id, list)).collect();
        Ok(Self { target, entry, all, by_name })
    }

    /// The import's list where it is a tag.
    pub(super) fn tag(&self) -> Option<&Model> {
        self.target.as_ref().filter(|list| !list.is_primary)
    }

    /// The import's list where it is a stage.
    pub(super) fn stage(&self) -> Option<&Model> {
        self.target.as_ref().filter(|list| list.is_primary)
    }

    /// The stage of a name; where none has exactly this one, the case of letters does not matter.
    pub(super) fn stage_named(&self, name: &str) -> Option<ListId> {
        let exact = self.named(name).filter(|list| list.is_primary);
        let alike = || {
            let lower = name.to_lowercase();
            let mut stages = self.all.values().filter(|list| list.is_primary);
            stages.find(|list| list.name.to_lowercase() == lower)
        };
        exact.or_else(alike).map(|list| list.id)
    }

    /// The list of exactly this name.
    pub(super) fn named(&self, name: &str) -> Option<&Model> {
        self.all.get(self.by_name.get(name)?)
    }

    /// The name of a list.
    pub(super) fn name(&self, id: ListId) -> Option<&String> {
        self.all.get(&id).map(|list| &list.name)
    }
}
