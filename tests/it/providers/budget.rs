//! The sending budget: per minute and day, over restarts, for all who send at once.

use std::sync::Arc;
use std::time::Duration;

use crm_core::clock::FakeClock;
use crm_core::{Context, ProviderId, Scope};
use crm_providers::budget::{Grant, Limits, take};
use support::{TestDb, both_databases};

use super::{Bench, context, now};

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

async fn taken(
    ctx: &Context,
    scope: &Scope,
    provider: ProviderId,
    limits: Limits,
    wanted: u32,
) -> Grant {
    let tx = ctx.db.begin().await.unwrap();
    tx.unaudited("a test");
    let grant = take(ctx, &tx, scope, provider, limits, wanted).await.unwrap();
    tx.commit().await.unwrap();
    grant
}

fn all(messages: u32) -> Grant {
    Grant { messages, next_at: None }
}

both_databases! {
    async fn a_minute_and_a_day_hold_what_they_say(db: TestDb) {
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let provider = bench.ctx.id(ProviderId::from_uuid);
        let limits = Limits { per_minute: Some(3), per_day: Some(5), ..Limits::default() };
        let take = |wanted| taken(&bench.ctx, &scope, provider, limits, wanted);

        assert_eq!(take(2).await, all(2));
        bench.clock.advance(Duration::from_secs(30));
        assert_eq!(take(4).await, Grant { messages: 1, next_at: Some(now().plus(MINUTE)) });
        assert_eq!(take(1).await, Grant { messages: 0, next_at: Some(now().plus(MINUTE)) });
        bench.clock.advance(Duration::from_secs(30));
        assert_eq!(take(4).await, Grant { messages: 2, next_at: Some(now().plus(DAY)) });
        bench.clock.advance(MINUTE);
        assert_eq!(take(1).await, Grant { messages: 0, next_at: Some(now().plus(DAY)) });
        bench.clock.advance(DAY);
        assert_eq!(take(3).await, all(3));
        assert_eq!(take(0).await, all(0));
    }

    async fn no_limit_grants_all(db: TestDb) {
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let provider = bench.ctx.id(ProviderId::from_uuid);
        assert_eq!(taken(&bench.ctx, &scope, provider, Limits::default(), 5000).await, all(5000));
        let daily = Limits { per_minute: None, per_day: Some(4), ..Limits::default() };
        assert_eq!(taken(&bench.ctx, &scope, provider, daily, 3).await, all(3));
        let left = taken(&bench.ctx, &scope, provider, daily, 3).await;
        assert_eq!(left, Grant { messages: 1, next_at: Some(now().plus(DAY)) });
    }

    async fn what_is_rolled_back_was_not_taken(db: TestDb) {
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let provider = bench.ctx.id(ProviderId::from_uuid);
        let limits = Limits { per_minute: Some(2), per_day: None, ..Limits::default() };
        let tx = bench.ctx.db.begin().await.unwrap();
        assert_eq!(take(&bench.ctx, &tx, &scope, provider, limits, 2).await.unwrap(), all(2));
        tx.rollback().await.unwrap();
        assert_eq!(taken(&bench.ctx, &scope, provider, limits, 2).await, all(2));
    }

    async fn a_restart_does_not_refill_it(db: TestDb) {
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let provider = bench.ctx.id(ProviderId::from_uuid);
        let limits = Limits { per_minute: Some(2), per_day: None, ..Limits::default() };
        assert_eq!(taken(&bench.ctx, &scope, provider, limits, 2).await, all(2));

        let later = now().plus(Duration::from_secs(10));
        let restarted = context(&bench.db, Arc::new(FakeClock::new(later))).await;
        let grant = taken(&restarted, &scope, provider, limits, 1).await;
        assert_eq!(grant, Grant { messages: 0, next_at: Some(now().plus(MINUTE)) });
        let other = bench.ctx.id(ProviderId::from_uuid);
        assert_eq!(taken(&restarted, &scope, other, limits, 1).await, all(1), "each has its own");
    }

    async fn many_at_once_take_no_more_than_there_is(db: TestDb) {
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let provider = bench.ctx.id(ProviderId::from_uuid);
        let limits = Limits { per_minute: Some(20), per_day: Some(1000), ..Limits::default() };
        let takers: Vec<_> = (0..12)
            .map(|_| {
                let (ctx, scope) = (bench.ctx.clone(), scope.clone());
                tokio::spawn(async move { taken(&ctx, &scope, provider, limits, 3).await.messages })
            })
            .collect();
        let mut total = 0;
        for taker in takers {
            total += taker.await.unwrap();
        }
        assert_eq!(total, 20);
    }

    async fn a_new_sender_begins_with_few_and_warms_up_by_days_of_sending(db: TestDb) {
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let provider = bench.ctx.id(ProviderId::from_uuid);
        let limits = Limits { warm_up_from: Some(4), per_day: Some(8), ..Limits::default() };
        for allowed in [4, 6, 8, 8] {
            let start = bench.ctx.now();
            assert_eq!(taken(&bench.ctx, &scope, provider, limits, 3).await, all(3));
            let rest = taken(&bench.ctx, &scope, provider, limits, 100).await;
            assert_eq!(rest, Grant { messages: allowed - 3, next_at: Some(start.plus(DAY)) });
            // Days without a message warm nobody up.
            bench.clock.advance(DAY * 3);
        }
    }
}
