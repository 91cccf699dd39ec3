//! Two subjects tried on a part of the audience, and the better one for everybody else.

use std::time::Duration;

use crm_campaigns::Templates as _;
use crm_campaigns::campaigns::{
    Campaigns as _, CampaignsError, NewCampaign, Schedule, SendPolicy, Status, SubjectTest,
    Variant, WinnerRule,
};
use crm_campaigns::templates::{Channel, NewTemplate};
use crm_campaigns::tracking::Hit;
use crm_contacts::Segment;
use crm_core::{CampaignId, Clock as _, RecipientId};
use support::both_databases;

use super::rig::Rig;

const PEOPLE: usize = 20;
const WAIT: Duration = Duration::from_hours(1);

fn test() -> SubjectTest {
    SubjectTest {
        subject_b: "Only today, {{ contact.first_name }}".to_owned(),
        share_percent: 20,
        wait_minutes: 60,
        winner: WinnerRule::Opened,
    }
}

async fn draft(rig: &Rig, subject_test: SubjectTest) -> Result<CampaignId, CampaignsError> {
    let template = NewTemplate {
        name: rig.services.ctx.ids.uuid().to_string(),
        subject: "News for {{ contact.first_name }}".to_owned(),
        body_html: "<p>All is well.</p>".to_owned(),
        ..NewTemplate::default()
    };
    let template = rig.services.templates.create(&rig.scope, template).await.unwrap();
    let new = NewCampaign {
        name: "Two subjects".to_owned(),
        channel: Channel::Email,
        template_id: Some(template.id),
        segment: Segment::everybody(),
        schedule: Schedule::default(),
        subject_test: Some(subject_test),
        provider_id: Some(rig.practice().await),
    };
    Ok(rig.services.campaigns.create(&rig.scope, new).await?.id)
}

async fn find_out_who_opens(rig: &Rig) {
    let policy = SendPolicy { track_opens: true, ..SendPolicy::default() };
    rig.services.campaigns.set_policy(&rig.scope, policy).await.unwrap();
}

/// Sends the test's part and nothing else.
async fn tried(rig: &Rig, subject_test: SubjectTest) -> CampaignId {
    find_out_who_opens(rig).await;
    rig.contacts(PEOPLE).await;
    let id = draft(rig, subject_test).await.unwrap();
    let campaigns = &rig.services.campaigns;
    campaigns.submit(&rig.scope, id).await.unwrap().unwrap();
    campaigns.approve(&rig.scope, id, None, None).await.unwrap().unwrap();
    campaigns.send(&rig.scope, id).await.unwrap().unwrap();
    rig.look_at(id).await;
    rig.until("the test to be sent", id, |now| now.counts.sent == 4).await;
    let counts = rig.get(id).await.counts;
    assert_eq!((counts.retry_wait, counts.queued), (16, 0), "the others wait");
    id
}

async fn subjects(rig: &Rig, like: &str) -> i64 {
    rig.db
        .count(&format!("SELECT count(*) FROM practice_messages WHERE subject LIKE '{like}%'"))
        .await
}

async fn rows(rig: &Rig, id: CampaignId, variant: &str) -> Vec<RecipientId> {
    let sql = format!(
        "SELECT id FROM campaign_recipients WHERE campaign_id = '{id}' AND variant = '{variant}'"
    );
    rig.db.texts(&sql).await.iter().map(|id| id.parse().unwrap()).collect()
}

both_databases! {
    async fn the_better_subject_goes_to_everybody_else(rig: Rig) {
        let id = tried(&rig, test()).await;
        assert_eq!((subjects(&rig, "News for Rita").await, subjects(&rig, "Only today, Rita").await), (2, 2));
        let b = rows(&rig, id, "b").await;
        rig.clock.advance(Duration::from_mins(10));
        let hit = Hit {
            at: rig.clock.now(),
            user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
            looks_ahead: false,
        };
        rig.services.campaigns.note_open(&rig.scope, b[0], hit).await.unwrap();
        rig.clock.advance(Duration::from_secs(2_999));
        rig.look_at(id).await;
        rig.after_claims(id).await;
        assert_eq!(rig.get(id).await.counts.sent, 4, "not before its time");
        rig.clock.advance(Duration::from_secs(1));
        rig.look_at(id).await;
        let sent = rig.until_sent(id).await;
        assert_eq!((sent.counts.sent, sent.subject_winner), (20, Some(Variant::B)));
        assert_eq!((subjects(&rig, "News for Rita").await, subjects(&rig, "Only today, Rita").await), (2, 18));
        rig.assert_sound(id).await;
        assert_eq!(rows(&rig, id, "b").await.len(), 18, "the ledger says who got which");
        let report = rig.services.campaigns.report(&rig.scope, id).await.unwrap().unwrap();
        let (a, b) = report.subjects.unwrap();
        assert_eq!(((a.sent, a.opened), (b.sent, b.opened)), ((2, 0), (18, 1)));
        let told = "SELECT count(*) FROM communication_logs WHERE type = 'email' AND CAST(content AS text) LIKE '%Only today%'";
        assert_eq!(rig.db.count(told).await, 18);
        let audit = "SELECT count(*) FROM audit_logs WHERE action = 'campaign.subject_chosen'";
        assert_eq!(rig.db.count(audit).await, 1);
    }

    async fn a_person_may_choose_before_its_time_and_once(rig: Rig) {
        let id = tried(&rig, test()).await;
        let campaigns = &rig.services.campaigns;
        campaigns.choose_subject(&rig.scope, id, Variant::A).await.unwrap().unwrap();
        rig.look_at(id).await;
        let sent = rig.until_sent(id).await;
        assert_eq!((sent.counts.sent, sent.subject_winner), (20, Some(Variant::A)));
        assert_eq!((subjects(&rig, "News for Rita").await, subjects(&rig, "Only today, Rita").await), (18, 2));
        let again = campaigns.choose_subject(&rig.scope, id, Variant::B).await;
        assert!(matches!(again, Err(CampaignsError::InvalidState { .. })), "{again:?}");
    }

    async fn pausing_and_cancelling_hold_for_those_who_wait(rig: Rig) {
        let id = tried(&rig, test()).await;
        rig.pause(id).await;
        rig.clock.advance(WAIT * 2);
        rig.look_at(id).await;
        rig.after_claims(id).await;
        assert_eq!(rig.get(id).await.counts.sent, 4);
        rig.services.campaigns.cancel(&rig.scope, id).await.unwrap().unwrap();
        let over = rig.get(id).await;
        assert_eq!((over.status, over.counts.skipped), (Status::Cancelled, 16));
    }

    async fn nobody_is_written_to_between_two_looks_at_the_clock(rig: Rig) {
        let id = tried(&rig, test()).await;
        // The clock passed the hour after the engine looked whether to decide and before it looked who is due.
        let due = "next_attempt_at = (SELECT started_at FROM campaigns WHERE campaigns.id = campaign_id)";
        rig.run(&format!(
            "UPDATE campaign_recipients SET {due} WHERE campaign_id = '{id}' AND variant IS NULL"
        ))
        .await;
        rig.look_at(id).await;
        rig.after_claims(id).await;
        assert_eq!(rig.get(id).await.counts.sent, 4, "the subject is not decided");
        rig.services.campaigns.choose_subject(&rig.scope, id, Variant::B).await.unwrap().unwrap();
        rig.look_at(id).await;
        rig.until_sent(id).await;
        assert_eq!((rows(&rig, id, "a").await.len(), rows(&rig, id, "b").await.len()), (2, 18));
        assert_eq!(subjects(&rig, "Only today, Rita").await, 18);
    }

    async fn a_whole_audience_may_be_the_test(rig: Rig) {
        find_out_who_opens(&rig).await;
        rig.contacts(7).await;
        let id = draft(&rig, SubjectTest { share_percent: 100, ..test() }).await.unwrap();
        let campaigns = &rig.services.campaigns;
        campaigns.submit(&rig.scope, id).await.unwrap().unwrap();
        campaigns.approve(&rig.scope, id, None, None).await.unwrap().unwrap();
        campaigns.send(&rig.scope, id).await.unwrap().unwrap();
        rig.look_at(id).await;
        rig.until_sent(id).await;
        assert_eq!((rows(&rig, id, "a").await.len(), rows(&rig, id, "b").await.len()), (4, 3));
    }

    async fn wrong_tests_are_refused_by_name(rig: Rig) {
        rig.contacts(3).await;
        let refused = async |test: SubjectTest| match draft(&rig, test).await {
            Err(CampaignsError::InvalidSubjectTest { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        let with = |subject_b: &str| SubjectTest { subject_b: subject_b.to_owned(), ..test() };
        for wrong in [" ", "two\nlines", "{{ contact.shoe }}", "{{ contact", "News for {{ contact.first_name }}", &"x".repeat(301)] {
            assert_eq!(refused(with(wrong)).await, "subject_b", "{wrong}");
        }
        for share_percent in [0, 1, 101] {
            assert_eq!(refused(SubjectTest { share_percent, ..test() }).await, "share_percent");
        }
        for wait_minutes in [0, 9, 20_161] {
            assert_eq!(refused(SubjectTest { wait_minutes, ..test() }).await, "wait_minutes");
        }
        // What decides has to be known.
        let id = draft(&rig, test()).await.unwrap();
        let looked = rig.services.campaigns.preflight(&rig.scope, id).await.unwrap().unwrap();
        assert!(looked.blockers.iter().any(|blocker| blocker.contains("who opens messages")), "{looked:?}");
        assert!(looked.samples[0].subject_b.as_deref().unwrap().starts_with("Only today, Rita"));
        find_out_who_opens(&rig).await;
        let looked = rig.services.campaigns.preflight(&rig.scope, id).await.unwrap().unwrap();
        assert_eq!(looked.blockers, Vec::<String>::new());
    }
}
