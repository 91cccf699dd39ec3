//! The pipeline board and the page of all tasks.

use sea_orm::ConnectionTrait;
use serde_json::json;
use support::{Answer, Backend, Client, TestApp, TestDb, both_databases, unchanged};

/// Names on the cards of the column with this stage, in order.
fn cards(page: &Answer, stage: &str) -> Vec<String> {
    let (_, column) = page.expect(200).text.split_once(&format!("data-stage=\"{stage}\"")).unwrap();
    let column = column.split("</section>").next().unwrap();
    let names = column.split("class=\"kcard\"").skip(1);
    names
        .map(|card| {
            card.split("data-name=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        })
        .collect()
}

async fn stages(client: &Client) -> Vec<String> {
    let lists = client.get("/api/lists").await;
    let all = lists.data().as_array().unwrap().iter();
    all.filter(|list| list["is_primary"] == true)
        .map(|list| list["id"].as_str().unwrap().to_owned())
        .collect()
}

/// The moment so many days and an hour ago, as a query.
fn days_ago(db: &TestDb, days: &str) -> String {
    if db.backend() == Backend::Postgres {
        return format!(
            "SELECT to_char((now() - interval '{days} days 1 hour') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.000\"Z\"')"
        );
    }
    format!("SELECT strftime('%Y-%m-%dT%H:%M:%S.000Z', 'now', '-{days} days', '-1 hours')")
}

both_databases! {
    async fn the_board_shows_moves_and_filters(app: TestApp) {
        let owner = app.owner().await;
        let me = owner.get("/api/auth/me").await.data()["user"]["id"].as_str().unwrap().to_owned();
        let tag = owner.post("/api/lists", json!({"name": "Fair"})).await.id();
        let stages = stages(&owner).await;
        let ada = json!({"first_name": "Ada", "company": "Engines", "value_minor": 120_050, "owner_id": me, "list_ids": [tag]});
        let ada = owner.post("/api/contacts", ada).await.expect(201).id();
        let bob = owner.post("/api/contacts", json!({"first_name": "Bob", "value_minor": 5_000})).await.id();
        for (title, due) in [("later", "2090-01-01T09:00:00Z"), ("call <b>", "2020-01-01T09:00:00Z")] {
            owner.post("/api/tasks", json!({"contact_id": ada, "title": title, "due_at": due})).await.expect(201);
        }
        let board = owner.get("/pipeline").await;
        assert_eq!(cards(&board, &stages[0]), ["Bob", "Ada"], "the newest is on top");
        assert_eq!(cards(&board, &stages[1]), [""; 0]);
        assert!(board.text.contains("Nobody is here") && board.text.contains("call &lt;b&gt;"), "{}", board.text);
        assert!(board.text.contains("1,250.50"), "the sum of the column: {}", board.text);
        assert_eq!(cards(&owner.get("/pipeline?order=longest").await, &stages[0]), ["Ada", "Bob"]);
        for query in ["q=engin", "owner=me", &format!("tag={tag}"), &format!("tag={tag}&owner=me&q=ada")] {
            let board = owner.get(&format!("/pipeline?{query}")).await;
            assert_eq!(cards(&board, &stages[0]), ["Ada"], "{query}");
            assert!(board.text.contains("1,200.50"), "{query}: {}", board.text);
        }
        assert_eq!(cards(&owner.get("/pipeline?q=nobody").await, &stages[0]), [""; 0]);

        // Without script: a page with the stages, which leads back to the board as it was.
        let path = format!("/pipeline/{ada}/move");
        let choose = owner.get(&format!("{path}?back=/pipeline%3Fowner%3Dme")).await;
        assert!(choose.expect(200).text.contains("value=\"/pipeline?owner=me\""), "{}", choose.text);
        let moved = owner.submit(&path, &path, &[("list_id", &stages[1]), ("back", "/pipeline?owner=me")]).await;
        assert_eq!(moved.expect(303).header("location"), "/pipeline?owner=me");
        let board = owner.get("/pipeline?owner=me").await;
        assert_eq!(cards(&board, &stages[1]), ["Ada"]);
        let elsewhere = [("list_id", stages[1].as_str()), ("back", "https://evil.test")];
        assert_eq!(owner.submit(&path, &path, &elsewhere).await.expect(303).header("location"), "/pipeline");
        // With it: no page, and the reason where it is refused.
        let fields = |list: &str| [("list_id", list.to_owned())];
        let post = async |list: &str| {
            let request = owner.request(reqwest::Method::POST, &path).header("HX-Request-Type", "partial");
            Answer::of(request.form(&fields(list))).await
        };
        post(&stages[2]).await.expect(204);
        assert_eq!(cards(&owner.get("/pipeline").await, &stages[2]), ["Ada"]);
        let refused = unchanged(app.db(), post(&tag)).await;
        assert_eq!(refused.expect(422).text, "This is a tag and no stage.");
        unchanged(app.db(), post("018f0000-0000-7000-8000-000000000000")).await.expect(404);
        assert!(app.db().count(&format!("SELECT count(*) FROM communication_logs WHERE contact_id = '{ada}' AND type = 'stage_change'")).await == 3);

        let ws = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let viewer = app.person(&owner, &ws, "viewer@example.com", "viewer").await;
        let board = viewer.get("/pipeline").await;
        assert_eq!(cards(&board, &stages[0]), ["Bob"]);
        assert!(!board.text.contains("draggable=\"true\"") && !board.text.contains(&format!("{bob}/move")));
    }

    async fn a_column_shows_more_by_keyset(app: TestApp) {
        let owner = app.owner().await;
        let stage = stages(&owner).await.remove(0);
        for n in 0..45 {
            owner.post("/api/contacts", json!({"first_name": format!("P{n:02}")})).await.expect(201);
        }
        let mut seen = Vec::new();
        let mut next = Some("/pipeline".to_owned());
        while let Some(path) = next {
            let board = owner.get(&path).await;
            seen.extend(cards(&board, &stage));
            let more = board.text.split("data-more href=\"").nth(1);
            next = more.map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#x2F;", "/"));
        }
        let expected: Vec<String> = (0..45).rev().map(|n| format!("P{n:02}")).collect();
        assert_eq!(seen, expected);
        owner.get(&format!("/pipeline?stage={stage}&cursor=nonsense")).await.expect(422);
    }

    async fn all_tasks_stand_on_one_page_and_what_is_done_is_taken_back(app: TestApp) {
        let owner = app.owner().await;
        let me = owner.get("/api/auth/me").await.data()["user"]["id"].as_str().unwrap().to_owned();
        assert!(owner.get("/tasks").await.expect(200).text.contains("Nothing to do"));
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        let mut ids = Vec::new();
        for (title, due, who) in [("Mine", json!("2090-01-01T09:00:00Z"), json!(me)), ("Late", json!("2020-01-01T09:00:00Z"), json!(null))] {
            let new = json!({"contact_id": ada, "title": title, "due_at": due, "assignee_id": who});
            ids.push(owner.post("/api/tasks", new).await.expect(201).id());
        }
        let all = owner.get("/tasks").await.text;
        assert!(all.find("<b><bdi>Late").unwrap() < all.find("<b><bdi>Mine").unwrap(), "{all}");
        let mine = owner.get("/tasks?who=me").await.text;
        assert!(mine.contains("<b><bdi>Mine") && !mine.contains("Late"), "{mine}");

        let done = owner.submit("/tasks", &format!("/tasks/{}/done", ids[1]), &[("back", "tasks")]).await;
        assert_eq!(done.expect(303).header("location"), "/tasks");
        let page = owner.get("/tasks").await.text;
        let undo = format!("/tasks/{}/reopen", ids[1]);
        assert!(page.contains(&format!("action=\"{undo}\"")) && page.contains(">Undo</button>"), "{page}");
        assert!(!owner.get("/tasks").await.text.contains(">Undo</button>"), "a message is shown once");
        assert!(owner.get("/tasks?done=true").await.text.contains("Late"));
        let again = owner.submit("/tasks", &undo, &[("back", "dashboard")]).await;
        assert_eq!(again.expect(303).header("location"), "/dashboard");
        assert!(owner.get("/dashboard").await.text.contains("Late"));

        owner.submit("/tasks", &format!("/tasks/{}/next-week", ids[1]), &[("back", "mine")]).await.expect(303);
        let due = format!("SELECT due_at FROM tasks WHERE id = '{}'", ids[1]);
        let due: crm_core::Timestamp = app.db().texts(&due).await.remove(0).parse().unwrap();
        let now = crm_core::clock::SystemClock;
        let in_days = due.since(crm_core::Clock::now(&now)).as_secs() / 86_400;
        assert!((6..=7).contains(&in_days), "{due}");
        for id in &ids {
            owner.patch(&format!("/api/tasks/{id}"), json!({"done": true})).await.expect(200);
        }
        let done = owner.get("/api/tasks?done=true").await;
        assert_eq!((&done.data()[0]["title"], &done.data()[1]["title"]), (&json!("Late"), &json!("Mine")), "the last one done comes first");
    }

    async fn the_form_of_a_contact_names_an_owner(app: TestApp) {
        let owner = app.owner().await;
        let me = owner.get("/api/auth/me").await.data()["user"]["id"].as_str().unwrap().to_owned();
        let fields = [("first_name", "Ada"), ("owner_id", me.as_str())];
        let made = owner.submit("/contacts/new", "/contacts", &fields).await;
        let page = made.expect(303).header("location").to_owned();
        let api = format!("/api{page}");
        assert_eq!(owner.get(&api).await.data()["owner_id"], json!(me));
        let edit = format!("{page}/edit");
        assert!(owner.get(&edit).await.text.contains(&format!("<option value=\"{me}\" selected>")));
        // A form that does not ask leaves the owner.
        owner.submit(&edit, &page, &[("first_name", "Adah")]).await.expect(303);
        assert_eq!(owner.get(&api).await.data()["owner_id"], json!(me));
        let nobody = [("first_name", "Adah"), ("owner_id", "018f0000-0000-7000-8000-000000000000")];
        let refused = unchanged(app.db(), owner.submit(&edit, &page, &nobody)).await;
        assert_eq!(refused.expect(422).status, 422);
        owner.submit(&edit, &page, &[("first_name", "Adah"), ("owner_id", "")]).await.expect(303);
        assert_eq!(owner.get(&api).await.data()["owner_id"], json!(null));
    }

    /// For how long contacts are where they are: of all, and of those a filter leaves.
    async fn stages_say_how_long_contacts_stay(app: TestApp) {
        let owner = app.owner().await;
        let stages = stages(&owner).await;
        for (name, since) in [("Ada", "20"), ("Bob", "10"), ("Cid", "0")] {
            let list = if name == "Cid" { &stages[1] } else { &stages[0] };
            let id = owner.post("/api/contacts", json!({"first_name": name, "list_ids": [list]})).await.id();
            let day = app.db().texts(&days_ago(app.db(), since)).await.remove(0);
            let sql = format!("UPDATE contact_list_assignments SET assigned_at = '{day}' WHERE contact_id = '{id}'");
            app.db().raw().execute_unprepared(&sql).await.unwrap();
        }
        let days = |page: &Answer| -> Vec<String> {
            let columns = page.expect(200).text.split("<section class=\"col\"").skip(1);
            columns.take(2).map(|column| {
                let head = column.split("</header>").next().unwrap();
                let said = head.split("on average\">").nth(1).unwrap_or("-");
                said.split(" d<").next().unwrap().to_owned()
            }).collect()
        };
        assert_eq!(days(&owner.get("/pipeline").await), ["15", "0"]);
        assert_eq!(days(&owner.get("/pipeline?q=ada").await), ["20", "-"]);
        let lists = owner.get("/lists").await.expect(200).text.replace('\u{a0}', " ");
        assert!(lists.contains("2 contacts<span class=\"wide\">, here for 15 days on average</span>"), "{lists}");
    }
}
