//! What waits for a person.

use super::super::common::Link;
use super::super::contact::MessageRow;
use super::super::inbox::{InboxPage, WaitingCampaign};
use super::super::shell::Section;

pub(in super::super) fn pages() -> Vec<InboxPage> {
    let campaign = |number: usize, name: &str| WaitingCampaign {
        id: super::id(number),
        name: name.to_owned(),
        author: Some("Monalisa Rossi".to_owned()),
        people: 370,
        doubtful: 2,
        since: "2026-11-03T11:02:00.000Z".to_owned(),
        reason: Some("The provider refused the password.".to_owned()),
        may_decide: true,
    };
    let own = WaitingCampaign { may_decide: false, ..campaign(2, "Advent baking box") };
    let messages = super::contacts::messages().into_iter();
    let messages = messages.filter(|row| row.state == "unknown" || row.state == "stopped");
    let full = InboxPage {
        shell: super::shell(Section::Inbox, "Inbox"),
        approvals: vec![campaign(1, "Winter rye, first delivery"), own],
        in_doubt: vec![campaign(3, "Autumn flours")],
        stopped: vec![campaign(
            4,
            "Spring news for everybody who bought rye in the last two years",
        )],
        messages: messages
            .map(|row| MessageRow {
                contact: Some(Link::new("Aylin Yıldız", "/contacts/1")),
                ..row
            })
            .collect(),
        may_approve: true,
        may_send: true,
    };
    let reader = InboxPage { may_approve: false, may_send: false, ..full.clone() };
    let empty = InboxPage {
        shell: super::new_shell(Section::Inbox, "Inbox"),
        may_approve: true,
        may_send: true,
        ..InboxPage::default()
    };
    vec![full, reader, empty]
}
