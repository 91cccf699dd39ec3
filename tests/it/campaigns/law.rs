//! What the law asks of campaigns: a postal address below mail to many, and that people want it.

use std::collections::BTreeMap;
use std::time::Duration;

use crm_campaigns::campaigns::{SendPolicy, SkipReason};
use crm_campaigns::{Campaigns, CampaignsError, Consents, ConsentsError};
use crm_contacts::consents::{ConsentChannel, ConsentState, NewConsent};
use crm_contacts::segments::{SeaSegments, Segments};
use crm_contacts::{Contact, Segment};
use crm_core::{EmailAddress, PageRequest, Timestamp};
use serde_json::json;
use support::both_databases;

use super::desk::Desk;

const ADDRESS: &str = "Kornfeld\nMill Lane 1\n4020 Linz";

async fn set(desk: &Desk, change: impl FnOnce(&mut SendPolicy)) {
    let mut policy = desk.campaigns.policy(&desk.here).await.unwrap();
    change(&mut policy);
    desk.campaigns.set_policy(&desk.here, policy).await.unwrap();
}

fn yes(channel: ConsentChannel) -> NewConsent {
    NewConsent {
        channel,
        state: ConsentState::Granted,
        at: None,
        source: " web form ".to_owned(),
        wording: "Yes, send me news.".to_owned(),
    }
}

fn no(channel: ConsentChannel) -> NewConsent {
    NewConsent { state: ConsentState::Withdrawn, ..yes(channel) }
}

async fn say(desk: &Desk, contact: &Contact, new: NewConsent) {
    desk.consents.record(&desk.here, contact.id, new).await.unwrap().unwrap();
}

/// Who is left out of a draft to everybody, and the addresses of the ledger it would get.
async fn sent_to(desk: &Desk) -> (BTreeMap<SkipReason, u64>, Vec<String>) {
    let campaign = desk.approved("<p>Hello</p>").await;
    let preflight = desk.campaigns.preflight(&desk.here, campaign.id).await.unwrap().unwrap();
    let out = preflight.left_out.iter().map(|out| (out.reason, out.count)).collect();
    desk.campaigns.send(&desk.here, campaign.id).await.unwrap();
    let page = PageRequest { limit: 200, cursor: None };
    let rows = desk.campaigns.recipients(&desk.here, campaign.id, None, page).await.unwrap();
    let rows = rows.unwrap().items.into_iter();
    let mut to: Vec<String> =
        rows.filter(|row| row.reason.is_none()).filter_map(|row| row.address).collect();
    to.sort();
    (out, to)
}

async fn consenting(desk: &Desk, channel: &str) -> Vec<String> {
    let segment = Segment::parse(&json!({"consent": channel})).unwrap();
    let segments = SeaSegments::new(desk.ctx.clone());
    let found = segments.audience(&desk.here, &segment, None, 100).await.unwrap();
    found.into_iter().map(|contact| contact.first_name).collect()
}

both_databases! {
    async fn whoever_withdrew_gets_nothing_and_others_where_no_consent_is_asked(desk: Desk) {
        let ada = desk.contact("Ada", "ada@example.org").await;
        let bob = desk.contact("Bob", "bob@example.org").await;
        desk.contact("Cy", "cy@example.org").await;
        say(&desk, &ada, yes(ConsentChannel::Email)).await;
        say(&desk, &bob, no(ConsentChannel::Email)).await;
        // Said of texts, it says nothing of mail.
        say(&desk, &ada, no(ConsentChannel::Text)).await;
        assert_eq!(consenting(&desk, "email").await, ["Ada"]);
        assert_eq!(consenting(&desk, "text").await, Vec::<String>::new());
        let (out, to) = sent_to(&desk).await;
        assert_eq!(out, [(SkipReason::Suppressed, 1)].into());
        assert_eq!(to, ["ada@example.org", "cy@example.org"]);

        // Under another address they have said no all the same.
        let sql = format!("UPDATE base_contacts SET primary_email = 'bobby@example.org' WHERE id = '{}'", bob.id);
        desk.run(&sql).await;
        let (out, to) = sent_to(&desk).await;
        assert_eq!(out, [(SkipReason::NoConsent, 1)].into());
        assert_eq!(to, ["ada@example.org", "cy@example.org"]);
    }

    async fn where_a_consent_is_asked_only_those_who_gave_one_are_written_to(desk: Desk) {
        let ada = desk.contact("Ada", "ada@example.org").await;
        let bob = desk.contact("Bob", "bob@example.org").await;
        desk.contact("Cy", "cy@example.org").await;
        for contact in [&ada, &bob] {
            say(&desk, contact, yes(ConsentChannel::Email)).await;
        }
        set(&desk, |policy| policy.consent_email = true).await;
        let (out, to) = sent_to(&desk).await;
        assert_eq!(out, [(SkipReason::NoConsent, 1)].into());
        assert_eq!(to, ["ada@example.org", "bob@example.org"]);

        // Unsubscribing withdraws; what was said then is kept.
        let address = EmailAddress::parse("bob@example.org").unwrap();
        desk.campaigns.unsubscribe(&desk.here, &address.into(), None).await.unwrap();
        let said = desk.consents.of(&desk.here, bob.id).await.unwrap().unwrap();
        let said: Vec<_> = said.iter().map(|one| (one.state, one.source.as_str(), one.recorded_by.is_some())).collect();
        assert_eq!(said[0], (ConsentState::Withdrawn, "unsubscribed", true));
        assert_eq!((said.len(), said[1]), (2, (ConsentState::Granted, "web form", true)));
        assert_eq!(consenting(&desk, "email").await, ["Ada"]);
        let (out, to) = sent_to(&desk).await;
        assert_eq!(out, [(SkipReason::Suppressed, 1), (SkipReason::NoConsent, 1)].into());
        assert_eq!(to, ["ada@example.org"]);

        // A new consent lets them be written to again.
        say(&desk, &bob, yes(ConsentChannel::Email)).await;
        let (_, to) = sent_to(&desk).await;
        assert_eq!(to, ["ada@example.org", "bob@example.org"]);
        let log = desk.db.texts("SELECT CAST(content AS text) FROM communication_logs WHERE type = 'system'").await;
        assert!(log.iter().any(|entry| entry.contains("Consented to e-mail: web form")), "{log:?}");
    }

    async fn what_is_written_down_about_former_times_changes_nothing_said_since(desk: Desk) {
        let ada = desk.contact("Ada", "ada@example.org").await;
        say(&desk, &ada, no(ConsentChannel::Email)).await;
        let then: Timestamp = desk.ctx.now().minus(Duration::from_hours(48));
        say(&desk, &ada, NewConsent { at: Some(then), ..yes(ConsentChannel::Email) }).await;
        let draft = desk.draft("<p>Hello</p>").await;
        let preflight = desk.campaigns.preflight(&desk.here, draft.id).await.unwrap().unwrap();
        let out = preflight.left_out.first().map(|out| out.reason);
        assert_eq!(out, Some(SkipReason::Suppressed));
        let said = desk.consents.of(&desk.here, ada.id).await.unwrap().unwrap();
        assert_eq!((said[0].state, said[1].at), (ConsentState::Withdrawn, then));

        let refused = |new: NewConsent| desk.consents.record(&desk.here, ada.id, new);
        let empty = refused(NewConsent { source: " ".to_owned(), ..yes(ConsentChannel::Email) }).await;
        assert!(matches!(empty, Err(ConsentsError::InvalidSource)), "{empty:?}");
        let long = refused(NewConsent { wording: "x".repeat(2_001), ..yes(ConsentChannel::Email) }).await;
        assert!(matches!(long, Err(ConsentsError::InvalidWording)), "{long:?}");
        let later = desk.ctx.now().plus(Duration::from_secs(1));
        let future = refused(NewConsent { at: Some(later), ..yes(ConsentChannel::Email) }).await;
        assert!(matches!(future, Err(ConsentsError::InvalidTime)), "{future:?}");
        let stranger = desk.consents.record(&desk.elsewhere, ada.id, yes(ConsentChannel::Email)).await;
        assert!(stranger.unwrap().is_none());
        assert!(desk.consents.of(&desk.elsewhere, ada.id).await.unwrap().is_none());
    }


    async fn the_postal_address_stands_below_every_copy(desk: Desk) {
        desk.contact("Ada", "ada@example.org").await;
        set(&desk, |policy| policy.postal_address = String::from(ADDRESS)).await;
        let draft = desk.draft("<p>Hello {{ contact.first_name }}</p>").await;
        let preflight = desk.campaigns.preflight(&desk.here, draft.id).await.unwrap().unwrap();
        assert!(preflight.blockers.is_empty() && !preflight.lacks_address, "{:?}", preflight.blockers);
        let rendered = &preflight.samples[0].rendered;
        let line = "Kornfeld, Mill Lane 1, 4020 Linz";
        assert!(rendered.html.contains(line) && rendered.text.contains(line), "{}", rendered.text);
    }

    async fn without_an_address_it_is_said_and_refused_once_there_was_one(desk: Desk) {
        desk.contact("Ada", "ada@example.org").await;
        let draft = desk.draft("<p>Hello</p>").await;
        let preflight = desk.campaigns.preflight(&desk.here, draft.id).await.unwrap().unwrap();
        assert!(preflight.lacks_address && preflight.blockers.is_empty());
        assert!(preflight.warnings.iter().any(|said| said.contains("postal address")), "{:?}", preflight.warnings);
        // Whoever has never said where they are reached may send all the same.
        desk.campaigns.submit(&desk.here, draft.id).await.unwrap().unwrap();
        desk.campaigns.approve(&desk.here, draft.id, None, None).await.unwrap().unwrap();

        set(&desk, |policy| policy.postal_address = String::from(ADDRESS)).await;
        set(&desk, |policy| policy.postal_address.clear()).await;
        // Also what was approved before.
        let err = desk.campaigns.send(&desk.here, draft.id).await.unwrap_err();
        assert!(matches!(&err, CampaignsError::Blocked(why) if why.contains("postal address")), "{err:?}");
        let next = desk.draft("<p>Hello again</p>").await;
        let preflight = desk.campaigns.preflight(&desk.here, next.id).await.unwrap().unwrap();
        assert!(preflight.blockers.iter().any(|said| said.contains("Settings, Workspace, Law")), "{:?}", preflight.blockers);
        let err = desk.campaigns.submit(&desk.here, next.id).await.unwrap_err();
        assert!(matches!(&err, CampaignsError::Blocked(why) if why.contains("postal address")), "{err:?}");

        set(&desk, |policy| policy.require_postal_address = Some(false)).await;
        desk.campaigns.send(&desk.here, draft.id).await.unwrap().unwrap();
        desk.campaigns.submit(&desk.here, next.id).await.unwrap().unwrap();
        // Another workspace has rules of its own.
        assert_eq!(desk.campaigns.policy(&desk.elsewhere).await.unwrap(), SendPolicy::default());
    }

    async fn an_address_too_long_is_named(desk: Desk) {
        let policy = SendPolicy { postal_address: "x".repeat(501), ..SendPolicy::default() };
        let err = desk.campaigns.set_policy(&desk.here, policy).await.unwrap_err();
        assert!(matches!(err, CampaignsError::InvalidPolicy { field: "postal_address", .. }), "{err:?}");
    }
}
