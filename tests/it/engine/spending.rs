//! What text messages may cost in a month: over restarts, from one month to the next, for campaigns and single messages.

use std::time::Duration;

use crm_campaigns::Messages as _;
use crm_campaigns::campaigns::{Campaigns as _, Schedule, Status};
use crm_campaigns::messages::{HOLD, MessageState as S, NewMessage};
use crm_campaigns::templates::Channel;
use crm_core::ProviderId;
use support::both_databases;
use support::twilio::{TOKEN, TwilioServer};

use super::messages::{look, until};
use super::rig::{Rig, Services, assert_once};
use super::texts::{note, number, people};
use super::twilio::{NOW, capped, sending};
use super::words::at_rest;

async fn used(services: &Services, rig: &Rig, provider: ProviderId) -> u64 {
    services.providers.spending(&rig.scope, provider).await.unwrap().unwrap().parts
}

/// People whose numbers befall no trouble.
async fn untroubled(rig: &Rig, count: usize) {
    people(rig, 10 + count).await;
    for n in 0..10 {
        rig.run(&format!("DELETE FROM base_contacts WHERE primary_phone = '{}'", number(n))).await;
    }
}

both_databases! {
    async fn the_limit_of_the_month_pauses_and_says_why(rig: Rig) {
        let server = TwilioServer::start(NOW).await;
        untroubled(&rig, 5).await;
        let provider = capped(&rig, &server, TOKEN, Some(3)).await;
        let id = rig.approved_from(note("Hi {{ contact.first_name }}"), provider, Schedule::default()).await;
        let looked = rig.services.campaigns.preflight(&rig.scope, id).await.unwrap().unwrap();
        assert_eq!((looked.text_parts, looked.text_cost.as_deref()), (Some(5), Some("0.04")));
        assert!(looked.warnings.iter().any(|text| text.contains("5 text parts, and 3 of the 3")), "{:?}", looked.warnings);
        rig.services.campaigns.send(&rig.scope, id).await.unwrap().unwrap();
        rig.look_at(id).await;
        let is_paused = |now: &crm_campaigns::Campaign| now.status == Status::Paused && now.counts.sending == 0;
        let paused = rig.until("a pause", id, is_paused).await;
        let reason = paused.pause_reason.unwrap();
        assert!(reason.starts_with("The limit of 3 text parts a month is reached: 3 are used"), "{reason}");
        assert_eq!((paused.counts.sent, paused.counts.queued), (3, 2));
        assert_eq!(server.taken().len(), 3);
        let shown = rig.services.providers.get(&rig.scope, provider).await.unwrap().unwrap();
        assert_eq!(shown.last_error, None, "the provider is well");

        // A restart knows what was used, and going on sends nothing more.
        let services = Services::on(&rig.db, &rig.clock).await;
        assert_eq!(used(&services, &rig, provider).await, 3);
        let engine = services.engine().await;
        services.campaigns.resume(&rig.scope, id).await.unwrap().unwrap();
        crm_campaigns::Engine::look_at(engine.as_ref(), rig.scope.workspace_id(), id).await.unwrap();
        rig.until("another pause", id, is_paused).await;
        assert_eq!(server.taken().len(), 3);

        rig.clock.advance(Duration::from_hours(24 * 9));
        assert_eq!(used(&rig.services, &rig, provider).await, 0, "it is December");
        rig.resume(id).await;
        assert_eq!(rig.until_sent(id).await.counts.sent, 5);
        assert_once(&server.recipients());
        assert_eq!(used(&rig.services, &rig, provider).await, 2);
        assert_eq!(rig.db.texts("SELECT month || ' ' || CAST(parts AS text) FROM text_spending ORDER BY month").await, ["2026-11 3", "2026-12 2"]);
        rig.assert_sound(id).await;
    }

    async fn a_message_to_one_person_is_counted_by_its_parts(rig: Rig) {
        let server = TwilioServer::start(NOW).await;
        let ids = people(&rig, 12).await;
        let provider = capped(&rig, &server, TOKEN, Some(3)).await;
        let write = async |n: usize, body: String| {
            let new = NewMessage {
                channel: Channel::Text,
                subject: String::new(),
                body,
                template_id: None,
                despite_unsubscribed: false,
                despite_quiet_hours: true,
            };
            rig.services.messages.send(&rig.scope, ids[n], new).await.unwrap().unwrap().id
        };
        let first = write(10, "x".repeat(200)).await;
        look(&rig).await;
        rig.clock.advance(HOLD);
        until(&rig, first, S::Sent).await;
        assert_eq!(used(&rig.services, &rig, provider).await, 2);
        let second = write(11, "y".repeat(200)).await;
        look(&rig).await;
        rig.clock.advance(HOLD);
        until(&rig, second, S::Stopped).await;
        let found = rig.services.messages.get(&rig.scope, second).await.unwrap().unwrap();
        assert!(found.problem.unwrap().contains("this message takes 2"));
        assert_eq!((server.taken().len(), used(&rig.services, &rig, provider).await), (1, 2));
        // A test is a message as well: one part is left, and then none.
        let test = async || rig.services.providers.test(&rig.scope, provider, "+436641234599").await.unwrap().unwrap();
        assert!(test().await.iter().all(|step| step.ok));
        assert!(test().await.iter().any(|step| !step.ok && step.message.contains("limit of 3")));
        assert_eq!(server.taken().len(), 2);
    }

    async fn what_was_refused_costs_nothing(rig: Rig) {
        let server = TwilioServer::start(NOW).await;
        people(&rig, 10).await;
        let provider = capped(&rig, &server, TOKEN, None).await;
        let id = sending(&rig, provider).await;
        rig.until("nothing to be left to do now", id, at_rest).await;
        // Taken, and what may have been; not the two that were refused nor the two that were told to wait.
        assert_eq!(used(&rig.services, &rig, provider).await, 6);
    }
}
