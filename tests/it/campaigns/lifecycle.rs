//! A campaign from draft to sending and to its end, without the engine.

use std::time::Duration;

use crm_campaigns::campaigns::{NewCampaign, RecipientState, Schedule, SkipReason, Status};
use crm_campaigns::{Campaigns, CampaignsError};
use crm_contacts::Segment;
use crm_core::{CampaignId, ListId, PageRequest, ProviderId, TemplateId, Timestamp};
use support::both_databases;

use super::desk::{Desk, START, letter};
use crm_campaigns::Templates;

const BODY: &str = "<p>Hi {{ contact.first_name }}</p>";

fn is_invalid_state<T>(result: Result<T, CampaignsError>) -> bool {
    matches!(result, Err(CampaignsError::InvalidState { .. }))
}

fn all() -> PageRequest {
    PageRequest::default()
}

both_databases! {
    async fn from_draft_to_the_ledger(desk: Desk) {
        desk.people(3).await;
        let draft = desk.draft(BODY).await;
        assert_eq!((draft.status, draft.content_hash.clone(), draft.counts.total()), (Status::Draft, None, 0));

        let submitted = desk.campaigns.submit(&desk.here, draft.id).await.unwrap().unwrap();
        assert_eq!((submitted.status, submitted.audience_count), (Status::PendingApproval, Some(3)));
        let hash = submitted.content_hash.clone().unwrap();
        assert_eq!(hash.len(), 64);
        let request = submitted.approval.unwrap();
        assert_eq!((request.status.as_str(), &request.content_hash, request.requested_by), ("pending", &hash, Some(desk.owner)));

        let approved = desk.campaigns.approve(&desk.here, draft.id, Some("fine".to_owned()), Some(hash)).await.unwrap().unwrap();
        let answer = approved.approval.unwrap();
        assert_eq!((approved.status, answer.status.as_str(), answer.notes.as_deref()), (Status::Approved, "approved", Some("fine")));
        assert_eq!(answer.reviewer_id, Some(desk.owner));

        let sending = desk.campaigns.send(&desk.here, draft.id).await.unwrap().unwrap();
        assert_eq!((sending.status, sending.counts.queued, sending.started_at), (Status::Sending, 3, Some(START.parse().unwrap())));
        let ledger = desk.campaigns.recipients(&desk.here, draft.id, None, all()).await.unwrap().unwrap();
        for row in &ledger.items {
            assert_eq!((row.state, row.attempts), (RecipientState::Queued, 0));
            assert!(row.message_id.starts_with(&format!("{}@", row.id)), "{}", row.message_id);
        }
        let addresses: Vec<_> = ledger.items.iter().filter_map(|row| row.address.as_deref()).collect();
        assert_eq!(addresses, ["p1@example.org", "p2@example.org", "p3@example.org"]);
        assert_eq!(desk.db.count("SELECT count(*) FROM outbox WHERE name = 'look-at-campaign'").await, 1);
        assert_eq!(desk.db.count("SELECT count_total FROM campaigns").await, 3);
        assert_eq!(
            desk.audited().await,
            ["campaign.created", "campaign.submitted", "campaign.approved", "campaign.started"]
        );
    }

    async fn pause_resume_and_cancel(desk: Desk) {
        desk.people(2).await;
        let id = desk.approved(BODY).await.id;
        desk.campaigns.send(&desk.here, id).await.unwrap();
        let paused = desk.campaigns.pause(&desk.here, id).await.unwrap().unwrap();
        assert_eq!((paused.status, paused.counts.queued), (Status::Paused, 2));
        let resumed = desk.campaigns.resume(&desk.here, id).await.unwrap().unwrap();
        assert_eq!(resumed.status, Status::Sending);
        assert_eq!(desk.db.count("SELECT count(*) FROM outbox").await, 2);

        let cancelled = desk.campaigns.cancel(&desk.here, id).await.unwrap().unwrap();
        assert_eq!((cancelled.status, cancelled.counts.skipped, cancelled.counts.queued), (Status::Cancelled, 2, 0));
        let ledger = desk.campaigns.recipients(&desk.here, id, Some(RecipientState::Skipped), all()).await.unwrap().unwrap();
        assert!(ledger.items.iter().all(|row| row.reason == Some(SkipReason::Cancelled)));
        assert!(is_invalid_state(desk.campaigns.resume(&desk.here, id).await));
    }

    async fn moves_out_of_turn_are_refused(desk: Desk) {
        desk.people(1).await;
        let id = desk.draft(BODY).await.id;
        assert!(is_invalid_state(desk.campaigns.approve(&desk.here, id, None, None).await));
        assert!(is_invalid_state(desk.campaigns.reject(&desk.here, id, "no".to_owned()).await));
        assert!(is_invalid_state(desk.campaigns.send(&desk.here, id).await));
        assert!(is_invalid_state(desk.campaigns.schedule(&desk.here, id).await));
        assert!(is_invalid_state(desk.campaigns.pause(&desk.here, id).await));
        assert!(is_invalid_state(desk.campaigns.resume(&desk.here, id).await));
        assert!(is_invalid_state(desk.campaigns.cancel(&desk.here, id).await));
        assert!(is_invalid_state(desk.campaigns.withdraw(&desk.here, id).await));
        desk.campaigns.submit(&desk.here, id).await.unwrap();
        assert!(is_invalid_state(desk.campaigns.submit(&desk.here, id).await));
        desk.campaigns.approve(&desk.here, id, None, None).await.unwrap();
        desk.campaigns.send(&desk.here, id).await.unwrap();
        assert!(is_invalid_state(desk.campaigns.send(&desk.here, id).await));
        assert!(is_invalid_state(desk.campaigns.delete(&desk.here, id).await));
        let template = desk.template(BODY).await;
        assert!(is_invalid_state(desk.campaigns.update(&desk.here, id, None, desk.to_everybody(&template)).await));
    }

    async fn a_start_happens_once_however_many_ask(desk: Desk) {
        desk.people(20).await;
        let id = desk.approved(BODY).await.id;
        let mut asking = Vec::new();
        for _ in 0..4 {
            let (campaigns, here) = (desk.campaigns.clone(), desk.here.clone());
            asking.push(tokio::spawn(async move { campaigns.send(&here, id).await }));
        }
        let mut started = 0;
        for one in asking {
            match one.await.unwrap() {
                Ok(Some(_)) => started += 1,
                Err(CampaignsError::InvalidState { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(started, 1);
        assert_eq!(desk.db.count("SELECT count(*) FROM campaign_recipients").await, 20);
        assert_eq!(desk.db.count("SELECT count(*) FROM outbox").await, 1);
    }

    async fn a_schedule_needs_a_time_to_come(desk: Desk) {
        desk.people(1).await;
        let template = desk.template(BODY).await;
        let start: Timestamp = START.parse().unwrap();
        let at = start.plus(Duration::from_hours(3));
        let schedule = Schedule { send_at: Some(at), ..Schedule::default() };
        let new = NewCampaign { schedule, ..desk.to_everybody(&template) };
        let id = desk.campaigns.create(&desk.here, new).await.unwrap().id;
        desk.campaigns.submit(&desk.here, id).await.unwrap();
        desk.campaigns.approve(&desk.here, id, None, None).await.unwrap();
        let scheduled = desk.campaigns.schedule(&desk.here, id).await.unwrap().unwrap();
        assert_eq!((scheduled.status, scheduled.schedule.send_at), (Status::Scheduled, Some(at)));
        let taken_back = desk.campaigns.withdraw(&desk.here, id).await.unwrap().unwrap();
        assert_eq!((taken_back.status, taken_back.content_hash), (Status::Draft, None));
        assert!(taken_back.approval.is_none());

        let now = desk.approved(BODY).await.id;
        let refused = desk.campaigns.schedule(&desk.here, now).await;
        assert!(matches!(refused, Err(CampaignsError::InvalidSchedule(_))), "{refused:?}");
    }

    async fn another_workspaces_campaign_is_not_there(desk: Desk) {
        desk.people(1).await;
        let (there, id) = (&desk.elsewhere, desk.draft(BODY).await.id);
        let campaigns = &desk.campaigns;
        let theirs = desk.templates.create(there, letter("Theirs", BODY)).await.unwrap();
        let change = NewCampaign { template_id: Some(theirs.id), ..desk.to_everybody(&theirs) };
        assert!(campaigns.get(there, id).await.unwrap().is_none());
        assert!(campaigns.update(there, id, None, change).await.unwrap().is_none());
        assert!(!campaigns.delete(there, id).await.unwrap());
        assert!(campaigns.preflight(there, id).await.unwrap().is_none());
        assert!(campaigns.submit(there, id).await.unwrap().is_none());
        assert!(campaigns.approve(there, id, None, None).await.unwrap().is_none());
        assert!(campaigns.reject(there, id, "no".to_owned()).await.unwrap().is_none());
        assert!(campaigns.withdraw(there, id).await.unwrap().is_none());
        assert!(campaigns.schedule(there, id).await.unwrap().is_none());
        assert!(campaigns.send(there, id).await.unwrap().is_none());
        assert!(campaigns.pause(there, id).await.unwrap().is_none());
        assert!(campaigns.resume(there, id).await.unwrap().is_none());
        assert!(campaigns.cancel(there, id).await.unwrap().is_none());
        assert!(campaigns.test(there, id, "a@example.org").await.unwrap().is_none());
        assert!(campaigns.recipients(there, id, None, all()).await.unwrap().is_none());
        assert!(campaigns.list(there, None, all()).await.unwrap().items.is_empty());
        assert_eq!(campaigns.list(&desk.here, Some(Status::Draft), all()).await.unwrap().items.len(), 1);
    }

    async fn a_draft_is_made_of_what_is_there(desk: Desk) {
        let template = desk.template(BODY).await;
        let theirs = desk.templates.create(&desk.elsewhere, letter("Theirs", BODY)).await.unwrap();
        let new = desk.to_everybody(&template);
        let refused = async |new: NewCampaign| desk.campaigns.create(&desk.here, new).await.unwrap_err();
        assert!(matches!(refused(NewCampaign { name: " ".to_owned(), ..new.clone() }).await, CampaignsError::InvalidName));
        let nobodys: TemplateId = "01920000-0000-7000-8000-000000000001".parse().unwrap();
        for id in [nobodys, theirs.id] {
            assert!(matches!(refused(NewCampaign { template_id: Some(id), ..new.clone() }).await, CampaignsError::InvalidTemplate));
        }
        let nobodys: ProviderId = "01920000-0000-7000-8000-000000000001".parse().unwrap();
        assert!(matches!(refused(NewCampaign { provider_id: Some(nobodys), ..new.clone() }).await, CampaignsError::InvalidProvider));
        let nobodys: ListId = "01920000-0000-7000-8000-000000000001".parse().unwrap();
        assert!(matches!(refused(NewCampaign { segment: Segment::list(nobodys), ..new.clone() }).await, CampaignsError::Segment(_)));
        let nobodys: CampaignId = "01920000-0000-7000-8000-000000000001".parse().unwrap();
        assert!(desk.campaigns.submit(&desk.here, nobodys).await.unwrap().is_none());
    }

    async fn a_test_message_leaves_no_trace_in_the_ledger(desk: Desk) {
        desk.people(1).await;
        let id = desk.draft(BODY).await.id;
        let refused = desk.campaigns.test(&desk.here, id, "nobody").await;
        assert!(matches!(refused, Err(CampaignsError::InvalidRecipient(_))), "{refused:?}");
        let outcome = desk.campaigns.test(&desk.here, id, "me@example.org").await.unwrap().unwrap();
        assert!(matches!(outcome, crm_providers::Outcome::Accepted { .. }), "{outcome:?}");
        assert_eq!(desk.db.texts("SELECT to_address FROM practice_messages").await, ["me@example.org"]);
        assert_eq!(desk.db.texts("SELECT subject FROM practice_messages").await, ["News for P1"]);
        assert_eq!(desk.db.count("SELECT count(*) FROM campaign_recipients").await, 0);
    }
}
