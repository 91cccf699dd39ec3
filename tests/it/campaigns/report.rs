//! Duplicates of campaigns, what came of one, and its ledger as a file.

use crm_campaigns::Campaigns;
use crm_campaigns::campaigns::{
    CampaignsError, NewCampaign, Outcomes, RecipientState, Schedule, SkipReason, Status, Window,
};
use crm_core::ContactId;
use support::both_databases;

use super::desk::Desk;

async fn set(desk: &Desk, who: &str, what: &str) {
    desk.run(&format!("UPDATE campaign_recipients SET {what} WHERE address = '{who}@example.org'"))
        .await;
}

both_databases! {
    async fn a_copy_is_a_draft_of_the_same_without_the_moment(desk: Desk) {
        desk.people(2).await;
        let template = desk.template("<p>Hi</p>").await;
        let window = Window { days: vec![1, 2], from: "09:00".to_owned(), to: "17:00".to_owned() };
        let schedule = Schedule {
            send_at: Some("2026-12-01T09:00:00Z".parse().unwrap()),
            timezone: Some("Europe/Vienna".to_owned()),
            rate_per_minute: Some(4),
            window: Some(window),
        };
        let new = NewCampaign { schedule: schedule.clone(), ..desk.to_everybody(&template) };
        let made = desk.campaigns.create(&desk.here, new).await.unwrap();
        desk.campaigns.submit(&desk.here, made.id).await.unwrap().unwrap();

        let copy = desk.campaigns.duplicate(&desk.here, made.id, None).await.unwrap().unwrap();
        assert_eq!((copy.status, copy.name.as_str(), copy.template_id), (Status::Draft, "Newsletter copy", Some(template.id)));
        assert_eq!(copy.schedule, Schedule { send_at: None, ..schedule });
        assert_eq!((copy.segment, copy.content_hash, copy.approval.map(|a| a.id)), (made.segment.clone(), None, None));
        assert_eq!(desk.status(&desk.reload(&made).await).await, Status::PendingApproval);
        let named = desk.campaigns.duplicate(&desk.here, made.id, Some(" Rye ".to_owned())).await.unwrap().unwrap();
        assert_eq!(named.name, "Rye");
        let long = desk.campaigns.duplicate(&desk.here, made.id, Some("x".repeat(201))).await;
        assert!(matches!(long, Err(crm_campaigns::campaigns::CampaignsError::InvalidName)));
        assert!(desk.campaigns.duplicate(&desk.elsewhere, made.id, None).await.unwrap().is_none());
        assert_eq!(desk.audited().await.iter().filter(|action| *action == "campaign.duplicated").count(), 2);
    }

    async fn a_report_counts_what_the_ledger_says(desk: Desk) {
        desk.people(6).await;
        let campaign = desk.approved("<p>Hi {{ contact.first_name }}</p>").await;
        desk.campaigns.send(&desk.here, campaign.id).await.unwrap();
        let before = desk.campaigns.report(&desk.here, campaign.id).await.unwrap().unwrap();
        assert_eq!((before.counts.queued, before.pace.len(), before.outcomes), (6, 0, Outcomes::default()));
        let at = |minute: u32| format!("'2026-11-03T09:{minute:02}:30.000Z'");
        set(&desk, "p1", &format!("state = 'sent', sent_at = {}, opened_at = {0}, clicked_at = {0}", at(1))).await;
        set(&desk, "p2", &format!("state = 'sent', sent_at = {}, replied_at = {}", at(1), at(9))).await;
        set(&desk, "p3", &format!("state = 'sent', sent_at = {}, unsubscribed_at = {}", at(4), at(9))).await;
        set(&desk, "p4", &format!("state = 'failed', updated_at = {}, bounced_at = {}", at(4), at(4))).await;
        set(&desk, "p5", "state = 'skipped', reason = 'no_address'").await;

        let report = desk.campaigns.report(&desk.here, campaign.id).await.unwrap().unwrap();
        assert_eq!((report.counts.sent, report.counts.failed, report.counts.skipped, report.counts.queued), (3, 1, 1, 1));
        assert_eq!(report.outcomes, Outcomes { opened: 1, clicked: 1, replied: 1, bounced: 1, unsubscribed: 1 });
        assert_eq!(report.left_out, [(SkipReason::NoAddress, 1)]);
        assert_eq!(report.span_seconds, 60);
        let pace: Vec<_> = report.pace.iter().map(|span| (span.at.to_string(), span.sent, span.failed)).collect();
        let expected = [("09:01", 2, 0), ("09:02", 0, 0), ("09:03", 0, 0), ("09:04", 1, 1)];
        assert_eq!(pace, expected.map(|(at, sent, failed)| (format!("2026-11-03T{at}:00.000Z"), sent, failed)));
        assert!(desk.campaigns.report(&desk.elsewhere, campaign.id).await.unwrap().is_none());

        // Days apart, the spans are longer and nobody is lost.
        set(&desk, "p3", "sent_at = '2026-11-09T09:00:00.000Z'").await;
        let report = desk.campaigns.report(&desk.here, campaign.id).await.unwrap().unwrap();
        assert!(report.pace.len() <= 60 && report.span_seconds > 3_600, "{report:?}");
        assert_eq!(report.pace.iter().map(|span| span.sent + span.failed).sum::<u64>(), 4);
    }

    async fn a_follow_up_is_for_those_who_got_it_and_did_not_answer(desk: Desk) {
        desk.people(5).await;
        let campaign = desk.approved("<p>Hi {{ contact.first_name }}</p>").await;
        let early = desk.campaigns.follow_up(&desk.here, campaign.id).await;
        assert!(matches!(early, Err(CampaignsError::InvalidState { from: "approved", verb: "followed up" })), "{early:?}");
        desk.campaigns.send(&desk.here, campaign.id).await.unwrap();
        for who in ["p1", "p2", "p3"] {
            set(&desk, who, "state = 'sent', sent_at = '2026-11-03T09:01:00.000Z'").await;
        }
        set(&desk, "p2", "replied_at = '2026-11-03T09:05:00.000Z'").await;
        set(&desk, "p4", "state = 'failed'").await;
        set(&desk, "p5", "state = 'skipped', reason = 'suppressed'").await;

        let made = desk.campaigns.follow_up(&desk.here, campaign.id).await.unwrap().unwrap();
        assert_eq!((made.status, made.name.as_str(), made.template_id), (Status::Draft, "Newsletter: follow-up", campaign.template_id));
        assert_eq!((made.channel, made.provider_id, made.schedule.send_at), (campaign.channel, campaign.provider_id, None));
        assert_eq!(desk.audited().await.iter().filter(|action| *action == "campaign.followed_up").count(), 1);
        assert_eq!(desk.campaigns.preflight(&desk.here, made.id).await.unwrap().unwrap().recipients, 2);
        // Whoever answers before it is sent is not in it.
        set(&desk, "p1", "replied_at = '2026-11-03T09:06:00.000Z'").await;
        let found = desk.campaigns.preflight(&desk.here, made.id).await.unwrap().unwrap();
        assert_eq!(found.recipients, 1);
        assert_eq!(found.samples.first().map(|sample| sample.address.as_str()), Some("p3@example.org"));
        assert!(desk.campaigns.follow_up(&desk.elsewhere, campaign.id).await.unwrap().is_none());
    }

    async fn the_ledger_leaves_as_a_file_that_runs_nothing(desk: Desk) {
        desk.people(2).await;
        desk.contact("=cmd()", "p3@example.org").await;
        let campaign = desk.approved("<p>Hi {{ contact.first_name }}</p>").await;
        desk.campaigns.send(&desk.here, campaign.id).await.unwrap();
        set(&desk, "p3", "state = 'failed', error = '-5 refused'").await;
        desk.campaigns.note_export(&desk.here, campaign.id, None).await.unwrap().unwrap();
        assert!(desk.campaigns.note_export(&desk.elsewhere, campaign.id, None).await.unwrap().is_none());
        assert_eq!(desk.audited().await.last().unwrap(), "campaign.exported");

        let (bytes, next) = desk.campaigns.export(&desk.here, campaign.id, None, None).await.unwrap();
        assert!(next.is_none());
        let text = String::from_utf8(bytes).unwrap();
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[0].starts_with("address,first_name,last_name,company,state,reason,error,"), "{}", lines[0]);
        let failed = lines.iter().find(|line| line.starts_with("p3@")).unwrap();
        assert!(failed.starts_with("p3@example.org,'=cmd(),Test,,failed,,'-5 refused,"), "{failed}");

        let state = Some(RecipientState::Failed);
        let (bytes, _) = desk.campaigns.export(&desk.here, campaign.id, state, None).await.unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap().lines().count(), 2);
        let (bytes, _) = desk.campaigns.export(&desk.elsewhere, campaign.id, None, None).await.unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap().lines().count(), 1);
    }

    async fn a_long_ledger_leaves_in_stretches_without_gaps(desk: Desk) {
        desk.people(1).await;
        let campaign = desk.approved("<p>Hi</p>").await;
        desk.campaigns.send(&desk.here, campaign.id).await.unwrap();
        let workspace = desk.here.workspace_id();
        for number in 0..1_200 {
            let id = desk.ctx.id(ContactId::from_uuid);
            desk.run(&format!(
                "INSERT INTO campaign_recipients (id, workspace_id, campaign_id, channel, address, state, created_at, updated_at) \
                 VALUES ('{id}', '{workspace}', '{}', 'email', 'x{number}@example.org', 'sent', '2026-11-03T09:00:00.000Z', '2026-11-03T09:00:00.000Z')",
                campaign.id
            )).await;
        }
        let (mut after, mut rows) = (None, 0);
        loop {
            let (bytes, next) = desk.campaigns.export(&desk.here, campaign.id, None, after).await.unwrap();
            rows += String::from_utf8(bytes).unwrap().lines().count();
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(rows, 1 + 1_201);
    }
}
