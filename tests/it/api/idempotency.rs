//! `Idempotency-Key`: what is sent twice is done once.

use reqwest::Method;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use support::{Answer, Client, TestApp, both_databases};

async fn post(client: &Client, path: &str, key: &str, body: Value) -> Answer {
    let request = client.request(Method::POST, path).header("Idempotency-Key", key).json(&body);
    Answer::of(request).await
}

async fn contacts(app: &TestApp) -> i64 {
    app.db().count("SELECT count(*) FROM base_contacts").await
}

fn ada() -> Value {
    json!({"first_name": "Ada"})
}

both_databases! {
    async fn a_repeated_request_is_answered_again_and_done_once(app: TestApp) {
        let owner = app.owner().await;
        let first = post(&owner, "/api/contacts", "k1", ada()).await;
        let again = post(&owner, "/api/contacts", "k1", ada()).await;
        first.expect(201);
        assert_eq!((again.status, &again.text), (201, &first.text));
        assert_eq!(again.header("etag"), first.header("etag"));
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(contacts(&app).await, 1);
        // Another key is another request, and so is the same key at another address.
        post(&owner, "/api/contacts", "k2", ada()).await.expect(201);
        post(&owner, "/api/lists", "k1", json!({"name": "Tag", "is_primary": false})).await.expect(201);
        assert_eq!(contacts(&app).await, 2);
    }

    async fn of_many_at_once_one_does_the_work(app: TestApp) {
        let owner = app.owner().await;
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let owner = owner.clone();
            asking.spawn(async move { post(&owner, "/api/contacts", "k1", ada()).await });
        }
        let answers = asking.join_all().await;
        assert_eq!(contacts(&app).await, 1);
        assert!(answers.iter().any(|answer| answer.status == 201));
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            answer.expect_error(409, "request_running");
        }
        post(&owner, "/api/contacts", "k1", ada()).await.expect(201);
        assert_eq!(contacts(&app).await, 1);
    }

    async fn a_key_belongs_to_one_body_and_to_one_person(app: TestApp) {
        let owner = app.owner().await;
        post(&owner, "/api/contacts", "k1", ada()).await.expect(201);
        let eve = post(&owner, "/api/contacts", "k1", json!({"first_name": "Eve"})).await;
        eve.expect_error(422, "idempotency_key_reused");
        assert_eq!(contacts(&app).await, 1);
        let long = "k".repeat(256);
        post(&owner, "/api/contacts", &long, ada()).await.expect_error(422, "validation_failed");
        // Somebody unknown learns nothing about keys.
        let stranger = post(&app.client(), "/api/contacts", "k1", ada()).await;
        stranger.expect_error(401, "unauthenticated");
        assert_eq!(contacts(&app).await, 1);
    }

    async fn what_failed_may_be_tried_again_under_its_key(app: TestApp) {
        let owner = app.owner().await;
        let wrong = post(&owner, "/api/contacts", "k1", json!({"primary_email": "no address"})).await;
        wrong.expect_error(422, "validation_failed");
        post(&owner, "/api/contacts", "k1", json!({"primary_email": "ada@example.org"})).await.expect(201);
        assert_eq!(contacts(&app).await, 1);
    }

    async fn a_request_the_server_stopped_in_is_not_done_again(app: TestApp) {
        let owner = app.owner().await;
        post(&owner, "/api/contacts", "k1", ada()).await.expect(201);
        // As it is left by a server that is killed between the work and the note about it.
        let left = "UPDATE idempotency_keys SET status = NULL, body = NULL, \
            boot_id = '018f0000-0000-7000-8000-000000000000'";
        app.db().raw().execute_unprepared(left).await.unwrap();
        let again = post(&owner, "/api/contacts", "k1", ada()).await;
        again.expect_error(409, "request_interrupted");
        assert_eq!(contacts(&app).await, 1);
    }
}
