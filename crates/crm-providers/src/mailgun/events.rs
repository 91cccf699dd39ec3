//! Asking Mailgun what it knows of a message.

use std::time::Duration;

use serde_json::Value;

use super::{Mailgun, RECIPIENT};
use crate::email::{InFlight, Settled};

/// Mailgun lists an event some seconds after it happened: one that is not there is asked for again after these waits.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];
/// Mailgun holds a list of events to be complete when this time has passed since.
const COMPLETE_AFTER: Duration = Duration::from_mins(30);
/// The shortest time any plan keeps events, and a little less.
const KEPT_FOR: Duration = Duration::from_hours(23);

/// What a list of events says.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// Mailgun has the message.
    Taken(Option<String>),
    /// It had it and threw it away, which nobody but a person can mend.
    Rejected,
    /// There is no event of it.
    Nothing,
}

/// What became of a message, as far as Mailgun can tell.
pub(super) async fn settle(on: &Mailgun, about: &InFlight) -> Settled {
    let mut waits = AGAIN_AFTER.into_iter();
    loop {
        // A key that may only send is not let in here, and an account that is gone knows nothing.
        let Some(found) = ask(on, about).await else { return Settled::Unknown };
        match found {
            Found::Taken(provider_id) => return Settled::Accepted { provider_id },
            Found::Rejected => return Settled::Unknown,
            Found::Nothing if surely_complete(on, about) => return Settled::NotAccepted,
            Found::Nothing => {}
        }
        let Some(wait) = waits.next() else { return Settled::Unknown };
        tokio::time::sleep(wait).await;
    }
}

/// Whether an event of the message would be listed by now, and still.
fn surely_complete(on: &Mailgun, about: &InFlight) -> bool {
    about.since.is_some_and(|since| {
        let age = on.clock.now().as_datetime() - since.as_datetime();
        age >= COMPLETE_AFTER && age <= KEPT_FOR
    })
}

async fn ask(on: &Mailgun, about: &InFlight) -> Option<Found> {
    let message_id: String =
        url::form_urlencoded::byte_serialize(about.message_id.as_bytes()).collect();
    let path = format!("/v3/{}/events?limit=50&message-id={message_id}", on.domain);
    let answer = on.api.get(&path, |request| on.sign(request)).await;
    let answer =
        answer.inspect_err(|error| tracing::info!(%error, "Mailgun cannot be asked")).ok()?;
    if answer.status != 200 {
        tracing::info!(status = answer.status, "Mailgun does not tell its events");
        return None;
    }
    found(&answer.json()?, about)
}

fn found(answer: &Value, about: &InFlight) -> Option<Found> {
    let items = answer.get("items")?.as_array()?;
    let text =
        |item: &Value, path: &str| item.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let recipient = about.recipient_id.to_string();
    let ours = items.iter().filter(|item| {
        let id = text(item, "/message/headers/message-id");
        id.is_some_and(|id| id.trim_matches(['<', '>']) == about.message_id)
            || text(item, &format!("/user-variables/{RECIPIENT}")) == Some(recipient.clone())
    });
    let mut found = Found::Nothing;
    for item in ours {
        match item.get("event").and_then(Value::as_str) {
            Some("rejected") => found = Found::Rejected,
            Some(_) => return Some(Found::Taken(text(item, "/message/headers/message-id"))),
            None => {}
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use crm_core::RecipientId;
    use serde_json::json;

    use super::*;

    fn about() -> InFlight {
        let recipient_id: RecipientId = "0193563d-8a00-7000-8000-000000000001".parse().unwrap();
        let (address, message_id) = ("c@d.example".to_owned(), "a@b.example".to_owned());
        InFlight { recipient_id, address, message_id, since: None }
    }

    #[test]
    fn only_events_of_the_message_count() {
        let event = |event: &str, id: &str, variable: &str| {
            json!({"event": event, "message": {"headers": {"message-id": id}},
                "user-variables": {RECIPIENT: variable}})
        };
        let list = |items: Vec<Value>| found(&json!({"items": items}), &about());
        let taken = || Some(Found::Taken(Some("a@b.example".to_owned())));
        assert_eq!(list(vec![]), Some(Found::Nothing));
        assert_eq!(list(vec![event("accepted", "other@b.example", "")]), Some(Found::Nothing));
        assert_eq!(list(vec![event("accepted", "a@b.example", "")]), taken());
        assert_eq!(list(vec![event("rejected", "a@b.example", "")]), Some(Found::Rejected));
        let both = vec![event("rejected", "a@b.example", ""), event("failed", "a@b.example", "")];
        assert_eq!(list(both), taken());
        let renamed = event("delivered", "new@b.example", "0193563d-8a00-7000-8000-000000000001");
        assert_eq!(list(vec![renamed]), Some(Found::Taken(Some("new@b.example".to_owned()))));
        assert_eq!(found(&json!({"message": "no"}), &about()), None);
    }
}
