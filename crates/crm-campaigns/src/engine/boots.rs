//! Runs of the server. A row in flight whose run is over was interrupted.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crm_core::{BootId, Context, StoreError, System, Timestamp, Tx};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use super::seen::Seen;
use crate::entity::engine_boots as boot;

const SYSTEM: System = System::task("engine");

/// How often a run notes that it is alive.
const BEAT: Duration = Duration::from_secs(10);

/// A run silent for longer is over.
const SILENCE: Duration = Duration::from_mins(1);

/// Runs are forgotten after this time.
const KEPT: Duration = Duration::from_hours(24 * 7);

/// This run of the server.
pub(super) struct Boot {
    id: BootId,
    last_beat: Mutex<Option<Timestamp>>,
    seen: Seen,
}

impl Boot {
    pub(super) const fn new(id: BootId, seen: Seen) -> Self {
        Self { id, last_beat: Mutex::new(None), seen }
    }

    pub(super) const fn seen(&self) -> &Seen {
        &self.seen
    }

    pub(super) const fn id(&self) -> BootId {
        self.id
    }

    /// Notes inside `tx` that this run is alive, where it has not done so lately. Claims do it too: on PostgreSQL nobody
    /// may take a run for dead that has just claimed something.
    ///
    /// Returns whether it wrote; the caller reports it with [`Boot::beaten`] once the transaction is committed.
    pub(super) async fn beat(
        &self,
        ctx: &Context,
        tx: &Tx,
    ) -> Result<Option<Timestamp>, StoreError> {
        if !self.is_due(ctx) {
            return Ok(None);
        }
        let now = ctx.now();
        let row = boot::ActiveModel {
            boot_id: Set(self.id),
            started_at: Set(now),
            last_seen_at: Set(now),
            stopped_at: Set(None),
            host: Set(host()),
        };
        let rule = OnConflict::column(boot::Column::BootId)
            .update_column(boot::Column::LastSeenAt)
            .to_owned();
        tx.upsert_system(SYSTEM, row, rule).await?;
        self.seen.note(ctx, tx).await?;
        Ok(Some(now))
    }

    /// Whether this run has not noted for a while that it is alive.
    pub(super) fn is_due(&self, ctx: &Context) -> bool {
        let now = ctx.now();
        let last = *self.last_beat.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_none_or(|last| now < last || now.since(last) >= BEAT)
    }

    /// A beat was committed.
    pub(super) fn beaten(&self, at: Option<Timestamp>) {
        if at.is_some() {
            *self.last_beat.lock().unwrap_or_else(PoisonError::into_inner) = at;
            self.seen.committed(false);
        }
    }

    /// Notes that this run is alive and forgets runs long over. Harmless to repeat.
    pub(super) async fn register(&self, ctx: &Context) -> Result<(), StoreError> {
        let tx = ctx.db.begin().await?;
        tx.unaudited("a server shows that it runs");
        let at = self.beat(ctx, &tx).await?;
        let delete = boot::Entity::delete_many()
            .filter(boot::Column::LastSeenAt.lt(ctx.now().minus(KEPT)))
            .filter(boot::Column::BootId.ne(self.id));
        tx.delete_everywhere(SYSTEM, delete).await?;
        tx.commit().await?;
        self.beaten(at);
        Ok(())
    }

    /// Notes that this run is over.
    pub(super) async fn stopped(&self, ctx: &Context) -> Result<(), StoreError> {
        let tx = ctx.db.begin().await?;
        tx.unaudited("a server shows that it runs");
        let now = ctx.now();
        let update = boot::Entity::update_many()
            .col_expr(boot::Column::StoppedAt, Expr::value(now))
            .col_expr(boot::Column::LastSeenAt, Expr::value(now))
            .filter(boot::Column::BootId.eq(self.id));
        tx.update_everywhere(SYSTEM, update).await?;
        self.seen.note(ctx, &tx).await?;
        tx.commit().await?;
        self.seen.committed(true);
        Ok(())
    }

    /// The runs that may still be sending, this one among them. A SQLite file has one server at a time, which a lock
    /// file sees to.
    pub(super) async fn alive(&self, ctx: &Context) -> Result<Vec<BootId>, StoreError> {
        let mut alive = vec![self.id];
        if !ctx.db.is_sqlite() {
            let select = boot::Entity::find()
                .filter(boot::Column::StoppedAt.is_null())
                .filter(boot::Column::LastSeenAt.gte(ctx.now().minus(SILENCE)));
            let rows = ctx.db.everywhere(SYSTEM, select).await?;
            alive.extend(rows.into_iter().map(|row| row.boot_id));
        }
        Ok(alive)
    }
}

/// The machine's name, for people who look at the table.
fn host() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned())
}
