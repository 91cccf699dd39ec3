//! Two workspaces with one of everything: what is the other's does not exist, on every road.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use support::process::{PASSWORD, Site};
use support::{Answer, Backend, Client, PerBackend, TestApp, both_databases, unchanged, wait};

use super::members::{first_workspace, me};
use super::roads::{BODIES, GET, LISTS, OTHER, PAGE_POSTS, PERSONAL};
use super::routes::declared_in;

/// In every name of the workspace nobody else may see.
const MARK: &str = "zanzibar";
/// An id nobody ever had.
const NEVER: &str = "018f0000-0000-7000-8000-000000000000";

/// Ids by the word that stands for them in a path.
struct Ids(BTreeMap<&'static str, String>);

impl Ids {
    /// `text` with the real ids.
    fn fill(&self, text: &str) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, (word, id)| text.replace(&format!("{{{word}}}"), id))
    }

    /// `text` with ids that never were.
    fn never(&self, text: &str) -> String {
        self.0
            .keys()
            .fold(text.to_owned(), |text, word| text.replace(&format!("{{{word}}}"), NEVER))
    }

    /// An answer without what may differ: ids that were asked for, and the moment and number of the request.
    fn plain(&self, text: &str) -> String {
        let text =
            self.0.values().fold(text.to_owned(), |text, id| text.replace(id.as_str(), NEVER));
        match text.split_once("id=\"problem-details\"") {
            Some((before, rest)) => {
                let after = rest.split_once("</p>").map_or("", |(_, after)| after);
                format!("{before}{after}")
            }
            None => text,
        }
    }

    fn show_nothing(&self, what: &str, answer: &Answer) {
        assert!(!answer.text.to_lowercase().contains(MARK), "{what} shows a name: {}", answer.text);
        for (word, id) in &self.0 {
            assert!(!answer.text.contains(id.as_str()), "{what} shows the {word}: {}", answer.text);
        }
    }
}

/// One of everything in the caller's workspace.
async fn everything(owner: &Client) -> Ids {
    let ws = first_workspace(owner).await;
    owner.put(&format!("/api/workspaces/{ws}"), json!({"name": "Zanzibar Inc"})).await.expect(200);
    let list = owner.post("/api/lists", json!({"name": "Zanzibar list"})).await.id();
    let contact = owner.post("/api/contacts", json!({"first_name": "Zanzibar", "primary_email": "zanzibar@example.org", "list_ids": [list]})).await.id();
    let log = owner
        .post(
            "/api/logs",
            json!({"contact_id": contact, "type": "note", "content": {"text": "zanzibar"}}),
        )
        .await
        .id();
    let field = json!({"name": "zanzibar", "label": "Zanzibar field", "field_type": "text"});
    let field = owner.post("/api/custom-definitions", field).await.id();
    let segment = json!({"name": "Zanzibar segment", "segment_json": {"all": []}});
    let segment = owner.post("/api/segments", segment).await.id();
    let task = json!({"contact_id": contact, "title": "Zanzibar call"});
    let task = owner.post("/api/tasks", task).await.id();
    let gone = owner.post("/api/contacts", json!({"first_name": "Zanzibar gone"})).await.id();
    owner.delete(&format!("/api/contacts/{gone}")).await.expect(200);
    let twin = owner.post("/api/contacts", json!({"first_name": "Zanzibar twin"})).await.id();
    let other = owner.post("/api/contacts", json!({"first_name": "Zanzibar other"})).await.id();
    let both = json!({"source_id": twin, "target_id": other});
    let merge = owner.post("/api/contacts/merge", both).await;
    let merge = merge.expect(200).data()["merge_id"].as_str().unwrap().to_owned();
    let set = json!({"action": "set", "field": "company", "value": "Zanzibar", "ids": [other]});
    let bulk = owner.post("/api/contacts/bulk", set).await.id();
    let suppressed = json!({"channel": "email", "address": "zanzibar-no@example.org"});
    let suppression = owner.post("/api/suppressions", suppressed).await.id();
    let template = owner.post("/api/templates", json!({"name": "Zanzibar letter", "subject": "Zanzibar", "body_html": "<p>Zanzibar</p>"})).await.id();
    let campaign = owner.post("/api/campaigns", json!({"name": "Zanzibar campaign", "type": "email", "template_id": template, "segment_json": {"all": []}})).await.id();
    for step in ["submit", "approve", "send"] {
        let done = owner.post(&format!("/api/campaigns/{campaign}/{step}"), json!({})).await;
        assert!(done.status < 300, "{step}: {}", done.text);
    }
    let path = format!("/api/campaigns/{campaign}");
    wait::until("the campaign to be sent", Duration::from_mins(1), || async {
        (owner.get(&path).await.data()["status"] == "sent").then_some(())
    })
    .await;
    let row =
        owner.get(&format!("{path}/recipients")).await.data()[0]["id"].as_str().unwrap().to_owned();
    let message = owner.get("/api/practice").await.data()[0]["id"].as_str().unwrap().to_owned();
    let file =
        reqwest::multipart::Part::bytes(&b"first_name\nZanzibar\n"[..]).file_name("zanzibar.csv");
    let import =
        owner.upload("/api/import", reqwest::multipart::Form::new().part("file", file)).await.id();
    let path = format!("/api/import/{import}");
    wait::until("the import to end", Duration::from_mins(1), || async {
        (owner.get(&path).await.data()["state"] == "done").then_some(())
    })
    .await;
    let config = json!({"host": "127.0.0.1", "port": 2525, "security": "none", "from_email": "zanzibar@example.org", "from_name": "Zanzibar"});
    let provider = owner
        .post(
            "/api/providers",
            json!({"name": "Zanzibar mail", "provider_type": "smtp", "config": config}),
        )
        .await
        .id();
    let invitation = owner
        .post(
            &format!("/api/workspaces/{ws}/invitations"),
            json!({"email": "zanzibar@example.com", "role": "viewer"}),
        )
        .await
        .id();
    let member = me(owner).await;
    Ids([
        ("workspace", ws),
        ("list", list),
        ("field", field),
        ("segment", segment),
        ("task", task),
        ("log", log),
        ("contact", contact),
        ("deleted", gone),
        ("merge", merge),
        ("bulk", bulk),
        ("single", super::spares::taken_back(owner).await),
        ("insight", super::spares::insight(owner).await),
        ("suppression", suppression),
        ("template", template),
        ("campaign", campaign),
        ("row", row),
        ("message", message),
        ("import", import),
        ("provider", provider),
        ("invitation", invitation),
        ("member", member),
    ]
    .into())
}

/// Somebody with a workspace of their own, who shares none.
async fn stranger(app: &TestApp, owner: &Client) -> Client {
    let between = owner.post("/api/workspaces", json!({"name": "Between"})).await.id();
    let stranger = app.person(owner, &between, "stranger@example.com", "owner").await;
    stranger.post("/api/workspaces", json!({"name": "Globex"})).await.expect(201);
    owner.delete(&format!("/api/workspaces/{between}")).await.expect(200);
    stranger
}

fn json_of(ids: impl Fn(&str) -> String, body: &str) -> Option<Value> {
    (!body.is_empty())
        .then(|| serde_json::from_str(&ids(body)).unwrap_or_else(|error| panic!("{body}: {error}")))
}

/// What is wrong where not both answers are 404 and the same.
fn unlike(ids: &Ids, what: &str, theirs: &Answer, never: &Answer) -> Option<String> {
    if theirs.status != 404 {
        return Some(format!("{what} answers {}: {}", theirs.status, theirs.text));
    }
    let (theirs, never) = (ids.plain(&theirs.text), ids.plain(&never.text));
    (theirs != never).then(|| format!("{what} differs from a made-up id:\n{theirs}\n{never}"))
}

both_databases! {
    async fn nothing_of_another_workspace_exists(app: TestApp) {
        let owner = app.owner().await;
        let stranger = stranger(&app, &owner).await;
        let ids = everything(&owner).await;
        // The roads do lead to something for whom they may.
        for path in GET {
            let own = owner.get(&ids.fill(path)).await;
            assert!(own.status < 400, "{path}: {} {}", own.status, own.text);
        }
        let mut wrong = Vec::new();
        unchanged(app.db(), async {
            for path in GET {
                let (theirs, never) = (stranger.get(&ids.fill(path)).await, stranger.get(&ids.never(path)).await);
                wrong.extend(unlike(&ids, path, &theirs, &never));
            }
            for (method, path, body) in OTHER {
                let method: Method = method.parse().unwrap();
                let theirs = stranger.send(method.clone(), &ids.fill(path), json_of(|text| ids.fill(text), body)).await;
                let never = stranger.send(method.clone(), &ids.never(path), json_of(|text| ids.never(text), body)).await;
                wrong.extend(unlike(&ids, &format!("{method} {path}"), &theirs, &never));
            }
            let token = stranger.csrf().unwrap().to_owned();
            for (path, fields) in PAGE_POSTS {
                let post = async |path: String, fields: String| {
                    let body = format!("csrf_token={token}&{fields}");
                    let request = stranger.without_csrf().request(Method::POST, &path)
                        .header("Content-Type", "application/x-www-form-urlencoded").body(body);
                    Answer::of(request).await
                };
                let theirs = post(ids.fill(path), ids.fill(fields)).await;
                let never = post(ids.never(path), ids.never(fields)).await;
                wrong.extend(unlike(&ids, &format!("POST {path}"), &theirs, &never));
            }
            // Named in a body or a query: refused in the same words as an id that never was.
            for (path, body) in BODIES {
                let theirs = stranger.post(path, json_of(|text| ids.fill(text), body).unwrap()).await;
                let never = stranger.post(path, json_of(|text| ids.never(text), body).unwrap()).await;
                assert!((400..500).contains(&theirs.status), "{path} {body}: {}", theirs.text);
                assert_eq!(theirs.status, never.status, "{path} {body}: {}", never.text);
                assert_eq!(ids.plain(&theirs.text), ids.plain(&never.text), "{path} {body}");
            }
        }).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    async fn no_list_count_or_search_shows_another_workspace(app: TestApp) {
        let owner = app.owner().await;
        let stranger = stranger(&app, &owner).await;
        let ids = everything(&owner).await;
        let ws = ids.fill("{workspace}");
        for path in LISTS {
            let plain = ids.fill(path);
            let own = owner.get(&plain).await;
            assert!(own.status < 400, "{path}: {}", own.text);
            let theirs = stranger.get(&plain).await;
            let never = stranger.get(&ids.never(path)).await;
            assert_eq!(theirs.status, never.status, "{path}: {}", theirs.text);
            // What was typed into the address may be repeated; a page for the never-made id repeats as much.
            if !path.contains('{') && !path.contains("q=") {
                ids.show_nothing(path, &theirs);
            }
            if theirs.body["meta"]["total"].is_number() {
                assert_eq!(theirs.body["meta"]["total"], never.body["meta"]["total"], "{path}");
            }
            if path.contains("q=") {
                assert_eq!(theirs.body["meta"]["total"], 0, "{path}: {}", theirs.text);
            }
            // Naming the workspace in a header or a cookie opens nothing.
            if path.starts_with("/api/") {
                stranger.in_workspace(&ws).get(&plain).await.expect_error(404, "not_found");
            } else {
                let request = stranger.request(Method::GET, path).header("Cookie", format!("pi-crm-workspace={ws}"));
                ids.show_nothing(path, &Answer::of(request).await);
            }
        }
        for path in PERSONAL {
            ids.show_nothing(path, &stranger.get(path).await);
        }
        let count = stranger.post("/api/segments/preview", json!({"segment_json": {"all": []}})).await;
        assert_eq!(count.data()["count"], 0, "{}", count.text);
        let own = owner.post("/api/segments/preview", json!({"segment_json": {"all": []}})).await;
        assert_ne!(own.data()["count"], 0, "{}", own.text);
    }
}

/// Every road with an id in it is in one of the tables above, so that a new one cannot be forgotten.
#[test]
fn every_road_with_an_id_is_tried() {
    let mut known: Vec<String> = Vec::new();
    known.extend(GET.iter().map(|path| shape(path)));
    known.extend(OTHER.iter().map(|(_, path, _)| shape(path)));
    known.extend(PAGE_POSTS.iter().map(|(path, _)| shape(path)));
    known.extend(super::roads::ELSEWHERE.iter().map(|path| shape(path)));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src");
    let mut found = 0;
    for (folder, prefix) in [("api", "/api"), ("pages", "")] {
        for file in files(&root.join(folder)) {
            let source = std::fs::read_to_string(&file).unwrap();
            for part in source.split(".route(").skip(1).chain(source.split("resource(").skip(1)) {
                let Some(rest) = part.trim_start().strip_prefix('"') else { continue };
                let path = rest.split('"').next().unwrap_or_default();
                if path.contains('{') {
                    found += 1;
                    let path = shape(&format!("{prefix}{path}"));
                    assert!(known.contains(&path), "{path} of {} is in no table", file.display());
                }
            }
        }
    }
    assert!(found > 50, "only {found} roads were found");
    // A form posted to where there is none would be refused for a reason of no interest.
    let forms: Vec<String> = declared_in("pages")
        .iter()
        .filter(|(method, _)| method == "POST")
        .map(|(_, path)| shape(path))
        .collect();
    for (path, _) in PAGE_POSTS {
        assert!(forms.contains(&shape(path)), "there is no form at {path}");
    }
    let routes: Vec<(String, String)> = declared_in("api")
        .iter()
        .map(|(method, path)| (method.clone(), shape(&format!("/api{path}"))))
        .collect();
    for (method, path, _) in OTHER {
        assert!(
            routes.contains(&((*method).to_owned(), shape(path))),
            "there is no {method} {path}"
        );
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// A path with every id written alike, without its query.
fn shape(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    // A number and a column stand for themselves in the tables.
    let stands = |part: &str| part.starts_with('{') || matches!(part, "1" | "company");
    let parts = path.split('/').map(|part| if stands(part) { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// The two people of the demo data share one workspace, and neither sees the other's own.
async fn seeded(backend: Backend) {
    let site = Site::fresh(backend).await.set("SEED_PASSWORD", PASSWORD);
    let seeded = site.run(&["seed", "--contacts", "3"]);
    assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));
    // A second time changes nothing.
    assert!(
        unchanged(&site.db, async { site.run(&["seed", "--contacts", "0"]) })
            .await
            .status
            .success()
    );
    let process = site.start().await;
    let mut people = Vec::new();
    for name in ["andy", "monalisa"] {
        let mut client = process.client();
        client.login(&format!("{name}@example.com"), PASSWORD).await;
        let mine = client.get("/api/workspaces").await;
        let of = |wanted: bool| {
            let all = mine.data().as_array().unwrap();
            let found = all.iter().find(|one| (one["name"] == "Demo") == wanted);
            found.unwrap_or_else(|| panic!("{}", mine.text))["id"].as_str().unwrap().to_owned()
        };
        let (demo, own) = (of(true), of(false));
        let inside = client.in_workspace(&own);
        let contact = inside.get("/api/contacts").await;
        assert_eq!(contact.body["meta"]["total"], 1, "{}", contact.text);
        let contact = contact.data()[0]["id"].as_str().unwrap().to_owned();
        people.push((client, demo, own, contact));
    }
    let (left, right) = (&people[0], &people[1]);
    assert_eq!(left.1, right.1, "they share the demo");
    for (me, other) in [(left, right), (right, left)] {
        for path in [
            "/api/contacts",
            "/api/lists",
            "/api/templates",
            "/api/campaigns",
            "/api/providers",
            "/api/practice",
            "/api/import",
            "/api/audit",
        ] {
            me.0.in_workspace(&other.2).get(path).await.expect_error(404, "not_found");
            me.0.in_workspace(&me.1).get(path).await.expect(200);
        }
        for path in
            [format!("/api/workspaces/{}", other.2), format!("/api/workspaces/{}/members", other.2)]
        {
            me.0.get(&path).await.expect_error(404, "not_found");
        }
        for place in [&me.1, &me.2] {
            let client = me.0.in_workspace(place);
            client.get(&format!("/api/contacts/{}", other.3)).await.expect_error(404, "not_found");
        }
        me.0.get(&format!("/contacts/{}", other.3)).await.expect(404);
        me.0.get("/dashboard").await.expect(200);
        for path in ["/dashboard", "/settings/workspaces", "/settings/team", "/contacts"] {
            assert!(!me.0.get(path).await.text.contains(&other.2), "{path}");
        }
        me.0.submit(
            "/settings/workspaces",
            &format!("/settings/workspaces/{}/switch", other.2),
            &[],
        )
        .await
        .expect(404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn andy_and_monalisa_share_one_workspace_on_sqlite() {
    seeded(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn andy_and_monalisa_share_one_workspace_on_postgresql() {
    seeded(Backend::Postgres).await;
}
