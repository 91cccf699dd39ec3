//! Connecting a mailbox as a person does it: the form, the way to the service, and the way back.

use serde_json::json;
use support::emulate::{ACCOUNT, CLIENT_ID, CLIENT_SECRET, Emulate, parameter};
use support::{Backend, TestApp};

// In clear, so that the cookie of the session goes over loopback.
const PUBLIC_URL: &str = "http://localhost:9";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_is_connected_by_its_pages() {
    let redirect = format!("{PUBLIC_URL}/oauth/callback");
    let emulate = Emulate::start(&redirect).await;
    let google = emulate.google();
    let settings = [
        ("GMAIL_BASE_URL", google.clone()),
        ("GOOGLE_AUTH_BASE_URL", format!("{google}/o/oauth2/v2/auth")),
        ("GOOGLE_TOKEN_BASE_URL", format!("{google}/oauth2/token")),
        ("GOOGLE_REVOKE_BASE_URL", format!("{google}/oauth2/revoke")),
    ];
    let mut settings: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    settings.push(("PUBLIC_URL", PUBLIC_URL));
    let app = TestApp::start_with(Backend::Sqlite, &settings).await;
    let owner = app.owner().await;

    let new = "/settings/providers/new?provider_type=gmail";
    let form = owner.get(new).await;
    assert!(form.text.contains(&redirect), "{}", form.text);
    let fields = [
        ("provider_type", "gmail"),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("from_name", "Ada"),
    ];
    let refused =
        owner.submit(new, "/settings/providers", &[fields[0], fields[1], fields[3]]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("client secret of this client ID"), "{}", refused.text);
    owner.submit(new, "/settings/providers", &fields).await;
    let listed = owner.get("/api/providers").await;
    let made = listed.data().as_array().unwrap().iter().find(|one| one["provider_type"] == "gmail");
    let made = made.unwrap().clone();
    assert_eq!((&made["state"], &made["account"]), (&json!("ready"), &json!(null)));
    assert_eq!(made["config"]["client_secret"], "••••");
    let path = format!("/settings/providers/{}", made["id"].as_str().unwrap());

    let go = owner.submit("/settings/providers", &format!("{path}/connect"), &[]).await;
    assert_eq!(go.status, 200, "{}", go.text);
    let url = go.text.split("href=\"").find(|rest| rest.starts_with(&google)).unwrap();
    let url = url.split('"').next().unwrap().replace("&amp;", "&");
    assert_eq!(parameter(&url, "redirect_uri"), redirect);
    let back = emulate.consent(&url, None).await;
    let back = format!("/oauth/callback?state={}&code={}", back.state, back.code);
    let connected = owner.without_csrf().get(&back).await;
    assert!(connected.status < 400, "{}", connected.text);
    let card = owner.get("/settings/providers").await;
    assert!(card.text.contains(ACCOUNT) && card.text.contains("Connect again"), "{}", card.text);
    let test = format!("{path}/test");
    let to = [("to", "bob@example.org")];
    let tested = owner.submit("/settings/providers", &test, &to).await;
    assert!(tested.text.contains("was accepted"), "{}", tested.text);
    assert_eq!(emulate.sent(&redirect).await.len(), 1);

    // Coming back once more is no way in.
    owner.without_csrf().get(&back).await;
    let id = made["id"].as_str().unwrap();
    let now = owner.get(&format!("/api/providers/{id}")).await;
    assert_eq!(
        (&now.data()["state"], &now.data()["account"]),
        (&json!("connected"), &json!(ACCOUNT))
    );
    owner.submit("/settings/providers", &format!("{path}/disconnect"), &[]).await;
    let now = owner.get(&format!("/api/providers/{id}")).await;
    assert_eq!((&now.data()["state"], &now.data()["account"]), (&json!("ready"), &json!(null)));
}
