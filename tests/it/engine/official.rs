//! What leaves for Twilio and Mailgun, held against the documents they publish of their own interfaces. The documents are
//! theirs and not part of this project: where they are not (`PI_CRM_SPECS`, or `../shared/data/specs` beside the checkout), these
//! tests say so and pass.

use std::path::PathBuf;
use std::time::Duration;

use crm_campaigns::Inbound as _;
use serde_json::{Value, json};
use support::mailgun::{KEY, MailgunServer};
use support::twilio::{ACCOUNT, TOKEN, TwilioServer};
use support::{both_databases, paths, signing};

use super::mailgun::mailgun;
use super::rig::Rig;
use super::texts::{number, people};
use super::twilio::{NOW, sending, twilio};
use super::words::{at_rest, people as addressed};

/// A provider's document, where it is at hand.
fn document(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PI_CRM_SPECS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| paths::root().join("../shared/data/specs"));
    let file = folder.join(name);
    if !file.exists() {
        support::say(&format!("skipped: {} is not here; set PI_CRM_SPECS", file.display()));
        return None;
    }
    Some(file)
}

fn problems(document: &PathBuf, requests: &[Value]) -> Vec<String> {
    let call = json!({"document": document, "requests": requests});
    serde_json::from_str(&signing::python("official.py", &call)).unwrap()
}

/// A request as the checker reads it.
fn request(line: &str, kind: &str, form: &[(String, String)]) -> Value {
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    json!({"method": method, "path": path, "query": query, "type": kind, "form": form})
}

both_databases! {
    async fn twilio_is_asked_as_it_wants_to_be(rig: Rig) {
        let Some(document) = document("twilio.json") else { return };
        let server = TwilioServer::start(NOW).await;
        people(&rig, 6).await;
        let provider = twilio(&rig, &server, TOKEN).await;
        let id = sending(&rig, provider).await;
        // Among them a message that is looked up afterwards.
        rig.until("nothing to be left to do now", id, at_rest).await;
        // Whoever is new is asked after a while.
        assert_eq!(rig.services.inbound().poll_due().await.unwrap(), 0);
        rig.clock.advance(Duration::from_mins(3));
        assert_eq!(rig.services.inbound().poll_due().await.unwrap(), 1);
        let kind = "application/x-www-form-urlencoded";
        let requests: Vec<Value> =
            server.asked().iter().map(|(line, form)| request(line, kind, form)).collect();
        assert!(requests.len() > 7, "messages, questions about some, and pages of the list");
        assert_eq!(problems(&document, &requests), Vec::<String>::new());
        // It would see what is wrong.
        let line = format!("POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1");
        let field = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let broken = [
            request(&line, kind, &[field("Body", "Hi")]),
            request(&line, kind, &[field("To", &number(0)), field("Bodi", "Hi")]),
            request(&line.replace("AC", "XX"), kind, &[field("To", &number(0))]),
            request(&line.replace("Messages", "Letters"), kind, &[field("To", &number(0))]),
        ];
        for one in broken {
            assert_ne!(problems(&document, std::slice::from_ref(&one)), Vec::<String>::new(), "{one}");
        }
    }

    async fn mailgun_is_asked_as_it_wants_to_be(rig: Rig) {
        let Some(document) = document("mailgun.json") else { return };
        let server = MailgunServer::start().await;
        addressed(&rig, &["ok", "resetafter", "fine"]).await;
        let id = rig.sending(mailgun(&rig, &server, KEY).await).await;
        rig.until_sent(id).await;
        // Whoever is new is asked after a while.
        assert_eq!(rig.services.inbound().poll_due().await.unwrap(), 0);
        rig.clock.advance(Duration::from_mins(3));
        assert_eq!(rig.services.inbound().poll_due().await.unwrap(), 1);
        let requests: Vec<Value> = server
            .requests()
            .iter()
            .map(|asked| {
                let kind = asked.head.header("content-type");
                request(&asked.head.line, kind, &support::mailgun::fields(asked))
            })
            .collect();
        assert!(requests.len() > 4, "messages, a question about one, and the list");
        assert_eq!(problems(&document, &requests), Vec::<String>::new());
        let first = requests.iter().find(|one| one["method"] == "POST").unwrap();
        let mut broken = first.clone();
        broken["form"].as_array_mut().unwrap().retain(|field| field[0] != "message");
        assert_ne!(problems(&document, &[broken]), Vec::<String>::new());
        let mut broken = first.clone();
        broken["type"] = json!("application/json");
        assert_ne!(problems(&document, &[broken]), Vec::<String>::new());
    }
}
