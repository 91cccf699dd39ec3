//! What the DNS says of a sending domain, asked of a real name server.

use std::time::Duration;

use serde_json::{Value, json};
use support::dns::NameServer;
use support::{Backend, Client, TestApp};

const KEYLESS: &str = "@ TXT \"v=spf1 ip4:192.0.2.10 include:other.test ~all\"\n\
    _dmarc TXT \"v=DMARC1; p=quarantine; adkim=s\"\n@ MX 10 mail\nmail A 192.0.2.10\n";
const OTHER: &str =
    "@ TXT \"v=spf1 include:deep.other.test -all\"\ndeep TXT \"v=spf1 include:mailgun.org ~all\"\n";
const MAILGUN: &str = "@ TXT \"v=spf1 ip4:198.51.100.0/24 ~all\"\n";
const REVERSE: &str = "10 PTR mail.good.test.\n11 PTR elsewhere.good.test.\n";

fn smtp(host: &str, from: &str) -> Value {
    json!({"provider_type": "smtp", "name": host, "config": {
        "host": host, "port": 25, "security": "none", "from_email": from, "from_name": "K"}})
}

fn openssl(args: &[&str], input: &str) -> String {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new("openssl")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

async fn check(owner: &Client, domain: &str) -> Vec<(String, String, String, Value)> {
    let report = owner.post("/api/sending-domains/check", json!({"domain": domain})).await;
    let checks = report.expect(200).data()["checks"].as_array().unwrap().clone();
    let word = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    checks
        .into_iter()
        .map(|check| (word(&check, "kind"), word(&check, "verdict"), word(&check, "words"), check))
        .collect()
}

fn of<'a>(
    checks: &'a [(String, String, String, Value)],
    kind: &str,
) -> &'a (String, String, String, Value) {
    checks.iter().find(|check| check.0 == kind).unwrap_or_else(|| panic!("{kind}: {checks:?}"))
}

async fn start(backend: Backend, server: &NameServer) -> (TestApp, Client) {
    let address = server.address().to_string();
    let app = TestApp::start_with(backend, &[("DNS_SERVER", &address)]).await;
    let owner = app.owner().await;
    (app, owner)
}

async fn in_order_or_not(backend: Backend) {
    let first = NameServer::start(&[
        ("good.test", KEYLESS),
        ("other.test", OTHER),
        ("mailgun.org", MAILGUN),
        ("2.0.192.in-addr.arpa", REVERSE),
        ("bare.test", ""),
    ]);
    let (app, owner) = start(backend, &first).await;
    let server = owner
        .post("/api/providers", smtp("mail.good.test", "hello@good.test"))
        .await
        .expect(201)
        .id();
    let mailgun = json!({"provider_type": "mailgun", "config": {"domain": "mg.good.test", "api_key": "key-1", "from_email": "news@good.test", "from_name": "K"}});
    owner.post("/api/providers", mailgun).await.expect(201);
    owner.post("/api/providers", smtp("mx.bare.test", "hello@bare.test")).await.expect(201);

    let listed = owner.get("/api/sending-domains").await;
    let domains: Vec<&str> = listed
        .expect(200)
        .data()
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["domain"].as_str().unwrap())
        .collect();
    assert_eq!(domains, ["bare.test", "good.test"]);

    let checks = check(&owner, "good.test").await;
    for kind in ["spf", "dmarc", "mx", "ptr"] {
        assert_eq!(of(&checks, kind).1, "ok", "{checks:?}");
    }
    assert!(
        of(&checks, "dmarc").2.contains("spam folder")
            && of(&checks, "dmarc").2.contains("very same domain")
    );
    assert!(
        of(&checks, "ptr").3["found"][0].as_str().unwrap().contains("192.0.2.10 is mail.good.test")
    );
    assert!(checks.iter().all(|check| check.0 != "dkim"));

    let key = owner.post(&format!("/api/providers/{server}/dkim"), json!({"is_on": true})).await;
    let key = key.expect(200).data().clone();
    assert_eq!(key["record_name"], "picrm._domainkey.good.test");
    let checks = check(&owner, "good.test").await;
    let dkim = of(&checks, "dkim");
    assert_eq!((dkim.1.as_str(), &dkim.3["wanted"]), ("missing", &key["record_value"]));

    // Nothing is published: said one by one, with what to publish.
    let bare = check(&owner, "bare.test").await;
    assert_eq!(of(&bare, "spf").1, "missing");
    assert_eq!(
        (of(&bare, "dmarc").1.as_str(), &of(&bare, "dmarc").3["wanted"]),
        ("missing", &json!("v=DMARC1; p=none"))
    );
    assert_eq!((of(&bare, "mx").1.as_str(), of(&bare, "ptr").1.as_str()), ("warn", "missing"));

    owner
        .submit("/settings/sending", "/settings/sending/check", &[("domain", "good.test")])
        .await
        .expect(303);
    let page = owner.get("/settings/sending").await;
    for text in ["good.test", "Missing", "picrm._domainkey.good.test", "In order", "Checked"] {
        assert!(page.expect(200).text.contains(text), "{text}");
    }
    drop(app);
    // A key of one's own, whose public half is known before.
    let pem = openssl(&["genrsa", "2048"], "");
    let public = openssl(&["rsa", "-pubout"], &pem);
    let public: String = public.lines().filter(|line| !line.starts_with('-')).collect();
    // The parts of a record are limited to 255 letters.
    let value = format!("v=DKIM1; k=rsa; p={public}");
    let (one, two) = value.split_at(200);
    let published = format!("{KEYLESS}picrm._domainkey TXT \"{one}\" \"{two}\"\n");
    let wrong = "@ TXT \"v=spf1 ip4:203.0.113.1 -all\"\n@ TXT \"something else\"\n@ MX 0 .\n\
            picrm._domainkey TXT \"v=DKIM1; k=rsa; p=AAAA\"\n_dmarc TXT \"v=DMARC1; p=maybe\"\n\
            mail A 192.0.2.11\nelsewhere A 192.0.2.99\n";
    for (zone, verdict) in [(published.as_str(), "ok"), (wrong, "wrong")] {
        let zones = [
            ("good.test", zone),
            ("other.test", OTHER),
            ("mailgun.org", MAILGUN),
            ("2.0.192.in-addr.arpa", REVERSE),
        ];
        let next = NameServer::start(&zones);
        let (_app, owner) = start(backend, &next).await;
        let server = owner
            .post("/api/providers", smtp("mail.good.test", "hello@good.test"))
            .await
            .expect(201)
            .id();
        let body = json!({"is_on": true, "private_key": pem});
        let key = owner.post(&format!("/api/providers/{server}/dkim"), body).await;
        assert_eq!(key.expect(200).data()["record_value"], value);
        let checks = check(&owner, "good.test").await;
        for kind in ["spf", "dkim", "dmarc", "mx", "ptr"] {
            assert_eq!(of(&checks, kind).1, verdict, "{kind}: {checks:?}");
        }
        assert_eq!(of(&checks, "spf").2.contains("ip4:192.0.2.11"), verdict == "wrong");
    }
}

async fn no_answer(backend: Backend) {
    // This server knows one zone and refuses to speak of others.
    let server = NameServer::start(&[("known.test", "")]);
    let (_app, owner) = start(backend, &server).await;
    owner.post("/api/providers", smtp("mail.known.test", "hello@foreign.test")).await.expect(201);
    owner.post("/api/providers", smtp("mail.known.test", "hello@sub.known.test")).await.expect(201);
    let checks = check(&owner, "foreign.test").await;
    for kind in ["spf", "dmarc", "mx"] {
        assert_eq!(of(&checks, kind).1, "unknown", "{checks:?}");
        assert!(of(&checks, kind).2.contains("says nothing about the record"));
    }
    let checks = check(&owner, "sub.known.test").await;
    assert_eq!(of(&checks, "spf").1, "missing");
    assert!(of(&checks, "spf").2.contains("knows no such domain"), "{checks:?}");
    assert_eq!(of(&checks, "ptr").1, "missing");

    drop(server);
    let begun = std::time::Instant::now();
    let checks = check(&owner, "foreign.test").await;
    assert!(checks.iter().all(|check| check.1 == "unknown"), "{checks:?}");
    assert!(begun.elapsed() < Duration::from_secs(50));
    owner
        .post("/api/sending-domains/check", json!({"domain": "stranger.test"}))
        .await
        .expect_error(422, "validation_failed");
}

#[tokio::test]
async fn a_domain_in_order_is_told_from_one_that_is_not_on_sqlite() {
    Box::pin(in_order_or_not(Backend::Sqlite)).await;
}

#[tokio::test]
async fn a_domain_in_order_is_told_from_one_that_is_not_on_postgres() {
    Box::pin(in_order_or_not(Backend::Postgres)).await;
}

#[tokio::test]
async fn no_answer_is_told_from_no_record_on_sqlite() {
    no_answer(Backend::Sqlite).await;
}

#[tokio::test]
async fn no_answer_is_told_from_no_record_on_postgres() {
    no_answer(Backend::Postgres).await;
}
