//! Pre-flight: what it counts is what the ledger then holds.

use std::collections::BTreeMap;

use crm_campaigns::campaigns::{NewCampaign, Schedule, SkipReason};
use crm_campaigns::templates::Channel;
use crm_campaigns::{Campaigns, CampaignsError};
use crm_contacts::Contacts;
use crm_contacts::contacts::NewContact;
use crm_core::{EmailAddress, PageRequest};
use support::both_databases;

use super::desk::Desk;

both_databases! {
    async fn its_numbers_are_the_ledgers(desk: Desk) {
        desk.define("plan").await;
        for n in 1..=30 {
            let plan = if n % 3 == 0 { &[][..] } else { &[("plan", "gold")][..] };
            desk.contact_with(&format!("P{n}"), &format!("p{n}@example.org"), plan).await;
        }
        for n in 1..=4 {
            let new = NewContact { first_name: format!("Silent {n}"), ..NewContact::default() };
            desk.contacts.create(&desk.here, new).await.unwrap();
        }
        for n in [1, 2, 3] {
            let address = EmailAddress::parse(&format!("p{n}@example.org")).unwrap();
            desk.campaigns.unsubscribe(&desk.here, &address.into(), None).await.unwrap();
        }

        let draft = desk.draft("<p>{{ contact.first_name }}: {{ contact.custom.plan }}</p>").await;
        let preflight = desk.campaigns.preflight(&desk.here, draft.id).await.unwrap().unwrap();
        assert!(preflight.blockers.is_empty(), "{:?}", preflight.blockers);
        let out: BTreeMap<SkipReason, u64> = preflight.left_out.iter().map(|out| (out.reason, out.count)).collect();
        // Of those without a plan one (p3) has unsubscribed, which comes first.
        let expected = [(SkipReason::Suppressed, 3), (SkipReason::NoAddress, 4), (SkipReason::MissingVariable, 9)];
        assert_eq!(out, expected.into_iter().collect());
        assert_eq!((preflight.matched, preflight.recipients), (34, 18));
        assert_eq!(preflight.matched - out.values().sum::<u64>(), preflight.recipients);
        let silent = preflight.left_out.iter().find(|out| out.reason == SkipReason::NoAddress).unwrap();
        assert_eq!(silent.examples.len(), 4);

        desk.campaigns.submit(&desk.here, draft.id).await.unwrap();
        desk.campaigns.approve(&desk.here, draft.id, None, None).await.unwrap();
        let sending = desk.campaigns.send(&desk.here, draft.id).await.unwrap().unwrap();
        assert_eq!((sending.counts.queued, sending.counts.skipped), (18, 16));
        let mut ledger: BTreeMap<SkipReason, u64> = BTreeMap::new();
        let page = PageRequest { limit: 200, cursor: None };
        let rows = desk.campaigns.recipients(&desk.here, draft.id, None, page).await.unwrap().unwrap();
        for row in rows.items {
            if let Some(reason) = row.reason {
                *ledger.entry(reason).or_default() += 1;
            }
        }
        assert_eq!(ledger, out);
    }

    async fn samples_show_the_first_the_last_and_the_oddest(desk: Desk) {
        for (name, email) in [("Ada", "ada@example.org"), ("", "empty@example.org"), ("Bob", "bob@example.org"), ("Zoë", "zoe@example.org")] {
            desk.contact(name, email).await;
        }
        let id = desk.draft("<p>Hi {{ contact.first_name | default(\"you\") }}</p>").await.id;
        let preflight = desk.campaigns.preflight(&desk.here, id).await.unwrap().unwrap();
        let shown: Vec<&str> = preflight.samples.iter().map(|sample| sample.address.as_str()).collect();
        assert_eq!(shown, ["ada@example.org", "zoe@example.org", "empty@example.org"]);
        assert_eq!(preflight.samples[2].rendered.subject, "News for you");
        assert!(preflight.is_practice);
        assert!(preflight.warnings.iter().any(|words| words.contains("practice")), "{:?}", preflight.warnings);
    }

    async fn what_keeps_it_from_being_sent_is_said_and_refused(desk: Desk) {
        let template = desk.template("<p>Hi {{ contact.first_name }}</p>").await;
        let blocked = async |new: NewCampaign, words: &str| {
            let id = desk.campaigns.create(&desk.here, new).await.unwrap().id;
            let preflight = desk.campaigns.preflight(&desk.here, id).await.unwrap().unwrap();
            assert!(preflight.blockers.iter().any(|said| said.contains(words)), "{:?}", preflight.blockers);
            let refused = desk.campaigns.submit(&desk.here, id).await;
            assert!(matches!(refused, Err(CampaignsError::Blocked(_))), "{refused:?}");
        };
        blocked(desk.to_everybody(&template), "nobody matches").await;
        desk.contact("", "empty@example.org").await;
        blocked(desk.to_everybody(&template), "everybody who matches is left out").await;
        blocked(NewCampaign { template_id: None, ..desk.to_everybody(&template) }, "no template").await;
        let text = NewCampaign { channel: Channel::Text, template_id: None, ..desk.to_everybody(&template) };
        blocked(text, "no template").await;
    }

    async fn a_rate_tells_how_long_it_takes(desk: Desk) {
        desk.people(30).await;
        let template = desk.template("<p>x</p>").await;
        let schedule = Schedule { rate_per_minute: Some(10), ..Schedule::default() };
        let new = NewCampaign { schedule, ..desk.to_everybody(&template) };
        let id = desk.campaigns.create(&desk.here, new).await.unwrap().id;
        let preflight = desk.campaigns.preflight(&desk.here, id).await.unwrap().unwrap();
        assert_eq!(preflight.seconds, Some(180));
    }

    async fn unsubscribing_twice_is_unsubscribing_once(desk: Desk) {
        let contact = desk.contact("Ada", "ada@example.org").await;
        desk.contact("Bob", "bob@example.org").await;
        let first = desk.approved("<p>x</p>").await;
        desk.campaigns.send(&desk.here, first.id).await.unwrap();
        let page = PageRequest::default();
        let rows = desk.campaigns.recipients(&desk.here, first.id, None, page).await.unwrap().unwrap();
        let (address, campaign) = desk.campaigns.unsubscribe_target(&desk.here, rows.items[0].id).await.unwrap().unwrap();
        assert_eq!((address.as_str(), campaign), ("ada@example.org", first.id));
        assert!(desk.campaigns.unsubscribe_target(&desk.elsewhere, rows.items[0].id).await.unwrap().is_none());
        let mut asking = Vec::new();
        for _ in 0..3 {
            let (campaigns, here, address) = (desk.campaigns.clone(), desk.here.clone(), address.clone());
            asking.push(tokio::spawn(async move { campaigns.unsubscribe(&here, &address, Some(campaign)).await }));
        }
        for one in asking {
            one.await.unwrap().unwrap();
        }
        assert_eq!(desk.db.texts("SELECT reason FROM suppressions").await, ["unsubscribed"]);
        let noted = format!("SELECT count(*) FROM communication_logs WHERE contact_id = '{}' AND type = 'system'", contact.id);
        assert_eq!(desk.db.count(&noted).await, 1);
        assert_eq!(desk.db.texts("SELECT address FROM campaign_recipients WHERE unsubscribed_at IS NOT NULL").await, ["ada@example.org"]);

        let next = desk.approved("<p>x</p>").await;
        let sending = desk.campaigns.send(&desk.here, next.id).await.unwrap().unwrap();
        assert_eq!((sending.counts.queued, sending.counts.skipped), (1, 1));
    }
}
