//! A thousand recipients through each channel, some of whom meet trouble: in the end the ledger says what the server took.

use std::collections::BTreeSet;
use std::time::Duration;

use crm_campaigns::Engine as _;
use crm_campaigns::campaigns::{Campaigns as _, Schedule};
use crm_campaigns::templates::NewTemplate;
use crm_contacts::contacts::NewContact;
use crm_core::{CampaignId, ProviderId};
use crm_providers::smtp::Timeouts;
use support::both_databases;
use support::faulty::{Api, FaultyServer};
use support::smtp::SmtpSink;

use super::channels::connected;
use super::rig::{Rig, Services, address, assert_once};
use super::texts::note;

const MANY: usize = 1_000;
/// Nobody stalls here, so that this is for busy machines alone.
const PATIENCE: Timeouts = Timeouts {
    connect: Duration::from_secs(15),
    send: Duration::from_secs(15),
    idle: Duration::from_secs(30),
};

async fn people(rig: &Rig) {
    for n in 0..MANY {
        let new = NewContact {
            first_name: format!("Rita {n}"),
            primary_email: Some(address(n)),
            primary_phone: Some(format!("+43664120{n:04}")),
            ..NewContact::default()
        };
        rig.services.contacts.create(&rig.scope, new).await.unwrap();
    }
}

fn letter() -> NewTemplate {
    NewTemplate {
        subject: "News".to_owned(),
        body_html: "<p>Dear {{ contact.first_name }}, all is well.</p>".to_owned(),
        ..NewTemplate::default()
    }
}

/// Sends to all of them by these services, and lets time pass until nobody waits any more.
async fn send(
    rig: &Rig,
    services: &Services,
    template: NewTemplate,
    provider: ProviderId,
) -> CampaignId {
    let id = rig.approved_from(template, provider, Schedule::default()).await;
    let engine = services.engine().await;
    services.campaigns.send(&rig.scope, id).await.unwrap().unwrap();
    engine.look_at(rig.scope.workspace_id(), id).await.unwrap();
    rig.until("everybody to have been tried", id, super::words::at_rest).await;
    rig.clock.advance(Duration::from_mins(20));
    rig.until_sent(id).await;
    id
}

async fn with_state(rig: &Rig, id: CampaignId, state: &str) -> BTreeSet<String> {
    let sql = format!(
        "SELECT address FROM campaign_recipients WHERE campaign_id = '{id}' AND state = '{state}'"
    );
    rig.db.texts(&sql).await.into_iter().collect()
}

/// Nobody got it twice; who is called sent got it, and who got it is called sent or in doubt; and nobody is missing.
async fn assert_equal(rig: &Rig, id: CampaignId, recipients: Vec<String>) {
    assert_once(&recipients);
    let taken: BTreeSet<String> = recipients.into_iter().collect();
    let (sent, unknown) = (with_state(rig, id, "sent").await, with_state(rig, id, "unknown").await);
    assert!(sent.is_subset(&taken), "{:?} are called sent", sent.difference(&taken));
    let known: BTreeSet<String> = sent.union(&unknown).cloned().collect();
    assert!(taken.is_subset(&known), "{:?} got it", taken.difference(&known));
    assert_eq!(sent.len() + unknown.len(), MANY);
    rig.assert_sound(id).await;
}

async fn through(rig: &Rig, api: Api) {
    people(rig).await;
    let server = FaultyServer::start(api, None).await;
    let (services, provider) = connected(rig, api, &server, PATIENCE).await;
    let template = if api == Api::Twilio { note("Hi {{ contact.first_name }}") } else { letter() };
    let id = send(rig, &services, template, provider).await;
    assert_equal(rig, id, server.recipients()).await;
    let unknown = with_state(rig, id, "unknown").await.len();
    // Three faults in a hundred leave it open, and one more where the message had left before the reset.
    assert!((30..=40).contains(&unknown), "{unknown} in doubt");
}

both_databases! {
    async fn by_a_mail_server(rig: Rig) {
        let sink = SmtpSink::start();
        people(&rig).await;
        let provider = rig.smtp(sink.port()).await;
        let id = send(&rig, &rig.services, letter(), provider).await;
        assert_equal(&rig, id, sink.recipients()).await;
        assert_eq!(with_state(&rig, id, "sent").await.len(), MANY);
    }

    async fn by_twilio(rig: Rig) {
        through(&rig, Api::Twilio).await;
    }

    async fn by_mailgun(rig: Rig) {
        through(&rig, Api::Mailgun).await;
    }

    async fn by_gmail(rig: Rig) {
        through(&rig, Api::Gmail).await;
    }

    async fn by_outlook(rig: Rig) {
        through(&rig, Api::Graph).await;
    }
}
