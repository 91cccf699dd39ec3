//! The way of a job from a transaction to its handler.

use crm_campaigns::jobs::LookAtCampaign;
use crm_core::{CampaignId, outbox};
use sea_orm::{ConnectionTrait, TransactionTrait};
use support::{Backend, PerBackend, both_databases};

use super::bench::Bench;

both_databases! {
    async fn a_job_runs_once_its_transaction_has_committed_and_never_without(bench: Bench) {
        let workers = bench.start();
        let never = bench.upload(3).await;
        let tx = bench.ctx().db.begin().await.unwrap();
        outbox::enqueue(bench.ctx(), &tx, &bench.job(never), "never").await.unwrap();
        tx.rollback().await.unwrap();

        // Written later, so a job of the first would have been relayed before it.
        let wanted = bench.import(5).await;
        workers.poke();
        bench.read(wanted).await;

        assert_eq!(bench.contacts().await, 5);
        assert_eq!(bench.state(never).await, "uploaded");
        assert!(bench.status(never).await.is_empty());
        assert!(workers.healthy());
        workers.stop().await;
    }

    async fn a_job_handed_over_twice_is_there_once(bench: Bench) {
        let workers = bench.start();
        let id = bench.import(5).await;
        bench.read(id).await;
        let relayed = "SELECT count(*) FROM outbox WHERE relayed_at IS NOT NULL";
        bench.appears("the job to be marked", relayed).await;

        // As a process leaves it that is killed after pushing and before marking.
        bench.execute("UPDATE outbox SET relayed_at = NULL").await;
        workers.poke();
        bench.appears("the job to be marked again", relayed).await;

        assert_eq!(bench.status(id).await.len(), 1);
        assert_eq!(bench.contacts().await, 5);
        workers.stop().await;
    }

    async fn a_campaign_is_looked_at_and_the_job_is_done(bench: Bench) {
        let workers = bench.start();
        let tx = bench.ctx().db.begin().await.unwrap();
        tx.unaudited("a test");
        // One that has been deleted since: whatever a job names, the engine decides what there is to do.
        let job = LookAtCampaign {
            workspace_id: bench.workspace_id,
            campaign_id: bench.ctx().id(CampaignId::from_uuid),
        };
        outbox::enqueue(bench.ctx(), &tx, &job, "1").await.unwrap();
        tx.commit().await.unwrap();
        workers.poke();
        let done = format!(
            "SELECT count(*) FROM {} WHERE job_type = 'look-at-campaign' AND status = 'Done'",
            bench.jobs()
        );
        bench.appears("the job to be done", &done).await;
        workers.stop().await;
    }

    async fn a_job_nobody_knows_does_not_stand_in_the_way(bench: Bench) {
        for (id, name, payload) in [("0", "unheard-of", "{}"), ("1", "run-import", "[]")] {
            bench.execute(&format!(
                "INSERT INTO outbox (id, name, payload, idempotency_key, created_at) \
                 VALUES ('00000000-0000-7000-8000-00000000000{id}', '{name}', '{payload}', '{id}', \
                 '2026-01-01T00:00:00.000Z')"
            ))
            .await;
        }
        let id = bench.import(1).await;
        let workers = bench.start();
        bench.read(id).await;
        workers.stop().await;
    }

    async fn what_the_queue_has_lost_is_found_in_the_domains_tables(bench: Bench) {
        let id = bench.import(5).await;
        bench.execute("DELETE FROM outbox").await;
        let workers = bench.start();
        bench.read(id).await;
        assert_eq!(bench.contacts().await, 5);

        // Once more, now that the queue holds a finished job of the same name.
        workers.stop().await;
        bench.execute("UPDATE imports SET state = 'queued', finished_at = NULL").await;
        let bench = bench.reboot().await;
        let workers = bench.start();
        bench.read(id).await;
        assert_eq!(bench.contacts().await, 5);
        assert_eq!(bench.status(id).await.len(), 2);
        workers.stop().await;
    }
}

/// Siblings take the jobs of a worker that does not say that it lives, so it must also while its job takes long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_a_worker_shows_life_while_its_job_takes_long() {
    let bench = Bench::fresh(Backend::Postgres).await;
    let id = bench.import(5).await;
    let held = bench.db.raw().begin().await.unwrap();
    held.execute_unprepared("SELECT id FROM imports FOR UPDATE").await.unwrap();

    let workers = bench.start();
    let alive = "SELECT count(*) FROM apalis.jobs JOIN apalis.workers ON workers.id = jobs.lock_by \
        WHERE jobs.status = 'Running' AND workers.last_seen > jobs.lock_at + interval '6 seconds'";
    bench.appears("a sign of life after the job began", alive).await;
    assert_eq!(bench.state(id).await, "queued");

    held.rollback().await.unwrap();
    bench.read(id).await;
    workers.stop().await;
}
