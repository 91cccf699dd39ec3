//! Text messages through the same engine: campaigns and messages to one person, and who gets none.

use crm_campaigns::campaigns::{Campaigns as _, CampaignsError, NewCampaign, Schedule};
use crm_campaigns::messages::{HOLD, MessageState as S, NewMessage};
use crm_campaigns::suppressions::{NewEntry, Reason};
use crm_campaigns::templates::{Channel, NewTemplate};
use crm_campaigns::{Messages as _, MessagesError, Suppressions as _, Templates as _};
use crm_contacts::Segment;
use crm_contacts::contacts::NewContact;
use crm_core::{ContactId, ProviderId};
use crm_providers::ProviderKind;
use support::both_databases;

use super::messages::{look, until};
use super::rig::Rig;

const OUTBOX: &str =
    "SELECT channel || '|' || to_address || '|' || text FROM practice_messages ORDER BY to_address";

pub(super) fn number(n: usize) -> String {
    format!("+4366412345{n:02}")
}

/// People with a number each, in order; and one without.
pub(super) async fn people(rig: &Rig, count: usize) -> Vec<ContactId> {
    let mut made = Vec::new();
    for n in 0..count {
        let new = NewContact {
            first_name: format!("Rita {n}"),
            primary_phone: Some(number(n)),
            ..NewContact::default()
        };
        made.push(rig.services.contacts.create(&rig.scope, new).await.unwrap().id);
    }
    let none = NewContact { first_name: "Nobody".to_owned(), ..NewContact::default() };
    rig.services.contacts.create(&rig.scope, none).await.unwrap();
    made
}

pub(super) async fn practice(rig: &Rig) -> ProviderId {
    let found = rig.services.providers.default(&rig.scope, ProviderKind::Text).await;
    found.unwrap().unwrap().id
}

pub(super) fn note(body: &str) -> NewTemplate {
    NewTemplate { channel: Channel::Text, body_text: body.to_owned(), ..NewTemplate::default() }
}

async fn suppress(rig: &Rig, n: usize, reason: Reason) {
    let entry = NewEntry { channel: Channel::Text, address: number(n), reason };
    rig.services.suppressions().add(&rig.scope, entry).await.unwrap();
}

fn text(body: &str) -> NewMessage {
    NewMessage {
        channel: Channel::Text,
        subject: String::new(),
        body: body.to_owned(),
        template_id: None,
        despite_unsubscribed: false,
        despite_quiet_hours: false,
    }
}

both_databases! {
    async fn a_text_campaign_leaves_by_the_ledger(rig: Rig) {
        people(&rig, 4).await;
        suppress(&rig, 2, Reason::Unsubscribed).await;
        let template = note("Hi {{ contact.first_name }}, we open at 9. To stop: {{ unsubscribe_url }}");
        let id = rig.approved_from(template, practice(&rig).await, Schedule::default()).await;
        let looked = rig.services.campaigns.preflight(&rig.scope, id).await.unwrap().unwrap();
        assert_eq!((looked.recipients, looked.is_practice, looked.text_parts), (3, true, Some(3)));
        rig.services.campaigns.send(&rig.scope, id).await.unwrap().unwrap();
        rig.look_at(id).await;
        let sent = rig.until_sent(id).await;
        assert_eq!((sent.counts.sent, sent.counts.skipped), (3, 2), "one has no number, one wants none");

        let kept = rig.db.texts(OUTBOX).await;
        let wanted = [0, 1, 3].map(|n| {
            format!("text|{}|Hi Rita {n}, we open at 9. To stop: reply STOP", number(n))
        });
        assert_eq!(kept, wanted);
        rig.assert_sound(id).await;
        let told = "SELECT type FROM communication_logs WHERE campaign_recipient_id IS NOT NULL";
        assert_eq!(rig.db.texts(told).await, ["text"; 3]);
    }

    async fn a_campaign_and_its_provider_are_of_one_channel(rig: Rig) {
        let template = NewTemplate { name: "Note".to_owned(), ..note("Hi") };
        let template = rig.services.templates.create(&rig.scope, template).await.unwrap();
        let new = NewCampaign {
            name: "Note".to_owned(),
            channel: Channel::Text,
            template_id: Some(template.id),
            segment: Segment::everybody(),
            schedule: Schedule::default(),
            subject_test: None,
            provider_id: Some(rig.practice().await),
        };
        let refused = rig.services.campaigns.create(&rig.scope, new).await;
        assert!(matches!(refused, Err(CampaignsError::InvalidProvider)), "{refused:?}");
    }

    async fn a_link_in_a_text_stops_texts_alone(rig: Rig) {
        let ids = people(&rig, 1).await;
        let id = rig.approved_from(note("Hi"), practice(&rig).await, Schedule::default()).await;
        rig.services.campaigns.send(&rig.scope, id).await.unwrap().unwrap();
        rig.look_at(id).await;
        rig.until_sent(id).await;
        let campaigns = &rig.services.campaigns;
        let row = rig.db.texts("SELECT id FROM campaign_recipients WHERE state = 'sent'").await;
        let row = row[0].parse().unwrap();
        let (address, of) = campaigns.unsubscribe_target(&rig.scope, row).await.unwrap().unwrap();
        assert_eq!((address.to_string(), of), (number(0), id));
        campaigns.unsubscribe(&rig.scope, &address, Some(of)).await.unwrap();
        campaigns.unsubscribe(&rig.scope, &address, Some(of)).await.unwrap();
        let stored = "SELECT channel || '|' || address || '|' || reason FROM suppressions";
        assert_eq!(rig.db.texts(stored).await, [format!("text|{}|unsubscribed", number(0))]);
        let said = "SELECT CAST(content AS text) FROM communication_logs WHERE type = 'system'";
        let said = rig.db.texts(said).await;
        assert!(said.len() == 1 && said[0].contains("text messages"), "{said:?}");

        let refused = rig.services.messages.send(&rig.scope, ids[0], text("Still there?")).await;
        assert!(matches!(refused, Err(MessagesError::Unsubscribed(_))), "{refused:?}");
    }

    async fn a_text_to_one_person_is_held_and_sent_once(rig: Rig) {
        let ids = people(&rig, 2).await;
        let send = async |id, body: &str| rig.services.messages.send(&rig.scope, id, text(body)).await;
        for body in [" ", &"x".repeat(1_601)] {
            let refused = send(ids[0], body).await;
            assert!(matches!(refused, Err(MessagesError::InvalidBody(Channel::Text))), "{refused:?}");
        }
        let first = send(ids[0], "Hi {{ contact.first_name }},\nsee you at 9.").await.unwrap().unwrap();
        assert_eq!((first.state, first.to.as_deref()), (S::Held, Some(number(0).as_str())));
        let second = send(ids[1], "Never mind").await.unwrap().unwrap();
        look(&rig).await;
        rig.services.messages.undo(&rig.scope, second.id).await.unwrap().unwrap();
        assert_eq!(rig.db.texts(OUTBOX).await, Vec::<String>::new(), "it is held");
        rig.clock.advance(HOLD);
        until(&rig, first.id, S::Sent).await;
        let kept = rig.db.texts(OUTBOX).await;
        assert_eq!(kept, [format!("text|{}|Hi Rita 0,\nsee you at 9.", number(0))]);
        let get = async |id| rig.services.messages.get(&rig.scope, id).await.unwrap().unwrap().state;
        assert_eq!(get(second.id).await, S::Undone);
        let entry = "SELECT count(*) FROM communication_logs WHERE type = 'text' AND CAST(content AS text) LIKE '%Rita 0%'";
        assert_eq!(rig.db.count(entry).await, 1);
    }
}
