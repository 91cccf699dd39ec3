//! Writing what a batch came to, in few statements of few different lengths.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use crm_core::{
    Actor, ContactId, Context, ImportId, ListId, LogId, Scope, Scoped, StoreError, Timestamp, Tx,
    UserId,
};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};

use super::known::portions;
use super::lists::Lists;
use super::outcome::{Outcome, Sum};
use super::person::{Person, PersonState};
use super::targets::Targets;
use super::world::World;
use crate::entity::{
    base_contacts, communication_logs, contact_list_assignments, custom_fields, import_rows,
};
use crate::lists::tags;
use crate::timeline::LogContent;

/// Most rows of one statement. A power of two; the rest goes in smaller powers of two, so that the database meets a
/// handful of statements and not one for each number of rows.
const ROWS: usize = 512;

/// What rows are written with.
pub(super) struct Pen<'a> {
    pub(super) ctx: &'a Context,
    pub(super) tx: &'a Tx,
    pub(super) scope: &'a Scope,
    pub(super) import_id: ImportId,
    /// Who brought the file.
    pub(super) user_id: Option<UserId>,
    pub(super) targets: &'a Targets,
    pub(super) lists: &'a Lists,
    pub(super) now: Timestamp,
}

impl Pen<'_> {
    /// Writes contacts with their lists, timelines and custom fields.
    pub(super) async fn people(&self, world: &World, sum: &mut Sum) -> Result<(), StoreError> {
        let people = std::mem::take(&mut sum.people);
        let (changed, new): (Vec<Person>, Vec<Person>) = people
            .into_iter()
            .filter(|person| person.state != PersonState::Known)
            .partition(|person| person.state == PersonState::Changed);
        // Changed ones first: no new contact may meet a value that a changed one is about to give up.
        self.contacts(&changed, true).await?;
        self.contacts(&new, false).await?;
        self.leave_stages(&changed).await?;
        let tags = self.tags(world, new.iter().chain(&changed)).await?;
        self.leave_tags(&changed, &tags).await?;
        let mut assignments = Vec::with_capacity(new.len());
        let mut logs = Vec::with_capacity(new.len());
        let mut customs = Vec::new();
        let mut moves: HashMap<(Option<ListId>, ListId), serde_json::Value> = HashMap::new();
        for person in new.iter().chain(&changed) {
            if let Some(stage) = person.enters() {
                assignments.push(self.assignment(person, stage, true));
                let content = match moves.entry((person.was_in, stage)) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(empty) => empty.insert(self.stage_change(person.was_in, stage)?),
                };
                logs.push(self.log(person, content.clone()));
            }
            let gained = person.gains().filter_map(|tag| tags.get(&tag));
            assignments.extend(gained.map(|tag| self.assignment(person, *tag, false)));
            customs.extend(
                person.customs().filter_map(|(slot, value)| self.custom(person, slot, value)),
            );
        }
        self.insert(assignments, None).await?;
        self.insert(logs, None).await?;
        self.insert(customs, Some(custom_fields::replacing())).await
    }

    /// Writes how rows ended.
    pub(super) async fn outcomes(&self, outcomes: Vec<Outcome>) -> Result<(), StoreError> {
        let rows = outcomes.into_iter().map(|outcome| import_rows::ActiveModel {
            import_id: Set(self.import_id),
            row_no: Set(i64::try_from(outcome.row_no).unwrap_or(i64::MAX)),
            workspace_id: Set(self.scope.workspace_id()),
            outcome: Set(outcome.word.to_owned()),
            contact_id: Set(outcome.contact_id),
            reason: Set(outcome.reason),
            raw: Set(outcome.raw),
            before: Set(outcome.before),
            version_after: Set(outcome.version_after),
            undo: Set(None),
            undo_reason: Set(None),
        });
        self.insert(rows.collect(), None).await
    }

    async fn contacts(&self, people: &[Person], are_there: bool) -> Result<(), StoreError> {
        let rows = people.iter().map(|person| person.row.clone().into_active_model().reset_all());
        self.insert(rows.collect(), are_there.then(base_contacts::replacing)).await
    }

    /// Takes contacts that move out of the stages they are in.
    async fn leave_stages(&self, changed: &[Person]) -> Result<(), StoreError> {
        use contact_list_assignments::{Column, Entity};
        let movers =
            changed.iter().filter(|person| person.was_in.is_some() && person.enters().is_some());
        let ids: Vec<_> = movers.map(|person| person.row.id).collect();
        for portion in portions(&ids) {
            let delete = Entity::delete_many()
                .filter(Column::IsPrimary.eq(true))
                .filter(Column::ContactId.is_in(portion));
            self.tx.delete_many(self.scope, delete).await?;
        }
        Ok(())
    }

    /// The tags that contacts get or lose, by their numbers in the world. Those the workspace does not have are made.
    async fn tags<'p>(
        &self,
        world: &World,
        people: impl Iterator<Item = &'p Person>,
    ) -> Result<HashMap<u32, ListId>, StoreError> {
        let mut known = HashMap::new();
        let mut missing: Vec<u32> = Vec::new();
        let wanted: BTreeSet<u32> =
            people.flat_map(|person| person.gains().chain(person.loses())).collect();
        for tag in wanted {
            match self.lists.named(world.tag_name(tag)) {
                Some(list) => {
                    known.insert(tag, list.id);
                }
                None => missing.push(tag),
            }
        }
        if !missing.is_empty() {
            let names: Vec<String> =
                missing.iter().map(|tag| world.tag_name(*tag).to_owned()).collect();
            let actor = Actor { user_id: self.user_id, ..Actor::system("import") };
            let made = tags::make(self.ctx, self.tx, self.scope, &actor, &names).await?;
            known.extend(missing.into_iter().zip(made));
        }
        Ok(known)
    }

    /// Takes contacts out of the tags they lose.
    async fn leave_tags(
        &self,
        changed: &[Person],
        tags: &HashMap<u32, ListId>,
    ) -> Result<(), StoreError> {
        use contact_list_assignments::{Column, Entity};
        let mut losers: HashMap<ListId, Vec<ContactId>> = HashMap::new();
        for person in changed {
            for tag in person.loses().filter_map(|tag| tags.get(&tag)) {
                losers.entry(*tag).or_default().push(person.row.id);
            }
        }
        for (tag, ids) in losers {
            for portion in portions(&ids) {
                let delete = Entity::delete_many()
                    .filter(Column::ListId.eq(tag))
                    .filter(Column::ContactId.is_in(portion));
                self.tx.delete_many(self.scope, delete).await?;
            }
        }
        Ok(())
    }

    fn stage_change(
        &self,
        old: Option<ListId>,
        new: ListId,
    ) -> Result<serde_json::Value, StoreError> {
        let name = |id: ListId| self.lists.name(id).cloned();
        let content = LogContent::StageChange {
            old_list: old.and_then(name),
            new_list: name(new).unwrap_or_default(),
        };
        Ok(serde_json::to_value(content)?)
    }

    fn assignment(
        &self,
        person: &Person,
        list_id: ListId,
        is_primary: bool,
    ) -> contact_list_assignments::ActiveModel {
        contact_list_assignments::ActiveModel {
            workspace_id: Set(self.scope.workspace_id()),
            contact_id: Set(person.row.id),
            list_id: Set(list_id),
            is_primary: Set(is_primary),
            assigned_at: Set(self.now),
        }
    }

    fn log(&self, person: &Person, content: serde_json::Value) -> communication_logs::ActiveModel {
        communication_logs::ActiveModel {
            id: Set(self.ctx.id(LogId::from_uuid)),
            workspace_id: Set(self.scope.workspace_id()),
            contact_id: Set(person.row.id),
            kind: Set("stage_change".to_owned()),
            content: Set(content),
            timestamp: Set(self.now),
            status: Set(Some("done".to_owned())),
            actor_id: Set(self.user_id),
            campaign_recipient_id: Set(None),
            version: Set(1),
        }
    }

    fn custom(
        &self,
        person: &Person,
        slot: usize,
        value: &str,
    ) -> Option<custom_fields::ActiveModel> {
        let definition = self.targets.custom(slot)?;
        let field = (definition.name.as_str(), definition.field_type);
        let (contact_id, value) = (person.row.id, value.to_owned());
        Some(custom_fields::value(self.ctx, self.scope, contact_id, field, value, self.now))
    }

    async fn insert<A>(&self, mut rows: Vec<A>, rule: Option<OnConflict>) -> Result<(), StoreError>
    where
        A: ActiveModelTrait,
        A::Entity: Scoped,
    {
        let mut size = ROWS;
        while !rows.is_empty() {
            while size > rows.len() {
                size /= 2;
            }
            let rest = rows.split_off(size);
            let portion = std::mem::replace(&mut rows, rest);
            match &rule {
                Some(rule) => {
                    self.tx.insert_many_on_conflict(self.scope, portion, rule.clone()).await?;
                }
                None => self.tx.insert_many(self.scope, portion).await?,
            }
        }
        Ok(())
    }
}
