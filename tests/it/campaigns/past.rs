//! What campaigns have done so far: with one contact, and in a span of time.

use std::time::Duration;

use crm_campaigns::Campaigns;
use crm_campaigns::campaigns::RecipientState;
use crm_campaigns::suppressions::Reason;
use crm_campaigns::templates::Channel;
use crm_core::{ContactId, EmailAddress, RecipientId, Timestamp};
use support::both_databases;

use super::desk::{Desk, START};

/// The moment every test begins, moved by whole hours.
fn hours(from_start: i64) -> Timestamp {
    let start: Timestamp = START.parse().unwrap();
    let by = Duration::from_hours(from_start.unsigned_abs());
    if from_start < 0 { start.minus(by) } else { start.plus(by) }
}

both_databases! {
    async fn a_contact_knows_its_campaigns(desk: Desk) {
        desk.people(2).await;
        let campaign = desk.approved("<p>Hi {{ contact.first_name }}</p>").await;
        let ids = desk.db.texts("SELECT id FROM base_contacts ORDER BY primary_email").await;
        let ada: ContactId = ids[0].parse().unwrap();
        assert!(desk.campaigns.of_contact(&desk.here, ada).await.unwrap().is_empty());

        desk.campaigns.send(&desk.here, campaign.id).await.unwrap();
        let found = desk.campaigns.of_contact(&desk.here, ada).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].campaign_id, &found[0].name), (campaign.id, &campaign.name));
        assert_eq!((found[0].state, found[0].sent_at), (RecipientState::Queued, None));
        assert!(desk.campaigns.of_contact(&desk.elsewhere, ada).await.unwrap().is_empty());

        let rows: Vec<RecipientId> =
            desk.db.texts("SELECT id FROM campaign_recipients").await.iter().map(|id| id.parse().unwrap()).collect();
        assert_eq!(desk.campaigns.of_recipients(&desk.here, &rows).await.unwrap().len(), 2);
        assert_eq!(desk.campaigns.of_recipients(&desk.here, &[found[0].recipient_id]).await.unwrap()[0].campaign_id, campaign.id);
        assert!(desk.campaigns.of_recipients(&desk.elsewhere, &rows).await.unwrap().is_empty());
        assert!(desk.campaigns.of_recipients(&desk.here, &[]).await.unwrap().is_empty());
    }

    async fn messages_are_counted_by_when_they_left(desk: Desk) {
        desk.people(4).await;
        let campaign = desk.approved("<p>Hi {{ contact.first_name }}</p>").await;
        desk.campaigns.send(&desk.here, campaign.id).await.unwrap();
        assert_eq!(desk.campaigns.sent_since(&desk.here, hours(-1)).await.unwrap(), 0);
        // Two left an hour after the start, one five hours after it, one was refused.
        for (who, state, at) in [("p1", "sent", hours(1)), ("p2", "sent", hours(1)), ("p3", "sent", hours(5)), ("p4", "failed", hours(5))] {
            desk.run(&format!("UPDATE campaign_recipients SET state = '{state}', sent_at = '{at}' WHERE address = '{who}@example.org'")).await;
        }
        desk.run("UPDATE campaigns SET count_sent = 3").await;
        let since = async |hour| desk.campaigns.sent_since(&desk.here, hours(hour)).await.unwrap();
        assert_eq!((since(-1).await, since(0).await, since(2).await, since(6).await), (3, 3, 1, 0));
        desk.run(&format!("UPDATE campaigns SET status = 'sent', finished_at = '{}'", hours(5))).await;
        assert_eq!((since(2).await, since(6).await), (1, 0));
        assert_eq!(desk.campaigns.sent_since(&desk.elsewhere, hours(-1)).await.unwrap(), 0);
    }

    async fn an_address_says_why_it_gets_nothing(desk: Desk) {
        let address = EmailAddress::parse("p1@example.org").unwrap();
        let asked = async |scope, channel| desk.campaigns.suppression(scope, channel, "p1@example.org").await.unwrap();
        assert!(asked(&desk.here, Channel::Email).await.is_none());
        desk.campaigns.unsubscribe(&desk.here, &address.into(), None).await.unwrap();
        let found = asked(&desk.here, Channel::Email).await.unwrap();
        assert_eq!((found.reason, found.since.to_string().as_str()), (Reason::Unsubscribed, START));
        assert!(asked(&desk.here, Channel::Text).await.is_none());
        assert!(asked(&desk.elsewhere, Channel::Email).await.is_none());
    }
}
