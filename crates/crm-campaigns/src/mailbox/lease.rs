//! Who reads a mailbox: one at a time, also where several processes share a database.

use std::time::Duration;

use crm_core::{Context, IncomingMailboxId, Scope, StoreError, Timestamp, Tx, token};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use crate::entity::workspace_mailboxes::{Column, Entity, Model};

/// Whoever has not gone on for this long is gone.
const HELD: Duration = Duration::from_mins(3);
/// How often a mailbox is read.
pub(super) const EVERY: Duration = Duration::from_mins(3);
/// The longest wait after failures in a row.
const LONGEST: Duration = Duration::from_hours(1);
/// Most characters of an error that are kept.
const LONGEST_ERROR: usize = 500;

/// The right to read one mailbox.
pub(super) struct Lease {
    pub(super) id: IncomingMailboxId,
    token: String,
}

impl Lease {
    /// Takes the right, where nobody has it; with the row as it is then.
    pub(super) async fn take(
        ctx: &Context,
        scope: &Scope,
    ) -> Result<Option<(Self, Model)>, StoreError> {
        let (now, token) = (ctx.now(), token::random());
        let tx = ctx.db.begin().await?;
        tx.unaudited("incoming mail is read");
        let free = Condition::any()
            .add(Column::LeaseUntil.is_null())
            .add(Column::LeaseUntil.lte(now))
            // A clock that was set back must not lock it for ever.
            .add(Column::LeaseUntil.gt(now.plus(HELD)));
        let update = Entity::update_many()
            .col_expr(Column::LeaseToken, Expr::value(token.as_str()))
            .col_expr(Column::LeaseUntil, Expr::value(now.plus(HELD)))
            .filter(free);
        if tx.update_many(scope, update).await? == 0 {
            return Ok(None);
        }
        let row = tx.one(scope, Entity::find()).await?;
        tx.commit().await?;
        Ok(row.map(|row| (Self { id: row.id, token }, row)))
    }

    /// Notes inside `tx` how far the mailbox is read; `false` where the right is lost, and nothing may be kept.
    pub(super) async fn go_on(
        &self,
        ctx: &Context,
        tx: &Tx,
        scope: &Scope,
        (uid_validity, uid): (u32, u32),
    ) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::UidValidity, Expr::value(i64::from(uid_validity)))
            .col_expr(Column::UidSeen, Expr::value(i64::from(uid)))
            .col_expr(Column::LeaseUntil, Expr::value(ctx.now().plus(HELD)))
            .filter(Column::Id.eq(self.id))
            .filter(Column::LeaseToken.eq(self.token.as_str()));
        Ok(tx.update_many(scope, update).await? > 0)
    }

    /// Gives the right back inside `tx`, with how the look went and when to look again.
    pub(super) async fn give_back(
        self,
        ctx: &Context,
        tx: &Tx,
        scope: &Scope,
        (failures, end): (i64, End),
    ) -> Result<(), StoreError> {
        let now = ctx.now();
        let update = Entity::update_many()
            .col_expr(Column::LeaseToken, Expr::value(None::<String>))
            .col_expr(Column::LeaseUntil, Expr::value(None::<String>))
            .col_expr(Column::LastCheckedAt, Expr::value(now))
            .filter(Column::Id.eq(self.id))
            .filter(Column::LeaseToken.eq(self.token.as_str()));
        let update = match end {
            End::Well { more } => update
                .col_expr(Column::NextReadAt, Expr::value(if more { now } else { now.plus(EVERY) }))
                .col_expr(Column::LastSuccessAt, Expr::value(now))
                .col_expr(Column::LastError, Expr::value(None::<String>))
                .col_expr(Column::Failures, Expr::value(0_i64)),
            End::Badly { error } => {
                let error: String = error.chars().take(LONGEST_ERROR).collect();
                update
                    .col_expr(Column::NextReadAt, Expr::value(again(now, failures)))
                    .col_expr(Column::LastError, Expr::value(error))
                    .col_expr(Column::Failures, Expr::value(failures.saturating_add(1)))
            }
        };
        tx.update_many(scope, update).await.map(drop)
    }
}

/// How a look ended.
pub(super) enum End {
    /// All was read, or there is more.
    Well { more: bool },
    /// It failed.
    Badly { error: String },
}

/// When to look again after so many failures before this one: each waits twice as long, up to an hour.
fn again(now: Timestamp, failures: i64) -> Timestamp {
    let doubled = u32::try_from(failures.clamp(0, 10)).unwrap_or(0);
    now.plus(EVERY.saturating_mul(2_u32.saturating_pow(doubled)).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_fails_waits_longer_each_time() {
        let now: Timestamp = "2026-11-28T09:00:00.000Z".parse().unwrap();
        let wait = |failures| again(now, failures).since(now);
        assert_eq!(wait(0), EVERY);
        assert_eq!(wait(1), EVERY * 2);
        assert_eq!(wait(9), LONGEST);
        assert_eq!(wait(i64::MAX), LONGEST);
    }
}
