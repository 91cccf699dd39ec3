//! Messages of which nobody can tell whether they were taken.

use crm_campaigns::campaigns::{Campaign, RecipientState, Status, UnknownDecision};
use crm_campaigns::{Campaigns, CampaignsError};
use crm_core::{PageRequest, RecipientId};
use support::both_databases;

use super::desk::Desk;

/// A campaign of three: one was sent, two were in flight when the program stopped.
async fn interrupted(desk: &Desk, status: &str) -> (Campaign, Vec<RecipientId>) {
    desk.people(3).await;
    let campaign = desk.approved("<p>Hi {{ contact.first_name }}</p>").await;
    desk.campaigns.send(&desk.here, campaign.id).await.unwrap();
    desk.run("UPDATE campaign_recipients SET state = 'sent' WHERE address = 'p1@example.org'")
        .await;
    desk.run("UPDATE campaign_recipients SET state = 'unknown', attempts = 1 WHERE address <> 'p1@example.org'").await;
    desk.run(&format!("UPDATE campaigns SET status = '{status}'")).await;
    let unknown = Some(RecipientState::Unknown);
    let rows =
        desk.campaigns.recipients(&desk.here, campaign.id, unknown, PageRequest::default()).await;
    let ids = rows.unwrap().unwrap().items.iter().map(|row| row.id).collect();
    (campaign, ids)
}

both_databases! {
    async fn one_is_sent_again_and_one_taken_as_sent(desk: Desk) {
        let (campaign, ids) = interrupted(&desk, "sent").await;
        let (here, id) = (&desk.here, campaign.id);
        let decide = async |recipient, decision| desk.campaigns.decide_unknown(here, id, recipient, decision).await.unwrap();
        assert_eq!(decide(Some(ids[0]), UnknownDecision::MarkSent).await, Some(1));
        assert_eq!(decide(Some(ids[0]), UnknownDecision::MarkSent).await, Some(0));
        assert_eq!(decide(Some(ids[0]), UnknownDecision::SendAgain).await, Some(0));
        assert_eq!(desk.status(&campaign).await, Status::Sent);
        assert_eq!(desk.db.texts("SELECT campaign_recipient_id FROM communication_logs WHERE type = 'email'").await, [ids[0].to_string()]);

        assert_eq!(decide(None, UnknownDecision::SendAgain).await, Some(1));
        let now = desk.reload(&campaign).await;
        assert_eq!((now.status, now.counts.sent, now.counts.queued, now.counts.unknown), (Status::Sending, 2, 1, 0));
        assert_eq!(desk.db.count("SELECT count(*) FROM outbox").await, 2);
        assert_eq!(desk.db.count("SELECT count_sent FROM campaigns").await, 2);
        assert!(desk.campaigns.decide_unknown(&desk.elsewhere, id, None, UnknownDecision::SendAgain).await.unwrap().is_none());
    }

    async fn a_paused_campaign_stays_paused_and_a_cancelled_one_sends_nothing(desk: Desk) {
        let (campaign, ids) = interrupted(&desk, "paused").await;
        let again = desk.campaigns.decide_unknown(&desk.here, campaign.id, Some(ids[0]), UnknownDecision::SendAgain).await;
        assert_eq!(again.unwrap(), Some(1));
        assert_eq!(desk.status(&campaign).await, Status::Paused);
        desk.campaigns.cancel(&desk.here, campaign.id).await.unwrap();
        let refused = desk.campaigns.decide_unknown(&desk.here, campaign.id, None, UnknownDecision::SendAgain).await;
        assert!(matches!(refused, Err(CampaignsError::InvalidState { .. })), "{refused:?}");
        let marked = desk.campaigns.decide_unknown(&desk.here, campaign.id, None, UnknownDecision::MarkSent).await;
        assert_eq!(marked.unwrap(), Some(1));
    }
}
