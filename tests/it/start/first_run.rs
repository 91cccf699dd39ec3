//! The first user and workspace, over the API and over the page.

use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD, first_user};
use support::{Answer, TestApp, both_databases};

both_databases! {
    async fn the_code_makes_one_user_and_then_the_door_is_shut(app: TestApp) {
        let client = app.client();
        let code = app.setup_code().await;
        client.get("/").await.expect(303);
        client.get("/setup").await.expect(200);
        client.post("/api/auth/register", first_user("AAAA-BBBB-CCCC")).await
            .expect_error(422, "validation_failed");
        let answer = client.post("/api/auth/register", first_user(&code)).await;
        answer.expect(201);
        assert_eq!(answer.data()["user"]["email"], OWNER_EMAIL);
        client.post("/api/auth/register", first_user(&code)).await.expect_error(409, "invalid_state");
        client.get("/setup").await.expect(404);
        let mut again = app.client();
        again.login(OWNER_EMAIL, PASSWORD).await;
        let workspaces = again.get("/api/workspaces").await;
        assert_eq!(workspaces.data().as_array().map(Vec::len), Some(1));
        let lists = again.get("/api/lists").await;
        assert!(lists.data().as_array().unwrap().iter().any(|list| list["is_primary"] == true));
        let providers = again.get("/api/providers").await;
        assert_eq!(providers.data()[0]["provider_type"], "practice");
    }

    async fn several_browsers_at_once_make_exactly_one_first_user(app: TestApp) {
        let code = app.setup_code().await;
        let tries = (0..4).map(|number| {
            let client = app.client();
            let mut body = first_user(&code);
            body["email"] = json!(format!("user{number}@example.com"));
            tokio::spawn(async move { client.post("/api/auth/register", body).await.status })
        });
        let mut made = 0;
        for attempt in tries.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                201 => made += 1,
                409 => {}
                other => panic!("{other}"),
            }
        }
        assert_eq!(made, 1);
        assert_eq!(app.db().count("SELECT count(*) FROM users").await, 1);
        assert_eq!(app.db().count("SELECT count(*) FROM workspaces").await, 1);
    }

    async fn a_weak_password_names_the_field(app: TestApp) {
        let code = app.setup_code().await;
        for weak in ["short", "password1234", "andy@example.com"] {
            let mut body = first_user(&code);
            body["password"] = json!(weak);
            let answer = app.client().post("/api/auth/register", body).await;
            answer.expect_error(422, "validation_failed");
            assert!(answer.body["error"]["fields"]["password"].is_string(), "{}", answer.text);
        }
        assert_eq!(app.db().count("SELECT count(*) FROM users").await, 0);
    }

    async fn the_page_signs_in_what_it_made(app: TestApp) {
        let code = app.setup_code().await;
        let client = app.client();
        let form = [
            ("setup_code", code.as_str()),
            ("name", "Andy"),
            ("email", OWNER_EMAIL),
            ("password", PASSWORD),
            ("workspace_name", "Acme"),
            ("time_zone", "Europe/Vienna"),
            ("currency", "EUR"),
        ];
        let request = client.request(reqwest::Method::POST, "/setup").form(&form);
        let answer = Answer::of(request).await;
        answer.expect(303);
        assert_eq!(answer.header("location"), "/dashboard");
        client.get("/dashboard").await.expect(200);
    }
}
