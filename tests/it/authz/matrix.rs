//! The matrix, whole: every role × every route, by session and by key, in the own workspace and in another. What is
//! expected comes from [`Role::allows`] and the `OpenAPI` document, not from the handlers.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use crm_core::{KeyScope, Permission, Role};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use support::process::PASSWORD;
use support::{Answer, Client, Snapshot, TestApp, both_databases, wait};

use super::routes::{Asks, Row, routes};
use super::spares::{spare, taken_back, unique};

const MONALISA: &str = "018f0000-0000-7000-8000-0000000000aa";
/// A member of Acme whom others change and remove.
pub(super) const GRACE: &str = "018f0000-0000-7000-8000-0000000000bb";
/// No member of Acme, but known to Monalisa from elsewhere.
const HEDY: &str = "018f0000-0000-7000-8000-0000000000cc";

async fn execute(app: &TestApp, sql: String) {
    app.db().raw().execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Makes somebody a member, or not one any more.
async fn set_member(app: &TestApp, workspace: &str, user: &str, role: Option<&str>) {
    execute(app, format!(
        "DELETE FROM workspace_members WHERE workspace_id = '{workspace}' AND user_id = '{user}'"
    )).await;
    if let Some(role) = role {
        execute(app, format!(
            "INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ('{workspace}', '{user}', '{role}')"
        )).await;
    }
}

/// What the words of the table stand for in one workspace.
pub struct Things(pub(super) BTreeMap<&'static str, String>);

impl Things {
    /// One of everything, made by `client`, which names its workspace.
    async fn make(client: &Client, workspace: &str) -> Self {
        let mut things = BTreeMap::from([("workspace", workspace.to_owned())]);
        things.insert("other_contact", spare(client, "contact", "").await);
        for what in ["contact", "list", "template", "field", "segment", "deleted", "bulk"] {
            things.insert(what, spare(client, what, "").await);
        }
        things.insert("campaign", spare(client, "campaign", &things["template"]).await);
        things.insert("task", spare(client, "task", "").await);
        things.insert("single", taken_back(client).await);
        things.insert("insight", super::spares::insight(client).await);
        things.insert("suppression", spare(client, "suppression", "").await);
        things.insert("log", spare(client, "log", "").await);
        let provider =
            client.get("/api/providers").await.data()[0]["id"].as_str().unwrap().to_owned();
        client
            .post(
                &format!("/api/campaigns/{}/test", things["campaign"]),
                json!({"to": "ada@example.com"}),
            )
            .await
            .expect(200);
        let message =
            client.get("/api/practice").await.data()[0]["id"].as_str().unwrap().to_owned();
        let import = client.upload("/api/import", csv()).await.expect(202).id();
        wait::until("the import", Duration::from_secs(30), || async {
            let state = client.get(&format!("/api/import/{import}")).await;
            (state.data()["state"] == "done").then_some(())
        })
        .await;
        let invitation = spare(client, "invitation", workspace).await;
        things.extend([
            ("invitation", invitation),
            ("provider", provider),
            ("message", message),
            ("import", import),
        ]);
        // Whoever may not delete them may try it on these.
        for (spare, what) in [
            ("spare_workspace", "workspace"),
            ("spare_contact", "contact"),
            ("spare_deleted", "deleted"),
            ("spare_bulk", "bulk"),
            ("spare_list", "list"),
            ("spare_task", "task"),
            ("spare_log", "log"),
            ("spare_segment", "segment"),
            ("spare_suppression", "suppression"),
            ("spare_field", "field"),
            ("spare_template", "template"),
            ("spare_campaign", "campaign"),
            ("spare_provider", "provider"),
        ] {
            things.insert(spare, things[what].clone());
        }
        Self(things)
    }

    fn path(&self, row: &Row) -> String {
        let id = self.0.get(row.of).map_or("018f0000-0000-7000-8000-000000000000", String::as_str);
        format!(
            "/api{}",
            row.path
                .replace("{id}", id)
                .replace("{user_id}", GRACE)
                .replace("{version}", "1")
                .replace("{report}", "stages")
                .replace("{invitation_id}", &self.0["invitation"])
        )
    }

    fn body(&self, row: &Row) -> Option<Value> {
        let name = unique();
        let address = format!("{}@example.com", name.to_lowercase().replace(' ', "-"));
        let mut text = row
            .body
            .replace("<unique>", &name)
            .replace("<word>", &name.to_lowercase().replace(' ', "_"))
            .replace("<address>", &address)
            .replace("<hedy>", HEDY);
        for (word, id) in &self.0 {
            text = text.replace(&format!("<{word}>"), id);
        }
        serde_json::from_str(&text).ok()
    }
}

fn csv() -> Form {
    let file = Part::bytes(b"Email\nzoe@example.com\n".to_vec()).file_name("people.csv");
    Form::new()
        .part("file", file)
        .text("mapping", r#"{"Email": "primary_email"}"#)
        .text("mode", "skip")
}

async fn call(client: &Client, row: &Row, things: &Things) -> Answer {
    call_about(client, row, things, things).await
}

/// The object of the path is one of `target`, those of the body are of `things`.
async fn call_about(client: &Client, row: &Row, target: &Things, things: &Things) -> Answer {
    let path = target.path(row);
    if row.body == "csv" {
        return client.upload(&path, csv()).await;
    }
    let method = Method::from_bytes(row.method.as_bytes()).unwrap();
    client.send(method, &path, things.body(row)).await
}

/// The people, workspaces and keys of the test.
pub(super) struct Stage {
    pub(super) app: TestApp,
    pub(super) andy: Client,
    pub(super) acme: String,
    globex: String,
    pub(super) things: Things,
    foreign: Things,
    /// Monalisa by her session, in Acme.
    pub(super) session: Client,
    pub(super) full: String,
    /// All that Andy may do, who runs the server.
    admin_key: String,
    /// Needed scope → a key with nothing else, and one with everything else.
    keys: BTreeMap<KeyScope, (String, String)>,
}

impl Stage {
    pub(super) async fn set(app: TestApp) -> Self {
        let andy = app.owner().await;
        let acme = andy.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let globex = andy.post("/api/workspaces", json!({"name": "Globex"})).await.id();
        let things = Things::make(&andy.in_workspace(&acme), &acme).await;
        let foreign = Things::make(&andy.in_workspace(&globex), &globex).await;
        let club = andy.post("/api/workspaces", json!({"name": "Club"})).await.id();
        for (id, name, member_of) in [
            (MONALISA, "monalisa", [(&acme, "owner"), (&club, "viewer")].as_slice()),
            (GRACE, "grace", &[(&acme, "viewer")]),
            (HEDY, "hedy", &[(&club, "viewer")]),
        ] {
            execute(&app, format!(
                "INSERT INTO users (id, email, password_hash, name, is_admin, created_at, updated_at) \
                SELECT '{id}', '{name}@example.com', password_hash, '{name}', false, created_at, updated_at \
                FROM users WHERE is_admin"
            )).await;
            for (workspace, role) in member_of {
                set_member(&app, workspace, id, Some(role)).await;
            }
        }
        // What somebody wrote, nobody else may change.
        execute(
            &app,
            format!("UPDATE communication_logs SET actor_id = '{MONALISA}' WHERE type = 'note'"),
        )
        .await;
        let session = app.login("monalisa@example.com", PASSWORD).await.in_workspace(&acme);
        let full = key(&session, &[KeyScope::Admin]).await;
        let admin_key = key(&andy, &[KeyScope::Admin]).await;
        let mut keys = BTreeMap::new();
        for row in routes() {
            let (Asks::Right(permission) | Asks::Reach(permission) | Asks::Leave(permission)) =
                row.asks
            else {
                continue;
            };
            let needed = permission.scope();
            if let Entry::Vacant(slot) = keys.entry(needed) {
                let others: Vec<KeyScope> =
                    KeyScope::all().filter(|scope| !scope.holds(needed)).collect();
                slot.insert((key(&session, &[needed]).await, key(&session, &others).await));
            }
        }
        Self { app, andy, acme, globex, things, foreign, session, full, admin_key, keys }
    }

    pub(super) async fn set_role(&self, role: Role) {
        set_member(&self.app, &self.acme, MONALISA, Some(role.as_str())).await;
    }

    /// Grace is a member again, whoever took her out.
    pub(super) async fn let_grace_in(&self) {
        set_member(&self.app, &self.acme, GRACE, Some("viewer")).await;
    }

    /// Fails where the database is not as it was.
    pub(super) async fn expect_unchanged(&self, before: &Snapshot, what: &str) {
        let differences = before.differences(&Snapshot::of(self.app.db()).await);
        assert!(differences.is_empty(), "{what} was refused and changed {differences:#?}");
    }

    fn with_key(&self, key: &str) -> Client {
        self.session.with_api_key(key)
    }

    /// Those who are refused whatever Monalisa's role is.
    async fn refuse_outsiders(&self, row: &Row, what: &str) {
        let call_as = |client: Client| async move { call(&client, row, &self.things).await };
        call_as(self.app.client().in_workspace(&self.acme))
            .await
            .expect_error(401, "unauthenticated");
        let wrong = self.app.client().in_workspace(&self.acme).with_api_key("pcrm_wrong");
        call_as(wrong).await.expect_error(401, "unauthenticated");
        // A wrong key with a good session beside it.
        let mixed = self
            .session
            .request(Method::from_bytes(row.method.as_bytes()).unwrap(), &self.things.path(row));
        Answer::of(mixed.header("X-Api-Key", "pcrm_wrong"))
            .await
            .expect_error(401, "unauthenticated");
        if row.method != "GET" {
            call_as(self.session.without_csrf()).await.expect_error(403, "csrf_failed");
        }
        if let Asks::Right(_) | Asks::Leave(_) = row.asks {
            for client in [self.session.clone(), self.with_key(&self.full)] {
                let there = call(&client.in_workspace(&self.globex), row, &self.foreign).await;
                assert_eq!(
                    (there.status, there.error_code()),
                    (404, "not_found"),
                    "{what}: {}",
                    there.text
                );
                if self.foreign.0.contains_key(row.of) {
                    let here = call_about(&client, row, &self.foreign, &self.things).await;
                    assert_eq!(there.text, here.text, "{what} tells a foreign object from none");
                }
            }
        }
    }

    /// Those who are refused for Monalisa's role or a key's scopes.
    async fn refuse_insiders(&self, row: &Row, role: Role, what: &str) {
        let expect = |answer: &Answer, code: &str, who: &str| {
            assert_eq!(
                (answer.status, answer.error_code()),
                (403, code),
                "{what} by {who}: {}",
                answer.text
            );
        };
        let (permission, allowed) = match row.asks {
            Asks::Nothing | Asks::Anybody => return,
            Asks::Session => {
                let answer = call(&self.with_key(&self.full), row, &self.things).await;
                return expect(&answer, "session_required", "a key");
            }
            Asks::Administrator => {
                let answer = call(&self.with_key(&self.full), row, &self.things).await;
                expect(&answer, "session_required", "a key");
                // Not with an administrator's key and a cookie beside it either.
                let method = Method::from_bytes(row.method.as_bytes()).unwrap();
                let mixed = self.session.request(method, &self.things.path(row));
                let answer = Answer::of(mixed.header("X-Api-Key", &self.admin_key)).await;
                expect(&answer, "session_required", "an administrator's key");
                return expect(
                    &call(&self.session, row, &self.things).await,
                    "forbidden",
                    "session",
                );
            }
            Asks::Reach(permission) => (permission, true),
            Asks::Right(permission) | Asks::Leave(permission) => {
                (permission, role.allows(permission))
            }
        };
        let (exact, lacking) = &self.keys[&permission.scope()];
        let answer = call(&self.with_key(lacking), row, &self.things).await;
        // Who may leave is asked by the service, after the key.
        let by_key = allowed || matches!(row.asks, Asks::Leave(_));
        expect(
            &answer,
            if by_key { "insufficient_scope" } else { "forbidden" },
            "a key without the scope",
        );
        if by_key {
            let named = answer.text.contains(&permission.scope().to_string());
            assert!(named, "{what}: {} names no scope", answer.text);
        }
        if !allowed {
            expect(&call(&self.session, row, &self.things).await, "forbidden", "session");
            for key in [exact, &self.full] {
                expect(&call(&self.with_key(key), row, &self.things).await, "forbidden", "a key");
            }
        }
    }

    /// Those who are let in.
    async fn let_in(&self, row: &Row, role: Role, session: &Client, what: &str) {
        let mut callers = vec![("session", session.clone())];
        match row.asks {
            // Administrators are let in by the tests of what they do.
            Asks::Nothing | Asks::Administrator => return,
            Asks::Session => {}
            Asks::Anybody => {
                let key = &self.keys[&Permission::AuditRead.scope()].0;
                callers.push(("a key", self.with_key(key)));
            }
            Asks::Right(permission) | Asks::Leave(permission) if !role.allows(permission) => return,
            Asks::Right(permission) | Asks::Leave(permission) | Asks::Reach(permission) => {
                callers.push(("a key of all scopes", self.with_key(&self.full)));
                callers.push((
                    "a key of this scope",
                    self.with_key(&self.keys[&permission.scope()].0),
                ));
            }
        }
        for (who, client) in callers {
            let mut things = Things(self.things.0.clone());
            if let Some(kind) = row.of.strip_prefix("spare_") {
                let maker = if matches!(kind, "key" | "session" | "log") {
                    session.clone()
                } else {
                    self.andy.in_workspace(&self.acme)
                };
                let id = spare(&maker, kind, &self.things.0["template"]).await;
                if kind == "workspace" {
                    set_member(&self.app, &id, MONALISA, Some(role.as_str())).await;
                }
                things.0.insert(row.of, id);
            }
            if row.path.ends_with("{invitation_id}") {
                let maker = self.andy.in_workspace(&self.acme);
                things.0.insert("invitation", spare(&maker, "invitation", &self.acme).await);
            }
            if row.path.contains("/members") {
                set_member(&self.app, &self.acme, GRACE, Some("viewer")).await;
                set_member(&self.app, &self.acme, HEDY, None).await;
            }
            let answer = call(&client, row, &things).await;
            if row.body.contains("not this one") || row.body.contains("000000") {
                // Behind the door it is the password or the code that counts.
                let doors = ["forbidden", "session_required", "csrf_failed", "unauthenticated"];
                let inside = answer.status != 404 && answer.status < 500;
                assert!(
                    inside && !doors.contains(&answer.error_code()),
                    "{what} by {who}: {}",
                    answer.text
                );
                continue;
            }
            // A campaign or an import may be in no state for it; that is said behind the door.
            let moves = row.path.starts_with("/campaigns/{id}")
                || row.path.starts_with("/messages/{id}")
                || row.path.ends_with("/cancel")
                || row.path.ends_with("/undo")
                // Only a mail server is given a key, and sends from a domain.
                || row.path.ends_with("/dkim")
                || row.path == "/sending-domains/check";
            let inside = (200..300).contains(&answer.status)
                || (moves && matches!(answer.status, 409 | 422));
            // Counting contacts takes the right to read them as well, which a key of one scope does not have.
            let counts =
                row.path.ends_with("/coverage") && answer.error_code() == "insufficient_scope";
            assert!(inside || counts, "{what} by {who}: {} {}", answer.status, answer.text);
        }
    }
}

async fn key(session: &Client, scopes: &[KeyScope]) -> String {
    let words: Vec<String> = scopes.iter().map(ToString::to_string).collect();
    let made =
        session.post("/api/auth/keys", json!({"description": "Matrix", "scopes": words})).await;
    made.expect(201).data()["key"].as_str().unwrap().to_owned()
}

both_databases! {
    async fn every_role_meets_every_route(app: TestApp) {
        let stage = Stage::set(app).await;
        let routes = routes();
        let rows = || routes.iter().filter(|row| row.asks != Asks::Nothing);
        for role in Role::ALL {
            stage.set_role(role).await;
            let before = Snapshot::of(stage.app.db()).await;
            for row in rows() {
                let what = format!("{} {} as {}", row.method, row.path, role.as_str());
                if role == Role::Owner {
                    stage.refuse_outsiders(row, &what).await;
                }
                stage.refuse_insiders(row, role, &what).await;
                if row.method != "GET" {
                    stage.expect_unchanged(&before, &what).await;
                }
            }
            stage.expect_unchanged(&before, "reading").await;
        }
        // What is let in changes things, so that it comes after all that must not.
        for role in Role::ALL {
            stage.set_role(role).await;
            let session = stage.app.login("monalisa@example.com", PASSWORD).await.in_workspace(&stage.acme);
            for row in rows() {
                let what = format!("{} {} as {}", row.method, row.path, role.as_str());
                stage.let_in(row, role, &session, &what).await;
            }
        }
    }
}
