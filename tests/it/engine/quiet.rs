//! Nobody gets a text of a campaign at night, by the clock where they are.

use std::time::Duration;

use crm_campaigns::campaigns::{Campaigns as _, Schedule, SendPolicy, Status};
use crm_campaigns::messages::{MessageState as S, NewMessage};
use crm_campaigns::quiet::QuietHours;
use crm_campaigns::templates::Channel;
use crm_campaigns::{Messages as _, MessagesError};
use crm_contacts::contacts::NewContact;
use crm_core::ContactId;
use support::both_databases;

use super::messages::{look, until};
use super::rig::Rig;
use super::texts::{note, practice};

const NUMBERS: [&str; 3] = ["+436641234567", "+819012345678", "+12025550123"];

const TAKEN: &str = "SELECT to_address FROM practice_messages ORDER BY to_address";

/// Vienna, Tokyo, and somewhere in the United States. It is Sunday, 23:30 UTC: half past midnight, half past eight in the
/// morning, and half past six in the evening at the latest.
async fn people(rig: &Rig) -> Vec<ContactId> {
    let mut made = Vec::new();
    for number in NUMBERS {
        let new = NewContact {
            first_name: "Rita".to_owned(),
            primary_phone: Some(number.to_owned()),
            ..NewContact::default()
        };
        made.push(rig.services.contacts.create(&rig.scope, new).await.unwrap().id);
    }
    made
}

async fn quiet(rig: &Rig) {
    let policy = SendPolicy { quiet_hours: Some(QuietHours::default()), ..SendPolicy::default() };
    rig.services.campaigns.set_policy(&rig.scope, policy).await.unwrap();
}

both_databases! {
    async fn a_text_waits_for_the_morning_where_it_is_going(rig: Rig) {
        people(&rig).await;
        quiet(&rig).await;
        let id = rig.approved_from(note("Hi"), practice(&rig).await, Schedule::default()).await;
        let looked = rig.services.campaigns.preflight(&rig.scope, id).await.unwrap().unwrap();
        assert!(looked.warnings.iter().any(|said| said.starts_with("1 of them have their quiet hours now (21:00 to 08:00)")), "{:?}", looked.warnings);
        rig.services.campaigns.send(&rig.scope, id).await.unwrap().unwrap();
        rig.look_at(id).await;
        let waiting = rig
            .until("those who are awake to have it", id, |now| now.counts.sent == 2 && now.counts.retry_wait == 1)
            .await;
        assert_eq!(waiting.status, Status::Sending);
        assert_eq!(rig.db.texts(TAKEN).await, [NUMBERS[2], NUMBERS[1]]);
        let row = rig.db.texts(
            "SELECT address || ' ' || next_attempt_at || ' ' || attempts || ' ' || error FROM campaign_recipients WHERE state = 'retry_wait'",
        ).await;
        assert_eq!(row, [format!("{} 2026-11-23T07:00:00.000Z 0 quiet hours where they are: it leaves when those are over", NUMBERS[0])]);

        // A minute before there is nothing to do, however often it is looked at.
        rig.clock.advance(Duration::from_mins(7 * 60 + 29));
        rig.look_at(id).await;
        rig.after_claims(id).await;
        assert_eq!(rig.get(id).await.counts.retry_wait, 1);
        rig.clock.advance(Duration::from_mins(1));
        rig.look_at(id).await;
        rig.until_sent(id).await;
        assert_eq!(rig.db.texts(TAKEN).await.len(), 3);
        assert_eq!(rig.ledger(id, "error").await, ["", "", ""]);
        rig.assert_sound(id).await;
    }

    async fn many_who_sleep_are_set_aside_and_nobody_twice(rig: Rig) {
        for n in 0..450 {
            let new = NewContact { primary_phone: Some(format!("+43664{:07}", 1_000_000 + n)), ..NewContact::default() };
            rig.services.contacts.create(&rig.scope, new).await.unwrap();
        }
        quiet(&rig).await;
        let id = rig.approved_from(note("Hi"), practice(&rig).await, Schedule::default()).await;
        rig.services.campaigns.send(&rig.scope, id).await.unwrap().unwrap();
        rig.look_at(id).await;
        rig.until("everybody to wait", id, |now| now.counts.retry_wait == 450).await;
        assert_eq!(rig.db.texts(TAKEN).await, Vec::<String>::new());
        rig.clock.advance(Duration::from_hours(8));
        rig.look_at(id).await;
        rig.until_sent(id).await;
        assert_eq!(rig.db.texts(TAKEN).await.len(), 450);
        rig.assert_sound(id).await;
    }

    async fn a_text_to_one_person_asks_first(rig: Rig) {
        let ids = people(&rig).await;
        quiet(&rig).await;
        let text = |despite_quiet_hours| NewMessage {
            channel: Channel::Text,
            subject: String::new(),
            body: "Are you there?".to_owned(),
            template_id: None,
            despite_unsubscribed: false,
            despite_quiet_hours,
        };
        let asked = rig.services.messages.send(&rig.scope, ids[0], text(false)).await;
        assert!(matches!(&asked, Err(MessagesError::QuietHours(until)) if until.to_string() == "2026-11-23T07:00:00.000Z"), "{asked:?}");
        let awake = rig.services.messages.send(&rig.scope, ids[1], text(false)).await.unwrap().unwrap();
        let sent = rig.services.messages.send(&rig.scope, ids[0], text(true)).await.unwrap().unwrap();
        rig.clock.advance(crm_campaigns::messages::HOLD);
        look(&rig).await;
        until(&rig, awake.id, S::Sent).await;
        until(&rig, sent.id, S::Sent).await;
    }
}
