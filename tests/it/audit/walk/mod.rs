//! Every mutating route leaves its audit entry. The routes are read from the code, so that a new one without a step
//! here fails the test.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use support::model::{Behaviour, ModelServer};
use support::{Answer, Backend, Client, PerBackend, TestApp, both_databases, paths, wait};

mod api;
mod campaigns;
mod pages;
mod people;

/// Routes that change no row, or none that anybody could ask about.
const CHANGE_NOTHING: &[(&str, &str)] = &[
    (
        "POST /api/backups",
        "its entry is in backup/making.rs: it is made of a file, and not of every database",
    ),
    ("POST /settings/backups", "the same"),
    ("POST /api/segments/preview", "counts and shows an audience"),
    ("POST /api/contacts/bulk/select", "counts and signs a selection"),
    ("POST /api/templates/{id}/preview", "renders"),
    ("POST /templates/preview", "renders"),
    ("POST /templates/check", "counts and measures"),
    ("POST /templates/blocks", "shows the form again with its blocks in another order"),
    ("POST /api/templates/generate/preview", "shows what would be sent"),
    ("POST /contacts/columns", "sets a cookie"),
    ("POST /campaigns/audience", "counts an audience"),
    ("POST /segments/build", "counts and shows an audience"),
    ("POST /settings/appearance", "sets a cookie"),
    ("POST /settings/providers/{id}/connect", "leads to the service; coming back has its entry"),
    ("POST /settings/workspaces/{id}/switch", "sets a cookie"),
];

both_databases! {
    async fn every_mutating_route_leaves_its_entry(app: Linked) {
        let Linked(app, _model) = app;
        let mut walk = Walk::begin(app).await;
        api::walk(&mut walk).await;
        campaigns::walk(&mut walk).await;
        pages::walk(&mut walk).await;
        people::walk(&mut walk).await;
        walk.end().await;
    }
}

#[test]
fn every_mutating_route_has_a_step_or_a_reason() {
    let declared = declared();
    for (route, reason) in CHANGE_NOTHING {
        assert!(declared.contains(*route), "there is no {route} any more ({reason})");
    }
}

/// The application where messages have a link to unsubscribe, and a language model.
struct Linked(TestApp, ModelServer);

impl PerBackend for Linked {
    async fn fresh(backend: Backend) -> Self {
        let model = ModelServer::start(Behaviour::Well).await;
        let settings = [
            ("PUBLIC_URL", "http://127.0.0.1"),
            ("OPENAI_BASE_URL", model.base()),
            ("DNS_SERVER", "127.0.0.1:9"),
        ];
        Self(TestApp::start_with(backend, &settings).await, model)
    }
}

/// One walk through the application, as its first user.
struct Walk {
    app: TestApp,
    owner: Client,
    workspace: String,
    done: BTreeSet<String>,
}

impl Walk {
    async fn begin(app: TestApp) -> Self {
        let owner = app.owner().await;
        let workspace =
            owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let owner = owner.in_workspace(&workspace);
        let mut walk = Self { app, owner, workspace, done: BTreeSet::new() };
        walk.left("POST /api/auth/register", "user.created", 0).await;
        walk.left("POST /api/auth/register", "workspace.created", 0).await;
        walk.left("POST /api/auth/login", "session.created", 0).await;
        walk
    }

    /// The number of the last entry.
    async fn last(&self) -> i64 {
        self.app.db().count("SELECT coalesce(max(seq), 0) FROM audit_logs").await
    }

    /// `route` has left an entry of `action` behind `before`.
    async fn left(&mut self, route: &str, action: &str, before: i64) {
        let db = self.app.db();
        let found = db
            .count(&format!(
                "SELECT count(*) FROM audit_logs WHERE seq > {before} AND action = '{action}'"
            ))
            .await;
        assert!(found > 0, "{route} left no {action}");
        self.done.insert(route.to_owned());
    }

    /// `route` will leave an entry of `action` behind `before`, for what happens after its answer.
    async fn leaves(&mut self, route: &str, action: &str, before: i64) {
        let sql =
            format!("SELECT count(*) FROM audit_logs WHERE seq > {before} AND action = '{action}'");
        wait::until(&format!("{route} to leave {action}"), Duration::from_secs(20), || async {
            (self.app.db().count(&sql).await > 0).then_some(())
        })
        .await;
        self.done.insert(route.to_owned());
    }

    /// Calls an API route as `client`; it succeeds and leaves `action`.
    async fn call(
        &mut self,
        client: &Client,
        action: &str,
        route: &str,
        path: &str,
        body: Value,
    ) -> Answer {
        let before = self.last().await;
        let method: Method = route.split(' ').next().unwrap().parse().unwrap();
        let body = (!body.is_null()).then_some(body);
        let answer = client.send(method, path, body).await;
        assert!((200..300).contains(&answer.status), "{route}: {} {}", answer.status, answer.text);
        self.left(route, action, before).await;
        answer
    }

    /// The same as the owner, where the path is the route with `id` in it.
    async fn api(&mut self, action: &str, route: &str, id: &str, body: Value) -> Answer {
        let path = route.split_once(' ').unwrap().1.replace("{id}", id);
        let owner = self.owner.clone();
        self.call(&owner, action, route, &path, body).await
    }

    /// Sends a page's form as `client`; it leads on and leaves `action`.
    async fn send(
        &mut self,
        client: &Client,
        action: &str,
        route: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let before = self.last().await;
        let answer = client.submit("/dashboard", path, fields).await;
        assert!([200, 303].contains(&answer.status), "{route}: {} {}", answer.status, answer.text);
        self.left(route, action, before).await;
        answer
    }

    /// The same as the owner, where the path is the route with `id` in it.
    async fn form(
        &mut self,
        action: &str,
        route: &str,
        id: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let path = route.split_once(' ').unwrap().1.replace("{id}", id);
        let owner = self.owner.clone();
        self.send(&owner, action, route, &path, fields).await
    }

    /// What the newest row of a table is called by.
    async fn newest(&self, table: &str) -> String {
        self.app
            .db()
            .texts(&format!("SELECT id FROM {table} ORDER BY id DESC LIMIT 1"))
            .await
            .remove(0)
    }

    /// Makes something over the API that is not what a step is about.
    async fn make(&self, path: &str, body: Value) -> String {
        let made = self.owner.post(path, body).await;
        made.expect(201);
        made.id()
    }

    /// All routes were gone, and all entries hold and can be read.
    async fn end(self) {
        let mut gone = self.done.clone();
        gone.extend(CHANGE_NOTHING.iter().map(|(route, _)| (*route).to_owned()));
        let declared = declared();
        let missing: Vec<_> = declared.difference(&gone).collect();
        assert!(missing.is_empty(), "say in this test what these routes leave: {missing:#?}");
        let unknown: Vec<_> = gone.difference(&declared).collect();
        assert!(unknown.is_empty(), "there are no such routes any more: {unknown:#?}");

        let db = self.app.db();
        let actions = db.texts("SELECT DISTINCT action FROM audit_logs").await;
        for action in actions {
            assert!(web::views::audit::words(&action).is_some(), "{action} has no words");
        }
        let verdict = self.owner.get("/api/audit/verify").await;
        assert_eq!(verdict.expect(200).data()["ok"], json!(true), "{}", verdict.text);
        assert_eq!(verdict.data()["checked"], json!(self.last().await));
    }
}

/// Method and path of every route in the code that is no `GET`.
fn declared() -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    read(&paths::root().join("web/src"), &mut |file, code| {
        let prefix =
            if file.components().any(|part| part.as_os_str() == "api") { "/api" } else { "" };
        let code: String = code.split_whitespace().collect();
        for other in [
            "#[get(",
            "#[post(",
            "#[put(",
            "#[patch(",
            "#[delete(",
            "web::method(",
            "Route::new(",
            "web::route(",
        ] {
            assert!(!code.contains(other), "{}: routes with {other} are not found", file.display());
        }
        // In front of every `web::post()` stands its path: in the `route` itself or in the last `web::resource`.
        let mut resource = String::new();
        let mut rest = code.as_str();
        while let Some(at) = rest.find("web::") {
            let before = &rest[..at];
            rest = &rest[at + "web::".len()..];
            if let Some(path) = rest.strip_prefix("resource(\"") {
                path.split('"').next().unwrap().clone_into(&mut resource);
                continue;
            }
            let word = rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap();
            if !["post", "put", "patch", "delete"].contains(&word)
                || !rest[word.len()..].starts_with("().to(")
            {
                continue;
            }
            let own = before.strip_suffix("\",").and_then(|head| head.rsplit_once(".route(\""));
            let path = own.map_or(resource.clone(), |(_, path)| path.to_owned());
            assert!(path.starts_with('/'), "{}: the path of a {word} is not found", file.display());
            let route = format!("{} {prefix}{path}", word.to_uppercase());
            assert!(routes.insert(route.clone()), "{route} is declared twice");
        }
    });
    assert!(routes.len() > 80, "only {} routes were found", routes.len());
    routes
}

fn read(folder: &Path, each: &mut impl FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, each);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            each(&path, &std::fs::read_to_string(&path).unwrap());
        }
    }
}
