//! The matrix of the pages: every role × every page and every form on one. Visitors and API keys get no further than the
//! sign-in page; whoever's role does not reach is told so, and nothing is changed.

use crm_core::Role;
use reqwest::Method;
use serde_json::json;
use support::process::PASSWORD;
use support::{Answer, Client, Snapshot, TestApp, both_databases};
use web::api::openapi::Asks;

use super::matrix::{GRACE, Stage};
use super::page_routes::{PAGES, Page};
use super::spares::spare;

const NEVER: &str = "018f0000-0000-7000-8000-000000000000";

/// A provider with a form of its own, which the practice provider has not.
async fn smtp(client: &Client) -> String {
    let config = json!({
        "host": "127.0.0.1", "port": 2525, "security": "none",
        "from_email": "a@example.org", "from_name": "A",
    });
    let new = json!({"provider_type": "smtp", "config": config});
    client.post("/api/providers", new).await.expect(201).id()
}

/// A mailbox nobody has set up.
async fn mailbox(client: &Client) -> String {
    let new = json!({"provider_type": "gmail", "config": {"from_name": "A"}});
    client.post("/api/providers", new).await.expect(201).id()
}

impl Page {
    /// The path with the ids of `stage`; what is made for one call is made by `session`.
    async fn path(&self, stage: &Stage, session: &Client) -> String {
        let things = &stage.things.0;
        let id = match self.of.strip_prefix("spare_") {
            Some(kind @ ("key" | "session" | "log")) => spare(session, kind, "").await,
            Some(kind) => {
                let maker = stage.andy.in_workspace(&stage.acme);
                let of = if kind == "invitation" { &stage.acme } else { &things["template"] };
                spare(&maker, kind, of).await
            }
            None if self.of == "member" => GRACE.to_owned(),
            None if self.of == "mailbox" => mailbox(&stage.andy.in_workspace(&stage.acme)).await,
            None if self.of == "smtp" => smtp(&stage.andy.in_workspace(&stage.acme)).await,
            None => things.get(self.of).map_or(NEVER.to_owned(), Clone::clone),
        };
        self.filled(&id, &things["list"])
    }

    fn filled(&self, id: &str, list: &str) -> String {
        self.path
            .replace("{id}", id)
            .replace("{user_id}", NEVER)
            .replace("{list}", list)
            .replace("{column}", "company")
            .replace("{token}", "no-such-token")
            .replace("{number}", "0")
            .replace("{version}", "1")
            .replace("{report}", "stages")
            .replace("{row}", NEVER)
    }

    async fn ask(&self, client: &Client, path: &str) -> Answer {
        let method: Method = self.method.parse().unwrap();
        let request = client.request(method, path);
        Answer::of(if self.method == "POST" { request.form(&[("x", "")]) } else { request }).await
    }
}

/// Whether somebody was led to the sign-in page or, with a form, told that they are nobody.
fn is_turned_away(page: &Page, answer: &Answer) -> bool {
    match answer.status {
        303 => answer.header("location").starts_with("/login"),
        401 | 403 => page.method == "POST",
        _ => false,
    }
}

async fn refuse_strangers(stage: &Stage, page: &Page) {
    let path = page.filled(NEVER, NEVER);
    let stranger = stage.app.client();
    for (who, client) in
        [("a stranger", stranger.clone()), ("a key", stranger.with_api_key(&stage.full))]
    {
        let answer = page.ask(&client, &path).await;
        let away = is_turned_away(page, &answer);
        assert!(away, "{} {path} by {who}: {} {}", page.method, answer.status, answer.text);
    }
    if page.method == "POST" {
        let forged = page.ask(&stage.session.without_csrf(), &path).await;
        assert_eq!(forged.status, 403, "{path} without a token: {}", forged.text);
    }
}

async fn try_as(stage: &Stage, page: &Page, role: Role, session: &Client) {
    let allowed = match page.asks {
        Asks::Right(permission) => role.allows(permission),
        // Whoever runs the server is none of the roles.
        Asks::Administrator => false,
        _ => true,
    };
    let what = format!("{} {} as {}", page.method, page.path, role.as_str());
    if !allowed {
        // Without a spare: nothing may happen to what is there.
        let things = &stage.things.0;
        let of = page.of.trim_start_matches("spare_");
        let id = if of == "member" { GRACE } else { things.get(of).map_or(NEVER, String::as_str) };
        let path = page.filled(id, &things["list"]);
        let before = Snapshot::of(stage.app.db()).await;
        let answer = page.ask(session, &path).await;
        assert_eq!(answer.status, 403, "{what}: {}", answer.text);
        stage.expect_unchanged(&before, &what).await;
        return;
    }
    let path = page.path(stage, session).await;
    let answer = page.ask(session, &path).await;
    // A form without its fields comes back or leads on with a reason; there are no recipients with the id of nobody.
    let nobody = page.path.contains("{row}") || page.path.ends_with("{number}");
    let inside = match answer.status {
        200..=399 => !answer.header("location").starts_with("/login") || page.path == "/logout",
        400 | 409 | 413 | 415 | 422 => page.method == "POST",
        404 => nobody,
        // It is the password that is wrong there: the form comes back and asks for it again.
        403 => page.asks == Asks::Session && answer.text.contains("name=\"current_password\""),
        _ => false,
    };
    assert!(inside, "{what}: {} {}", answer.status, answer.text);
}

both_databases! {
    async fn every_role_meets_every_page(app: TestApp) {
        let mut stage = Stage::set(app).await;
        let pages = || PAGES.iter().filter(|page| page.asks != Asks::Nothing);
        let before = Snapshot::of(stage.app.db()).await;
        for page in pages() {
            refuse_strangers(&stage, page).await;
        }
        stage.expect_unchanged(&before, "turning strangers away").await;

        for role in Role::ALL {
            for page in pages() {
                stage.set_role(role).await;
                if page.path == "/dashboard" || page.path == "/logout" {
                    // Signed in anew now and then, since some of these end sessions.
                    stage.session = stage.app.login("monalisa@example.com", PASSWORD).await;
                    let choose = format!("/settings/workspaces/{}/switch", stage.acme);
                    let chosen = Answer::of(stage.session.request(Method::POST, &choose)).await;
                    chosen.expect(303);
                }
                let session = stage.session.in_workspace(&stage.acme);
                stage.let_grace_in().await;
                try_as(&stage, page, role, &session).await;
            }
        }
    }
}
