//! Writing what a batch came to, in few statements of few different lengths.

use crm_core::{
    Context, CustomFieldId, ImportId, LogId, Scope, Scoped, StoreError, Timestamp, Tx, UserId,
};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};

use super::known::portions;
use super::lists::Lists;
use super::outcome::{Outcome, Person, PersonState, Sum};
use super::targets::Targets;
use crate::entity::{
    base_contacts, communication_logs, contact_list_assignments, custom_fields, import_rows,
};
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
    pub(super) async fn people(&self, sum: &mut Sum) -> Result<(), StoreError> {
        let people = std::mem::take(&mut sum.people);
        let (changed, new): (Vec<Person>, Vec<Person>) = people
            .into_iter()
            .filter(|person| person.state != PersonState::Known)
            .partition(|person| person.state == PersonState::Changed);
        // Changed ones first: no new contact may meet a value that a changed one is about to give up.
        self.contacts(&changed, true).await?;
        self.contacts(&new, false).await?;
        self.leave_stages(&changed).await?;
        let mut assignments = Vec::with_capacity(new.len());
        let mut logs = Vec::with_capacity(new.len());
        let mut customs = Vec::new();
        let first = self.stage_change(None)?;
        for person in new.iter().chain(&changed) {
            if let Some(stage) = self
                .lists
                .entry
                .as_ref()
                .filter(|_| person.state == PersonState::New || person.moves)
            {
                assignments.push(self.assignment(person, stage.id, true));
                let content = match person.left {
                    Some(old) => self.stage_change(self.lists.name(old))?,
                    None => first.clone(),
                };
                logs.push(self.log(person, content));
            }
            if let Some(tag) = self.lists.tag().filter(|_| person.gets_tag) {
                assignments.push(self.assignment(person, tag.id, false));
            }
            customs.extend(
                person.customs().filter_map(|(slot, value)| self.custom(person, slot, value)),
            );
        }
        self.insert(assignments, None).await?;
        self.insert(logs, None).await?;
        let rule = OnConflict::columns([
            custom_fields::Column::ContactId,
            custom_fields::Column::FieldName,
        ])
        .update_columns([
            custom_fields::Column::FieldValue,
            custom_fields::Column::FieldType,
            custom_fields::Column::UpdatedAt,
        ])
        .to_owned();
        self.insert(customs, Some(rule)).await
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
        });
        self.insert(rows.collect(), None).await
    }

    async fn contacts(&self, people: &[Person], are_there: bool) -> Result<(), StoreError> {
        use base_contacts::Column;
        let rule = OnConflict::column(Column::Id)
            .update_columns([
                Column::UpdatedAt,
                Column::FirstName,
                Column::LastName,
                Column::PrimaryEmail,
                Column::PrimaryPhone,
                Column::Company,
                Column::ValueMinor,
                Column::StageSince,
                Column::Version,
            ])
            .to_owned();
        let rows = people.iter().map(|person| person.row.clone().into_active_model().reset_all());
        self.insert(rows.collect(), are_there.then_some(rule)).await
    }

    /// Takes contacts that move out of the stages they are in.
    async fn leave_stages(&self, changed: &[Person]) -> Result<(), StoreError> {
        use contact_list_assignments::{Column, Entity};
        let movers = changed.iter().filter(|person| person.left.is_some());
        let ids: Vec<_> = movers.map(|person| person.row.id).collect();
        for portion in portions(&ids) {
            let delete = Entity::delete_many()
                .filter(Column::IsPrimary.eq(true))
                .filter(Column::ContactId.is_in(portion));
            self.tx.delete_many(self.scope, delete).await?;
        }
        Ok(())
    }

    fn stage_change(&self, old: Option<&String>) -> Result<serde_json::Value, StoreError> {
        let new_list = self.lists.entry.as_ref().map(|list| list.name.clone()).unwrap_or_default();
        let content = LogContent::StageChange { old_list: old.cloned(), new_list };
        Ok(serde_json::to_value(content)?)
    }

    fn assignment(
        &self,
        person: &Person,
        list_id: crm_core::ListId,
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
        Some(custom_fields::ActiveModel {
            id: Set(self.ctx.id(CustomFieldId::from_uuid)),
            workspace_id: Set(self.scope.workspace_id()),
            contact_id: Set(person.row.id),
            field_name: Set(definition.name.clone()),
            field_value: Set(value.to_owned()),
            field_type: Set(definition.field_type.as_str().to_owned()),
            created_at: Set(self.now),
            updated_at: Set(self.now),
        })
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
