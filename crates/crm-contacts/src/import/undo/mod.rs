//! Taking an import back: contacts it made are removed, and what it changed becomes what it was, but for contacts people
//! have changed since.
//!
//! A row of the import knows the version in which it left its contact. A contact of another version was changed by
//! somebody else, and stays. As in the import itself every batch is one transaction that also marks the rows it has
//! dealt with, so that a killed undo goes on where it stopped.

mod created;
mod kept;
mod restore;
mod run;
mod updated;

use crm_core::{AuditEvent, ContactId, ImportId, Scope, Timestamp, outbox};
pub(super) use kept::kept;
pub(super) use run::{pending, run};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::{Import, ImportError, Result, RunImport, SeaImports, store};
use crate::entity::imports;

/// How far undoing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UndoState {
    /// Was asked for, and waits or is at it.
    Undoing,
    /// Is done.
    Undone,
}

impl UndoState {
    /// The word for the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }
}

/// What undoing an import came to, so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undo {
    /// How far it is.
    pub state: UndoState,
    /// Contacts the import had made and that are no more.
    pub removed: u64,
    /// Contacts that are as before the import.
    pub restored: u64,
    /// Contacts left as they are, since somebody has changed them.
    pub kept: u64,
    /// Contacts that had been deleted already.
    pub gone: u64,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
}

impl Undo {
    /// Contacts dealt with.
    pub const fn total(&self) -> u64 {
        self.removed + self.restored + self.kept + self.gone
    }
}

/// A contact that undoing left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptContact {
    /// The contact.
    pub contact_id: ContactId,
    /// A row of the file it is about.
    pub row_no: u64,
    /// Why it was left.
    pub reason: String,
}

/// Asks for an import to be undone.
pub(super) async fn request(
    service: &SeaImports,
    scope: &Scope,
    id: ImportId,
) -> Result<Option<Import>> {
    use imports::{Column, Entity};
    let tx = service.ctx.db.begin().await?;
    let Some(row) = store::hold(&tx, scope, id).await? else { return Ok(None) };
    let import = store::import(row)?;
    if let Some(undo) = import.undo {
        return Err(ImportError::InvalidState(undo.state.as_str()));
    }
    if import.dry_run || !import.state.is_over() {
        return Err(ImportError::NothingToUndo);
    }
    let update = Entity::update_many()
        .filter(Column::Id.eq(id))
        .col_expr(Column::UndoState, Expr::value(UndoState::Undoing.as_str()))
        .col_expr(Column::BootId, Expr::value(None::<String>));
    tx.update_many(scope, update).await?;
    let event = AuditEvent::new("import.undo_started", "import", id).with("counts", import.counts);
    service.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    let job = RunImport { workspace_id: scope.workspace_id(), import_id: id };
    outbox::enqueue(&service.ctx, &tx, &job, &format!("{id}:undo")).await?;
    let held = store::hold(&tx, scope, id).await?;
    tx.commit().await?;
    held.map(store::import).transpose()
}
