//! Mailgun by the API and by its form.

use serde_json::json;
use support::mailgun::{DOMAIN, KEY, MailgunServer};
use support::{Backend, TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_connected_by_the_api_and_tested() {
    let server = MailgunServer::start().await;
    let app = TestApp::start_with(Backend::Sqlite, &[("MAILGUN_BASE_URL", server.base())]).await;
    let owner = app.owner().await;
    let config = json!({
        "domain": DOMAIN, "api_key": KEY, "from_email": "hello@mg.acme.example", "from_name": "Acme",
    });
    let body =
        json!({"kind": "email", "provider_type": "mailgun", "is_default": true, "config": config});
    let made = owner.post("/api/providers", body.clone()).await;
    made.expect(201);
    assert_eq!(made.data()["config"]["api_key"], "••••");
    assert_eq!(made.data()["config"]["domain"], DOMAIN);
    assert!(!made.text.contains(KEY), "{}", made.text);
    let path = format!("/api/providers/{}", made.id());
    let tested = owner.post(&format!("{path}/test"), json!({"to": "ada@example.org"})).await;
    assert_eq!(tested.data()["ok"], true, "{}", tested.text);
    assert_eq!(server.recipients(), ["ada@example.org"]);

    // What was read is sent back: the key stays.
    let mut again = body;
    again["config"]["api_key"] = json!("••••");
    again["config"]["rate_per_day"] = json!(500);
    owner.put(&path, again.clone()).await.expect(200);
    let tested = owner.post(&format!("{path}/test"), json!({"to": "bob@example.org"})).await;
    assert_eq!(tested.data()["ok"], true, "{}", tested.text);
    again["config"].as_object_mut().unwrap().remove("domain");
    let refused = owner.put(&path, again).await;
    refused.expect_error(422, "validation_failed");
    assert!(refused.text.contains("config.domain"), "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_connected_by_its_form() {
    let server = MailgunServer::start().await;
    let app = TestApp::start_with(Backend::Sqlite, &[("MAILGUN_BASE_URL", server.base())]).await;
    let owner = app.owner().await;
    let new = "/settings/providers/new?provider_type=mailgun";
    let form = |region: &'static str, domain: &'static str| {
        [
            ("provider_type", "mailgun"),
            ("name", "Bulk"),
            ("domain", domain),
            ("api_key", KEY),
            ("region", region),
            ("from_email", "hello@mg.acme.example"),
            ("from_name", "Acme"),
            ("rate_per_day", "500"),
        ]
    };
    let refused = owner.submit(new, "/settings/providers", &form("eu", "no domain")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("like mg.example.com") && refused.text.contains("no domain"));
    assert!(!refused.text.contains(KEY), "a key is not shown again");
    let refused = owner.submit(new, "/settings/providers", &form("other", DOMAIN)).await;
    assert_eq!(refused.status, 422);
    let made = owner.submit(new, "/settings/providers", &form("eu", DOMAIN)).await;
    assert!(made.status == 303 || made.status == 200, "{}", made.text);

    let id = "SELECT id FROM workspace_email_provider WHERE provider_type = 'mailgun'";
    let id = app.db().texts(id).await.remove(0);
    let page = owner.get(&format!("/settings/providers/{id}")).await;
    assert!(page.text.contains("A key is stored") && !page.text.contains(KEY), "{}", page.text);
    let mut change = form("eu", DOMAIN);
    change[1] = ("name", "Mass mail");
    change[3] = ("api_key", "");
    let path = format!("/settings/providers/{id}");
    let saved = owner.submit(&path, &path, &change).await;
    assert!(saved.status < 400, "{}", saved.text);
    let list = owner.get("/settings/providers").await;
    assert!(
        list.text.contains("Mass mail") && list.text.contains(&format!("Mailgun, {DOMAIN}, EU"))
    );
    let test = format!("{path}/test");
    let tested = owner.submit("/settings/providers", &test, &[("to", "ada@example.org")]).await;
    assert!(tested.text.contains("was accepted"), "{}", tested.text);
    assert_eq!(server.recipients(), ["ada@example.org"]);
}
