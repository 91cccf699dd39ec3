//! One batch of rows: decided and written in one transaction, with the counters and the place to go on at.

use std::collections::HashSet;

use crm_core::{BootId, Context, ImportId, ListId, Scope, StoreError, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::ImportMode;
use super::known::Finder;
use super::lists::Lists;
use super::outcome::{Judge, Sum};
use super::store;
use super::targets::Targets;
use super::values::Row;
use super::world::{Fact, World};
use super::write::Pen;
use crate::entity::imports;

/// An import being read.
pub(super) struct Batches<'a> {
    pub(super) ctx: &'a Context,
    pub(super) scope: &'a Scope,
    pub(super) boot_id: BootId,
    pub(super) import_id: ImportId,
    pub(super) targets: &'a Targets,
    pub(super) list_id: Option<ListId>,
    pub(super) mode: ImportMode,
    pub(super) dry_run: bool,
    pub(super) world: World,
    /// Addresses and numbers written so far, to tell an earlier row from an older contact.
    pub(super) written: HashSet<Fact>,
}

/// What came of a batch.
pub(super) enum Step {
    /// This many rows have their outcome.
    Done(usize),
    /// The import is no longer ours to read: it was cancelled, or another process reads it.
    Stopped,
    /// The list contacts were to be put into is gone.
    ListGone,
}

impl Batches<'_> {
    /// Gives `rows` their outcomes; on an error none of them has one.
    pub(super) async fn write(&mut self, rows: &[Row]) -> Result<Step, StoreError> {
        let tx = self.ctx.db.begin().await?;
        tx.unaudited("an import is going on");
        match self.inside(&tx, rows).await {
            Ok((step @ Step::Done(_), fresh)) => {
                crm_core::torture::point("mid_import_batch");
                tx.commit().await?;
                self.written.extend(fresh);
                Ok(step)
            }
            Ok((step, _)) => {
                tx.rollback().await?;
                Ok(step)
            }
            Err(error) => {
                // A database that refused a statement may have ended the transaction by itself.
                let _ = tx.rollback().await;
                Err(error)
            }
        }
    }

    async fn inside(&mut self, tx: &Tx, rows: &[Row]) -> Result<(Step, HashSet<Fact>), StoreError> {
        let held = store::hold(tx, self.scope, self.import_id).await?;
        let Some(import) = held.filter(|row| store::is_ours(row, self.boot_id)) else {
            return Ok((Step::Stopped, HashSet::new()));
        };
        let lists = Lists::load(tx, self.scope, self.list_id).await?;
        if self.list_id.is_some() && lists.target.is_none() {
            return Ok((Step::ListGone, HashSet::new()));
        }
        if !self.dry_run {
            self.world.clear();
        }
        let finder = Finder {
            tx,
            scope: self.scope,
            is_sqlite: self.ctx.db.is_sqlite(),
            mode: self.mode,
            targets: self.targets,
            lists: &lists,
        };
        let stored = finder.load(rows, &self.world).await?;
        let now = self.ctx.now();
        let judge = Judge {
            ctx: self.ctx,
            targets: self.targets,
            lists: &lists,
            mode: self.mode,
            dry_run: self.dry_run,
            now,
            workspace_id: self.scope.workspace_id(),
            written: &self.written,
        };
        let mut sum = Sum::default();
        judge.add_stored(&mut self.world, &mut sum, stored);
        judge.decide(&mut self.world, &mut sum, rows);
        let pen = Pen {
            ctx: self.ctx,
            tx,
            scope: self.scope,
            import_id: self.import_id,
            user_id: import.user_id,
            targets: self.targets,
            lists: &lists,
            now,
        };
        if !self.dry_run {
            pen.people(&self.world, &mut sum).await?;
        }
        self.count(tx, import, &sum).await?;
        let done = sum.outcomes.len();
        pen.outcomes(sum.outcomes).await?;
        Ok((Step::Done(done), sum.fresh))
    }

    async fn count(&self, tx: &Tx, import: imports::Model, sum: &Sum) -> Result<(), StoreError> {
        use imports::Column;
        let counts = sum.counts();
        let plus = |old: i64, more: u64| Expr::value(old + i64::try_from(more).unwrap_or(0));
        let next = sum.outcomes.last().map_or(import.resume_at_row, |last| {
            i64::try_from(last.row_no + 1).unwrap_or(i64::MAX)
        });
        let update = imports::Entity::update_many()
            .filter(Column::Id.eq(self.import_id))
            .col_expr(Column::Total, plus(import.total, counts.total))
            .col_expr(Column::Created, plus(import.created, counts.created))
            .col_expr(Column::Updated, plus(import.updated, counts.updated))
            .col_expr(Column::Skipped, plus(import.skipped, counts.skipped))
            .col_expr(Column::Failed, plus(import.failed, counts.failed))
            .col_expr(Column::ResumeAtRow, Expr::value(next));
        tx.update_many(self.scope, update).await?;
        Ok(())
    }
}
