//! Making two contacts of one again.
//!
//! Each field is looked at by itself. Where it is as the merge left it, it goes back to what it was before; where somebody
//! changed it since, their change stays and is told.

use std::collections::BTreeSet;

use crm_core::{AuditEvent, ContactId, MergeId, Scope, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use super::journal::{self, Record};
use super::resolve::{COLUMNS, PREFIX, STAGE};
use super::{Conflict, MergeError, Result, SeaMerges, Unmerged};
use crate::contacts::fields::Fields;
use crate::contacts::{load, save};
use crate::door::Door;
use crate::entity::{
    base_contacts, communication_logs as logs, consents, contact_list_assignments as assignments,
    contact_lists, custom_fields, merge_journal, tasks,
};
use crate::snapshot::{self, Core, Put};

/// Ids in one statement.
const CHUNK: usize = 5_000;

pub(super) async fn run(service: &SeaMerges, scope: &Scope, id: MergeId) -> Result<Unmerged> {
    let tx = service.ctx.db.begin().await?;
    let unmerged = inside(service, &tx, scope, id).await?;
    tx.commit().await?;
    Ok(unmerged)
}

/// Undoes a merge inside a transaction that is the caller's to end.
pub(crate) async fn inside(
    service: &SeaMerges,
    tx: &Tx,
    scope: &Scope,
    id: MergeId,
) -> Result<Unmerged> {
    let ctx = &service.ctx;
    let Some((row, record)) = journal::hold(tx, scope, id).await? else {
        return Err(MergeError::UnknownMerge);
    };
    if row.undone_at.is_some() {
        return Err(MergeError::AlreadyUndone);
    }
    let (source_id, target_id) = (row.source_id, row.target_id);
    let held = base_contacts::Entity::find_by_id(target_id).lock_exclusive();
    let now = tx.one(scope, held).await?.ok_or(MergeError::TargetGone)?;
    let now = Core::read(tx, scope, now).await?;
    let mut undo = Undo { tx, scope, record: &record, now: &now, conflicts: Vec::new() };

    let fields = undo.fields().await?;
    undo.custom().await?;
    let stage_since = undo.lists().await?;
    let untouched =
        undo.conflicts.is_empty() && now.contact.version == record.after.contact.version;
    // One that nobody touched was last changed when it was last changed before the merge.
    let at = if untouched { record.before.contact.updated_at } else { ctx.now() };
    tx.update_many(scope, save::update_of(target_id, &fields, stage_since, at)).await?;
    undo.timeline(target_id).await?;

    let mut source = record.source.clone();
    undo.free(&mut source.core.contact).await?;
    // Where the rows of its campaigns are, the handover knows.
    source.recipients = Vec::new();
    let put = Put { ctx, tx, scope, ledger: service.ledger.as_ref() };
    snapshot::put(put, source).await?;
    undo.give_back_logs(source_id, target_id).await?;
    service.ledger.take_back(tx, scope, source_id, target_id, &record.handover).await?;

    let conflicts = undo.conflicts;
    let update = merge_journal::Entity::update_many()
        .col_expr(merge_journal::Column::UndoneAt, Expr::value(ctx.now()))
        .filter(merge_journal::Column::Id.eq(id));
    tx.update_many(scope, update).await?;
    let kept: Vec<&str> = conflicts.iter().map(|conflict| conflict.field.as_str()).collect();
    let event = AuditEvent::new("contact.unmerged", "contact", target_id)
        .with("source_id", source_id)
        .with("merge_id", id)
        .with("kept", kept);
    ctx.audit.record(tx, Some(scope.workspace_id()), scope.actor(), event).await?;

    let door = Door::Tx(tx);
    let read = |found: Option<_>| found.ok_or(MergeError::UnknownContact);
    Ok(Unmerged {
        source: read(load::by_id(door, scope, source_id).await?)?,
        target: read(load::by_id(door, scope, target_id).await?)?,
        conflicts,
    })
}

struct Undo<'a> {
    tx: &'a Tx,
    scope: &'a Scope,
    record: &'a Record,
    /// The contact that stayed, as it is now.
    now: &'a Core,
    conflicts: Vec<Conflict>,
}

impl Undo<'_> {
    fn target(&self) -> ContactId {
        self.now.contact.id
    }

    fn conflict(
        &mut self,
        contact_id: ContactId,
        field: impl Into<String>,
        kept: Option<String>,
        before: Option<String>,
    ) {
        self.conflicts.push(Conflict { contact_id, field: field.into(), kept, before });
    }

    /// The columns as they shall be.
    async fn fields(&mut self) -> Result<Fields> {
        let before = Fields::of_row(&self.record.before.contact);
        let after = Fields::of_row(&self.record.after.contact);
        let mut now = Fields::of_row(&self.now.contact);
        for (name, _) in COLUMNS {
            let (was, is, mut then) =
                (column(&after, name), column(&now, name), column(&before, name));
            if then == was {
                continue;
            }
            if is != was {
                if is != then {
                    self.conflict(self.target(), name, is, then);
                }
                continue;
            }
            if let Some(value) = then.as_deref().filter(|_| name.starts_with("primary_"))
                && self.taken(name, value).await?
            {
                self.conflict(self.target(), name, is, then.take());
                continue;
            }
            super::resolve::take(&mut now, &before, name);
        }
        if now.owner_id != Fields::of_row(&self.now.contact).owner_id
            && now.check_owner(self.tx, self.scope).await.is_err()
        {
            now.owner_id = None;
        }
        Ok(now)
    }

    /// Whether an address or number is another contact's.
    async fn taken(&self, name: &str, value: &str) -> Result<bool> {
        let column = if name == "primary_email" {
            base_contacts::Column::PrimaryEmail
        } else {
            base_contacts::Column::PrimaryPhone
        };
        let select = base_contacts::Entity::find()
            .filter(column.eq(value))
            .filter(base_contacts::Column::Id.ne(self.target()))
            .limit(1);
        Ok(self.tx.one(self.scope, select).await?.is_some())
    }

    /// Empties what the contact that comes back cannot have: its address or number is somebody else's now.
    async fn free(&mut self, source: &mut base_contacts::Model) -> Result<()> {
        for (name, column) in [
            ("primary_email", base_contacts::Column::PrimaryEmail),
            ("primary_phone", base_contacts::Column::PrimaryPhone),
        ] {
            let place = if name == "primary_email" {
                &mut source.primary_email
            } else {
                &mut source.primary_phone
            };
            let Some(value) = place.clone() else { continue };
            let select = base_contacts::Entity::find().filter(column.eq(value.as_str())).limit(1);
            if self.tx.one(self.scope, select).await?.is_some() {
                *place = None;
                self.conflicts.push(Conflict {
                    contact_id: source.id,
                    field: name.to_owned(),
                    kept: None,
                    before: Some(value),
                });
            }
        }
        Ok(())
    }

    /// Puts custom fields back, row by row.
    async fn custom(&mut self) -> Result<()> {
        let record = self.record;
        let names: BTreeSet<&str> = [&record.before, &record.after, self.now]
            .into_iter()
            .flat_map(|core| core.custom.iter().map(|row| row.field_name.as_str()))
            .collect();
        let mut gone = Vec::new();
        let mut back = Vec::new();
        for name in names {
            let of = |core: &Core| core.custom.iter().find(|row| row.field_name == name).cloned();
            let (then, was, is) = (of(&record.before), of(&record.after), of(self.now));
            let value = |row: &Option<custom_fields::Model>| {
                row.as_ref().map(|row| row.field_value.clone())
            };
            if value(&then) == value(&was) {
                continue;
            }
            if value(&is) != value(&was) {
                if value(&is) != value(&then) {
                    let field = format!("{PREFIX}{name}");
                    self.conflict(self.target(), field, value(&is), value(&then));
                }
                continue;
            }
            gone.push(name.to_owned());
            back.extend(then);
        }
        if !gone.is_empty() {
            let delete = custom_fields::Entity::delete_many()
                .filter(custom_fields::Column::ContactId.eq(self.target()))
                .filter(custom_fields::Column::FieldName.is_in(gone));
            self.tx.delete_many(self.scope, delete).await?;
        }
        if !back.is_empty() {
            let rows = back.into_iter().map(|row| row.into_active_model().reset_all());
            self.tx.insert_many(self.scope, rows.collect()).await?;
        }
        Ok(())
    }

    /// Takes the tags away that came with the merge, and the stage. Answers since when it is in its stage.
    async fn lists(&mut self) -> Result<Option<crm_core::Timestamp>> {
        let record = self.record;
        let came = record.after.lists.iter().filter(|row| {
            !row.is_primary && record.before.lists.iter().all(|old| old.list_id != row.list_id)
        });
        // One that was taken off and put on again by somebody is theirs.
        let came: Vec<_> =
            came.filter(|row| self.now.lists.contains(row)).map(|row| row.list_id).collect();
        self.leave(came).await?;
        let stage = |core: &Core| core.stage().map(|row| row.list_id);
        let (then, was, is) = (stage(&record.before), stage(&record.after), stage(self.now));
        if then == was {
            return Ok(self.now.contact.stage_since);
        }
        if is != was {
            if is != then {
                let (kept, before) = (self.list_name(is).await?, self.list_name(then).await?);
                self.conflict(self.target(), STAGE, kept, before);
            }
            return Ok(self.now.contact.stage_since);
        }
        let Some(row) = record.before.stage() else {
            return Ok(self.now.contact.stage_since);
        };
        if self.list_name(Some(row.list_id)).await?.is_none() {
            // The stage is gone; it stays where it is.
            return Ok(self.now.contact.stage_since);
        }
        self.leave(is.into_iter().collect()).await?;
        let row = row.clone().into_active_model().reset_all();
        self.tx.insert_many(self.scope, vec![row]).await?;
        Ok(record.before.contact.stage_since)
    }

    async fn leave(&self, lists: Vec<crm_core::ListId>) -> Result<()> {
        if lists.is_empty() {
            return Ok(());
        }
        let delete = assignments::Entity::delete_many()
            .filter(assignments::Column::ContactId.eq(self.target()))
            .filter(assignments::Column::ListId.is_in(lists));
        self.tx.delete_many(self.scope, delete).await?;
        Ok(())
    }

    async fn list_name(&self, id: Option<crm_core::ListId>) -> Result<Option<String>> {
        let Some(id) = id else { return Ok(None) };
        let row = self.tx.one(self.scope, contact_lists::Entity::find_by_id(id)).await?;
        Ok(row.map(|list| list.name))
    }

    /// Takes away what the merge wrote, so that nothing of it is left on the timeline.
    async fn timeline(&self, target: ContactId) -> Result<()> {
        let delete = logs::Entity::delete_many()
            .filter(logs::Column::ContactId.eq(target))
            .filter(logs::Column::Id.is_in(self.record.written.iter().copied()));
        self.tx.delete_many(self.scope, delete).await?;
        Ok(())
    }

    /// Gives entries, follow-ups and consents back that are still there.
    async fn give_back_logs(&self, source: ContactId, target: ContactId) -> Result<()> {
        for chunk in self.record.logs.chunks(CHUNK) {
            let update = logs::Entity::update_many()
                .col_expr(logs::Column::ContactId, Expr::value(source))
                .filter(logs::Column::ContactId.eq(target))
                .filter(logs::Column::Id.is_in(chunk.iter().copied()));
            self.tx.update_many(self.scope, update).await?;
        }
        for chunk in self.record.tasks.chunks(CHUNK) {
            let update = tasks::Entity::update_many()
                .col_expr(tasks::Column::ContactId, Expr::value(source))
                .filter(tasks::Column::ContactId.eq(target))
                .filter(tasks::Column::Id.is_in(chunk.iter().copied()));
            self.tx.update_many(self.scope, update).await?;
        }
        for chunk in self.record.consents.chunks(CHUNK) {
            let update = consents::Entity::update_many()
                .col_expr(consents::Column::ContactId, Expr::value(source))
                .filter(consents::Column::ContactId.eq(target))
                .filter(consents::Column::Id.is_in(chunk.iter().copied()));
            self.tx.update_many(self.scope, update).await?;
        }
        Ok(())
    }
}

/// A column as text, `None` where it is empty.
fn column(fields: &Fields, name: &str) -> Option<String> {
    let text = match name {
        "first_name" => fields.first_name.clone(),
        "last_name" => fields.last_name.clone(),
        "primary_email" => fields.primary_email.clone().unwrap_or_default(),
        "primary_phone" => fields.primary_phone.clone().unwrap_or_default(),
        "company" => fields.company.clone(),
        "owner_id" => fields.owner_id.map(|id| id.to_string()).unwrap_or_default(),
        _ => fields.value_minor.map(|value| value.to_string()).unwrap_or_default(),
    };
    (!text.is_empty()).then_some(text)
}
