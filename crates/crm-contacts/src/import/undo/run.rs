//! Undoing an import to its end, batch by batch.

use std::collections::HashMap;

use crm_core::{Actor, AuditEvent, ContactId, ImportId, Scope, StoreError, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::super::known::portions;
use super::{Result, SeaImports, UndoState, created, store, updated};
use crate::entity::{base_contacts, import_rows, imports};

/// How often a batch is tried: on PostgreSQL another transaction may come between.
const TRIES: u32 = 5;

/// Why a contact is kept.
pub(super) const CHANGED: &str = "was changed since the import";
pub(super) const TALKED: &str = "has messages, notes or tasks of its own by now";
pub(super) const OLD: &str = "the import is older than the program's way of undoing";
pub(super) const TAKEN: &str =
    "its earlier e-mail address or phone number is another contact's now";

/// One transaction of undoing.
pub(super) struct Batch<'a> {
    pub(super) service: &'a SeaImports,
    pub(super) scope: &'a Scope,
    pub(super) tx: &'a Tx,
    pub(super) import_id: ImportId,
}

/// What became of contacts, with the numbers of all their rows.
#[derive(Default)]
pub(super) struct Fates {
    pub(super) removed: Vec<Rows>,
    pub(super) restored: Vec<Rows>,
    pub(super) gone: Vec<Rows>,
    pub(super) kept: Vec<(Rows, &'static str)>,
}

/// The rows of one contact.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) numbers: Vec<i64>,
    /// The version the last of them left.
    pub(super) version: Option<i64>,
}

impl Rows {
    pub(super) fn add(&mut self, row: &import_rows::Model) {
        self.numbers.push(row.row_no);
        self.version = self.version.max(row.version_after);
    }
}

/// Whether an import waits to be undone.
pub(in super::super) async fn pending(
    service: &SeaImports,
    scope: &Scope,
    id: ImportId,
) -> Result<bool> {
    let row = service.ctx.db.one(scope, imports::Entity::find_by_id(id)).await?;
    Ok(row.is_some_and(|row| row.undo_state.as_deref() == Some(UndoState::Undoing.as_str())))
}

pub(in super::super) async fn run(service: &SeaImports, scope: &Scope, id: ImportId) -> Result<()> {
    if !claim(service, scope, id).await? {
        return Ok(());
    }
    // First all that was made, which frees addresses and numbers that others have to get back.
    for step in [Step::Created, Step::Updated] {
        loop {
            match again(service, scope, id, step).await? {
                Some(0) => break,
                Some(_) => {}
                None => return Ok(()),
            }
        }
    }
    finish(service, scope, id).await
}

#[derive(Clone, Copy)]
enum Step {
    Created,
    Updated,
}

/// Makes the undoing this process's own.
async fn claim(service: &SeaImports, scope: &Scope, id: ImportId) -> Result<bool> {
    use imports::{Column, Entity};
    let tx = service.ctx.db.begin().await?;
    tx.unaudited("an import is being undone");
    let held = store::hold(&tx, scope, id).await?;
    if held.is_none_or(|row| row.undo_state.as_deref() != Some(UndoState::Undoing.as_str())) {
        return Ok(false);
    }
    let update = Entity::update_many()
        .filter(Column::Id.eq(id))
        .col_expr(Column::BootId, Expr::value(service.boot_id));
    tx.update_many(scope, update).await?;
    tx.commit().await?;
    Ok(true)
}

fn is_ours(service: &SeaImports, row: &imports::Model) -> bool {
    row.undo_state.as_deref() == Some(UndoState::Undoing.as_str())
        && row.boot_id == Some(service.boot_id)
}

async fn again(
    service: &SeaImports,
    scope: &Scope,
    id: ImportId,
    step: Step,
) -> Result<Option<usize>> {
    let mut tries = 1;
    loop {
        match batch(service, scope, id, step).await {
            Err(error) if tries < TRIES && !matches!(error, StoreError::DiskFull(_)) => {
                tracing::debug!(import = %id, %error, "batch refused");
                tries += 1;
            }
            ended => return Ok(ended?),
        }
    }
}

/// Deals with the next contacts; answers with how many rows those had, `None` where the import is not ours any more.
async fn batch(
    service: &SeaImports,
    scope: &Scope,
    id: ImportId,
    step: Step,
) -> std::result::Result<Option<usize>, StoreError> {
    let tx = service.ctx.db.begin().await?;
    tx.unaudited("an import is being undone");
    let Some(import) = store::hold(&tx, scope, id).await?.filter(|row| is_ours(service, row))
    else {
        return Ok(None);
    };
    let batch = Batch { service, scope, tx: &tx, import_id: id };
    let fates = match step {
        Step::Created => created::run(&batch).await?,
        Step::Updated => updated::run(&batch).await?,
    };
    let rows = batch.mark(&fates).await?;
    if rows > 0 {
        batch.count(&import, &fates).await?;
    }
    tx.commit().await?;
    Ok(Some(rows))
}

impl Batch<'_> {
    /// The contacts of these ids that are there, held against other writers.
    pub(super) async fn contacts(
        &self,
        ids: &[ContactId],
    ) -> std::result::Result<HashMap<ContactId, base_contacts::Model>, StoreError> {
        use base_contacts::{Column, Entity};
        let mut found = HashMap::new();
        for portion in portions(ids) {
            let select = Entity::find().filter(Column::Id.is_in(portion)).lock_exclusive();
            let rows = self.tx.all(self.scope, select).await?;
            found.extend(rows.into_iter().map(|row| (row.id, row)));
        }
        Ok(found)
    }

    /// The rows that changed these contacts, in file order.
    pub(super) async fn changes(
        &self,
        ids: &[ContactId],
    ) -> std::result::Result<Vec<import_rows::Model>, StoreError> {
        use import_rows::{Column, Entity};
        let mut found = Vec::new();
        for portion in portions(ids) {
            let select = Entity::find()
                .filter(Column::ImportId.eq(self.import_id))
                // As the index says it.
                .filter(Column::Before.is_not_null())
                .filter(Column::ContactId.is_in(portion));
            found.extend(self.tx.all(self.scope, select).await?);
        }
        found.sort_unstable_by_key(|row| row.row_no);
        Ok(found)
    }

    /// Notes at the rows what became of their contacts; answers with how many rows that are.
    async fn mark(&self, fates: &Fates) -> std::result::Result<usize, StoreError> {
        let numbers =
            |rows: &[Rows]| rows.iter().flat_map(|rows| rows.numbers.iter().copied()).collect();
        let mut marks: Vec<(&str, Option<&str>, Vec<i64>)> = vec![
            ("removed", None, numbers(&fates.removed)),
            ("restored", None, numbers(&fates.restored)),
            ("gone", None, numbers(&fates.gone)),
        ];
        for why in [CHANGED, TALKED, OLD, TAKEN] {
            let kept = fates.kept.iter().filter(|(_, reason)| *reason == why);
            let (mut first, mut others) = (Vec::new(), Vec::new());
            for (rows, _) in kept {
                first.extend(rows.numbers.first());
                others.extend(rows.numbers.iter().skip(1));
            }
            marks.push(("kept", Some(why), first));
            marks.push(("kept", None, others));
        }
        let mut marked = 0;
        for (word, reason, numbers) in marks {
            marked += numbers.len();
            for portion in portions(&numbers) {
                use import_rows::{Column, Entity};
                let update = Entity::update_many()
                    .filter(Column::ImportId.eq(self.import_id))
                    .filter(Column::RowNo.is_in(portion))
                    .col_expr(Column::Undo, Expr::value(word))
                    .col_expr(Column::UndoReason, Expr::value(reason));
                self.tx.update_many(self.scope, update).await?;
            }
        }
        Ok(marked)
    }

    async fn count(
        &self,
        import: &imports::Model,
        fates: &Fates,
    ) -> std::result::Result<(), StoreError> {
        use imports::{Column, Entity};
        let plus = |old: i64, more: usize| Expr::value(old + i64::try_from(more).unwrap_or(0));
        let update = Entity::update_many()
            .filter(Column::Id.eq(self.import_id))
            .col_expr(Column::UndoRemoved, plus(import.undo_removed, fates.removed.len()))
            .col_expr(Column::UndoRestored, plus(import.undo_restored, fates.restored.len()))
            .col_expr(Column::UndoKept, plus(import.undo_kept, fates.kept.len()))
            .col_expr(Column::UndoGone, plus(import.undo_gone, fates.gone.len()));
        self.tx.update_many(self.scope, update).await?;
        Ok(())
    }
}

async fn finish(service: &SeaImports, scope: &Scope, id: ImportId) -> Result<()> {
    use imports::{Column, Entity};
    let tx = service.ctx.db.begin().await?;
    let held = store::hold(&tx, scope, id).await?;
    let Some(row) = held.filter(|row| is_ours(service, row)) else { return Ok(()) };
    let update = Entity::update_many()
        .filter(Column::Id.eq(id))
        .col_expr(Column::UndoState, Expr::value(UndoState::Undone.as_str()))
        .col_expr(Column::UndoneAt, Expr::value(service.ctx.now()));
    tx.update_many(scope, update).await?;
    let event = AuditEvent::new("import.undone", "import", id)
        .with("removed", row.undo_removed)
        .with("restored", row.undo_restored)
        .with("kept", row.undo_kept)
        .with("gone", row.undo_gone);
    let actor = Actor::system("import");
    service.ctx.audit.record(&tx, Some(scope.workspace_id()), &actor, event).await?;
    tx.commit().await?;
    Ok(())
}
