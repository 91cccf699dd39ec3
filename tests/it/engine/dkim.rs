//! Mail that is signed: what arrives at a real server verifies with a reader that is not ours, and nothing else does.

use crm_campaigns::campaigns::{Campaigns as _, Schedule};
use crm_campaigns::templates::NewTemplate;
use crm_contacts::contacts::NewContact;
use crm_core::ProviderId;
use crm_providers::ProvidersError;
use crm_providers::providers::{KeySource, SigningChange, SigningKey};
use support::both_databases;
use support::dkim::verify;
use support::smtp::{Received, SmtpSink};

use super::rig::Rig;

fn change(key: KeySource, is_on: bool) -> SigningChange {
    SigningChange { selector: String::new(), key, is_on }
}

async fn set(rig: &Rig, id: ProviderId, change: SigningChange) -> SigningKey {
    rig.services.providers.set_signing_key(&rig.scope, id, change).await.unwrap().unwrap()
}

/// As it travelled: smtp-sink keeps lines as its own system ends them.
fn bytes(got: &Received) -> Vec<u8> {
    got.raw.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()
}

/// Sends the content to everybody and gives what arrived since.
async fn arrive(
    rig: &Rig,
    sink: &SmtpSink,
    id: ProviderId,
    template: NewTemplate,
) -> Vec<Received> {
    let before: Vec<String> = sink.received().iter().map(Received::message_id).collect();
    let campaign = rig.approved_from(template, id, Schedule::default()).await;
    rig.services.campaigns.send(&rig.scope, campaign).await.unwrap().unwrap();
    rig.look_at(campaign).await;
    rig.until_sent(campaign).await;
    let all = sink.received().into_iter();
    all.filter(|got| !before.contains(&got.message_id())).collect()
}

/// Long headers, letters of many scripts, lines that begin with dots, spaces where they are lost.
fn difficult() -> NewTemplate {
    NewTemplate {
        subject: format!("Grüße aus der Mühle {}", "und noch viel mehr 田中 ".repeat(12)),
        body_html: "<p>Sehr   geehrte\t{{ contact.first_name }},</p>\n<p>.</p>\n.\n..a dot  \n<p>ä</p>\n\n\n".to_owned(),
        body_text: ".\n..\n.dot\nSehr   geehrte {{ contact.first_name }},  \n\n \nüber alles 🙂\n\n\n".to_owned(),
        ..NewTemplate::default()
    }
}

both_databases! {
    async fn what_arrives_verifies_and_what_was_changed_does_not(rig: Rig) {
        let sink = SmtpSink::start();
        let id = rig.smtp(sink.port()).await;
        for name in ["Rita", &"Ludmilla Maria Theresia ".repeat(8), "Zoë 田中"] {
            let email = format!("r{}@example.com", name.len());
            let new = NewContact {
                first_name: name.trim().to_owned(),
                primary_email: Some(email),
                ..NewContact::default()
            };
            rig.services.contacts.create(&rig.scope, new).await.unwrap();
        }
        // Nothing is signed before it is asked for.
        let key = set(&rig, id, change(KeySource::Generate, false)).await;
        let plain = NewTemplate { subject: "S".to_owned(), body_html: "<p>x</p>".to_owned(), ..NewTemplate::default() };
        let unsigned = arrive(&rig, &sink, id, plain).await;
        assert!(unsigned.iter().all(|got| got.header("DKIM-Signature").is_empty()));

        let on = set(&rig, id, change(KeySource::Keep, true)).await;
        assert_eq!((&on.public_key, on.selector.as_str()), (&key.public_key, "picrm"));
        let (name, value) = (on.record_name().unwrap(), on.record_value());
        assert_eq!(name, "picrm._domainkey.acme.example");
        let record = (name.as_str(), value.as_str());
        let signed = arrive(&rig, &sink, id, difficult()).await;
        assert_eq!(signed.len(), 3);
        for got in &signed {
            let message = bytes(got);
            assert_eq!(verify(&message, record), "ok", "{}", got.raw);
            let signature = got.header("DKIM-Signature");
            for part in ["a=rsa-sha256", "c=relaxed/relaxed", "d=acme.example", "s=picrm"] {
                assert!(signature.contains(part), "{part}: {signature}");
            }
            let headers = signature.split_once("h=").unwrap().1.split(';').next().unwrap().replace(' ', "");
            let headers: Vec<&str> = headers.split(':').collect();
            for header in ["to", "subject", "date", "message-id", "mime-version", "content-type", "list-unsubscribe"] {
                assert!(headers.contains(&header), "{header}: {headers:?}");
            }
            assert_eq!(headers.iter().filter(|header| **header == "from").count(), 2, "{headers:?}");
            assert!(!signature.contains(" l="), "{signature}");

            let text = String::from_utf8(message).unwrap();
            for (from, to) in [
                ("From: ", "From: \"Eve\" <eve@evil.example>\r\nFrom: "),
                ("Subject: ", "Subject: Free money "),
                ("List-Unsubscribe: <mailto:", "List-Unsubscribe: <mailto:x"),
                ("geehrte", "geehrter"),
            ] {
                assert!(text.contains(from), "{from}: {text}");
                assert_ne!(verify(text.replacen(from, to, 1).as_bytes(), record), "ok", "{to}");
            }
            let longer = format!("{text}And one more thing\r\n");
            assert_ne!(verify(longer.as_bytes(), record), "ok");
            // What servers on the way do is none of that.
            let folded = text.replacen("Subject: ", "Subject:\r\n  ", 1);
            assert_eq!(verify(format!("Received: from x\r\n\tby y\r\n{folded}").as_bytes(), record), "ok");
        }
        // Another key does not verify it, and the old one not what the new one signs.
        let next = set(&rig, id, change(KeySource::Generate, true)).await;
        assert_ne!(next.public_key, on.public_key);
        let value = next.record_value();
        let others = (name.as_str(), value.as_str());
        assert_ne!(verify(&bytes(&signed[0]), others), "ok");
        let again = arrive(&rig, &sink, id, difficult()).await;
        assert_eq!(verify(&bytes(&again[0]), others), "ok");
        assert_ne!(verify(&bytes(&again[0]), record), "ok");

        assert!(rig.services.providers.delete_signing_key(&rig.scope, id).await.unwrap());
        assert!(!rig.services.providers.delete_signing_key(&rig.scope, id).await.unwrap());
        let last = arrive(&rig, &sink, id, difficult()).await;
        assert!(last.iter().all(|got| got.header("DKIM-Signature").is_empty()));
    }

    async fn a_key_is_sealed_and_pasted_ones_are_checked(rig: Rig) {
        let id = rig.smtp(9).await;
        let providers = &rig.services.providers;
        let pem = std::process::Command::new("openssl").args(["genrsa", "2048"]).output().unwrap();
        let pem = String::from_utf8(pem.stdout).unwrap();
        let paste = |pem: &str| change(KeySource::Paste(pem.to_owned().into()), true);
        let key = set(&rig, id, SigningChange { selector: " S1 ".to_owned(), ..paste(&pem) }).await;
        assert_eq!(key.selector, "s1");
        let stored = rig.db.texts("SELECT private_key FROM dkim_keys").await;
        assert!(stored.len() == 1 && stored[0].starts_with("v1:"), "{stored:?}");
        let middle: String = pem.lines().nth(3).unwrap().to_owned();
        assert!(!stored[0].contains(&middle));

        for (field, wrong) in [
            ("private_key", paste("hello")),
            ("selector", SigningChange { selector: "a b".to_owned(), ..change(KeySource::Keep, true) }),
        ] {
            let refused = providers.set_signing_key(&rig.scope, id, wrong).await;
            assert!(matches!(&refused, Err(ProvidersError::InvalidConfig { field: named, .. }) if *named == field), "{field}: {refused:?}");
        }
        let small = std::process::Command::new("openssl").args(["genrsa", "1024"]).output().unwrap();
        let small = providers.set_signing_key(&rig.scope, id, paste(&String::from_utf8(small.stdout).unwrap())).await;
        assert!(matches!(&small, Err(ProvidersError::InvalidConfig { field: "private_key", problem }) if problem.contains("2048")), "{small:?}");
        let practice = rig.practice().await;
        let refused = providers.set_signing_key(&rig.scope, practice, change(KeySource::Keep, true)).await;
        assert!(matches!(refused, Err(ProvidersError::NotSigned)), "{refused:?}");
        assert_eq!(providers.signing_key(&rig.scope, id).await.unwrap(), Some(key));
    }
}
