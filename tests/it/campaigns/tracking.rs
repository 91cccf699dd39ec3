//! Opens and clicks: off unless asked for, told from what machines do, and no road to anywhere else.

use std::time::Duration;

use reqwest::redirect::Policy;
use serde_json::json;
use support::{Backend, Client, PerBackend, TestApp, both_databases, unchanged, wait};

const PUBLIC: &str = "http://127.0.0.1";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SHOP: &str = "https://shop.example/?a=1&b=2";

/// The application with a public address.
struct Reachable(TestApp);

impl PerBackend for Reachable {
    async fn fresh(backend: Backend) -> Self {
        Self(TestApp::start_with(backend, &[("PUBLIC_URL", PUBLIC)]).await)
    }
}

/// Sends a campaign with two links to Ada; its HTML as it left, and its path.
async fn sent(app: &TestApp, owner: &Client) -> (String, String) {
    let new = json!({"first_name": "Ada", "primary_email": "ada@example.org"});
    owner.post("/api/contacts", new).await.expect(201);
    let body = "<p>Hi <a href=\"https://shop.example/?a=1&amp;b=2\">shop</a> \
        <a href=\"{{ unsubscribe_url }}\">no more</a> <a href=\"mailto:a@example.org\">mail</a></p>";
    let template = json!({"name": "T", "subject": "S", "body_html": body});
    let template = owner.post("/api/templates", template).await.expect(201).id();
    let new =
        json!({"name": "C", "type": "email", "template_id": template, "segment_json": {"all": []}});
    let path = format!("/api/campaigns/{}", owner.post("/api/campaigns", new).await.id());
    for step in ["submit", "approve", "send"] {
        owner.post(&format!("{path}/{step}"), json!({})).await.expect(200);
    }
    wait::until("the campaign to be sent", Duration::from_mins(1), || async {
        (owner.get(&path).await.data()["status"] == "sent").then_some(())
    })
    .await;
    (app.db().texts("SELECT html FROM practice_messages").await.remove(0), path)
}

async fn track(owner: &Client, more: &[(&str, &str)]) -> support::Answer {
    let mut fields = vec![
        ("name", "Acme"),
        ("currency", "EUR"),
        ("default_region", "AT"),
        ("time_zone", "UTC"),
        ("audience_drift_percent", "10"),
    ];
    fields.extend_from_slice(more);
    owner.submit("/settings/workspace", "/settings/workspace", &fields).await
}

/// What stands behind `mark` in the HTML, up to the quote.
fn path(html: &str, mark: &str) -> String {
    let (_, rest) = html
        .split_once(&format!("{PUBLIC}{mark}"))
        .unwrap_or_else(|| panic!("no {mark} in {html}"));
    format!("{mark}{}", rest.split('"').next().unwrap())
}

/// Somebody with this browser and nothing else.
async fn look(app: &TestApp, browser: &str, path: &str) -> reqwest::Response {
    let client =
        reqwest::Client::builder().redirect(Policy::none()).user_agent(browser).build().unwrap();
    client.get(format!("{}{path}", app.base())).send().await.unwrap()
}

async fn noted(app: &TestApp) -> [i64; 4] {
    let mut found = [0; 4];
    for (at, column) in
        ["opened_at", "clicked_at", "machine_opened_at", "machine_clicked_at"].iter().enumerate()
    {
        found[at] =
            app.db().count(&format!("SELECT count({column}) FROM campaign_recipients")).await;
    }
    found
}

/// As if the campaign had left an hour ago.
async fn an_hour_passes(app: &TestApp) {
    use sea_orm::ConnectionTrait as _;
    let set = "UPDATE campaign_recipients SET sent_at = '2026-01-01T00:00:00.000Z'";
    app.db().raw().execute_unprepared(set).await.unwrap();
}

both_databases! {
    async fn nothing_is_tracked_unless_asked_for(app: Reachable) {
        let app = app.0;
        let owner = app.owner().await;
        let (html, _) = sent(&app, &owner).await;
        assert!(!html.contains("/o/") && !html.contains("/c/") && html.contains("https://shop.example/?a=1&amp;b=2"), "{html}");
        assert!(html.contains("/u/"));
    }

    async fn one_address_is_written_down_so_often_and_served_always(app: Reachable) {
        use sea_orm::ConnectionTrait as _;
        let app = app.0;
        let owner = app.owner().await;
        track(&owner, &[("track_opens", "true"), ("track_clicks", "true")]).await.expect(303);
        let (html, _) = sent(&app, &owner).await;
        an_hour_passes(&app).await;
        let (picture, link) = (path(&html, "/o/"), path(&html, "/c/"));
        let mut times = 0;
        let beyond = loop {
            app.db().raw().execute_unprepared("UPDATE campaign_recipients SET opened_at = NULL").await.unwrap();
            let shown = look(&app, FIREFOX, &picture).await;
            if noted(&app).await[0] == 0 || times > 1_000 {
                break shown;
            }
            times += 1;
        };
        assert!((100..=1_000).contains(&times), "{times} opens were noted before the limit");
        assert_eq!((beyond.status().as_u16(), beyond.bytes().await.unwrap().starts_with(b"GIF89a")), (200, true));
        let led = look(&app, FIREFOX, &link).await;
        assert_eq!((led.status().as_u16(), led.headers()["location"].to_str().unwrap()), (302, SHOP));
    }

    async fn opens_and_clicks_of_people_are_noted(app: Reachable) {
        let app = app.0;
        let owner = app.owner().await;
        track(&owner, &[("track_opens", "true"), ("track_clicks", "true")]).await.expect(303);
        let (html, _) = sent(&app, &owner).await;
        assert!(html.contains("href=\"http://127.0.0.1/u/") && html.contains("mailto:a@example.org") && !html.contains("https://shop.example"), "{html}");
        let text = app.db().texts("SELECT text FROM practice_messages").await.remove(0);
        assert!(text.contains("https://shop.example") && !text.contains("/c/"), "the text part is as it was written: {text}");
        an_hour_passes(&app).await;

        let (picture, link) = (path(&html, "/o/"), path(&html, "/c/"));
        let shown = look(&app, FIREFOX, &picture).await;
        assert_eq!((shown.status().as_u16(), &shown.headers()["content-type"]), (200, &"image/gif".parse().unwrap()));
        assert_eq!(shown.headers()["cache-control"], "no-store");
        assert_eq!(noted(&app).await, [1, 0, 0, 0]);
        let led = look(&app, FIREFOX, &link).await;
        assert_eq!((led.status().as_u16(), led.headers()["location"].to_str().unwrap()), (302, SHOP));
        assert_eq!(noted(&app).await, [1, 1, 0, 0]);
        // A second time changes nothing, and a link is told once.
        unchanged(app.db(), async {
            look(&app, FIREFOX, &picture).await;
        }).await;
        look(&app, FIREFOX, &link).await;
        let log = app.db().texts("SELECT CAST(content AS text) FROM communication_logs WHERE type = 'email'").await.remove(0);
        assert!(log.contains("\"opened\"") && log.contains("\"clicked_links\""), "{log}");
        let contact = owner.get("/api/contacts").await.data()[0]["id"].as_str().unwrap().to_owned();
        let page = owner.get(&format!("/contacts/{contact}")).await;
        assert!(page.text.contains("Opened, at least once") && page.text.contains("link followed"), "{}", page.text);
    }

    async fn machines_are_noted_apart(app: Reachable) {
        let app = app.0;
        let owner = app.owner().await;
        track(&owner, &[("track_opens", "true"), ("track_clicks", "true")]).await.expect(303);
        let (html, _) = sent(&app, &owner).await;
        let (picture, link) = (path(&html, "/o/"), path(&html, "/c/"));
        // Seconds after it left nobody reads.
        look(&app, FIREFOX, &picture).await;
        assert_eq!(noted(&app).await, [0, 0, 1, 0]);
        an_hour_passes(&app).await;
        look(&app, "Mozilla/5.0 (via ggpht.com GoogleImageProxy)", &picture).await;
        look(&app, "Barracuda Sentinel", &link).await;
        assert_eq!(noted(&app).await, [0, 0, 1, 1]);
        let head = reqwest::Client::builder().redirect(Policy::none()).user_agent(FIREFOX).build().unwrap();
        assert_eq!(head.head(format!("{}{link}", app.base())).send().await.unwrap().status(), 302);
        assert_eq!(noted(&app).await, [0, 0, 1, 1]);
        let log = app.db().texts("SELECT CAST(content AS text) FROM communication_logs WHERE type = 'email'").await.remove(0);
        assert!(!log.contains("\"opened\""), "{log}");
    }

    async fn what_is_not_ours_leads_nowhere(app: Reachable) {
        let app = app.0;
        let owner = app.owner().await;
        track(&owner, &[("track_opens", "true"), ("track_clicks", "true")]).await.expect(303);
        let (html, _) = sent(&app, &owner).await;
        an_hour_passes(&app).await;
        let (picture, link) = (path(&html, "/o/"), path(&html, "/c/"));
        let signed = link.rsplit_once('.').unwrap().1;
        let ids: String = link.chars().skip(3).take(64).collect();
        // Another address under the same signature, a token of the other purpose, and nonsense.
        let evil = "aHR0cHM6Ly9ldmlsLmV4YW1wbGUv";
        let open_token = picture.trim_start_matches("/o/").trim_end_matches(".gif");
        let bad = [format!("/c/{ids}{evil}.{signed}"), format!("/c/{open_token}"), "/c/x".to_owned(), format!("{link}x")];
        unchanged(app.db(), async {
            let mut answers = Vec::new();
            for path in &bad {
                let answer = look(&app, FIREFOX, path).await;
                assert_eq!(answer.status(), 404, "{path}");
                assert!(answer.headers().get("location").is_none());
                answers.push(answer.text().await.unwrap().len());
            }
            // An unknown picture is a picture like any other.
            let unknown = look(&app, FIREFOX, "/o/nonsense.gif").await;
            assert_eq!((unknown.status().as_u16(), &unknown.headers()["content-type"]), (200, &"image/gif".parse().unwrap()));
        }).await;
    }
}

both_databases! {
    async fn without_a_public_address_it_cannot_be_turned_on(app: TestApp) {
        let owner = app.owner().await;
        let refused = track(&owner, &[("track_opens", "true")]).await;
        assert!(refused.expect(422).text.contains("PUBLIC_URL"), "{}", refused.text);
        track(&owner, &[]).await.expect(303);
    }
}
