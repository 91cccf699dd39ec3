//! Asking Twilio's list whether a message was taken. It knows no id of ours: a message to the same number since the claim is
//! the one that was in flight, as each number is in a ledger once and one claim is one request.

use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::TwilioProvider;
use crate::email::{InFlight, Settled};

/// By how much Twilio's clock and ours may differ.
const SLACK: Duration = Duration::from_secs(5);
/// A message that is not in the list so long after its claim was not taken: the list shows one within a moment.
const SURE: Duration = Duration::from_mins(2);

pub(super) async fn settle(on: &TwilioProvider, about: &InFlight) -> Settled {
    let Some(since) = about.since else { return Settled::Unknown };
    let since_day: String = since.to_string().chars().take(10).collect();
    let answer = on
        .api
        .get(&on.messages(), |request| {
            on.sign(request).query(&[
                ("To", about.address.as_str()),
                ("DateSent>", since_day.as_str()),
                ("PageSize", "100"),
            ])
        })
        .await;
    let Ok(answer) = answer else { return Settled::Unknown };
    let json = (answer.status == 200).then(|| answer.json()).flatten();
    let Some(messages) = json.as_ref().and_then(|json| json.get("messages")?.as_array()) else {
        return Settled::Unknown;
    };
    let text = |message: &Value, name: &str| message.get(name)?.as_str().map(ToOwned::to_owned);
    let is_ours = |message: &&Value| {
        let outbound = text(message, "direction").is_none_or(|word| word.starts_with("outbound"));
        let made =
            text(message, "date_created").and_then(|at| OffsetDateTime::parse(&at, &Rfc2822).ok());
        outbound && made.is_some_and(|made| made >= since.as_datetime() - SLACK)
    };
    let ours: Vec<&Value> = messages.iter().filter(is_ours).collect();
    // A list with a further page may have it there.
    let is_whole = text(json.as_ref().unwrap_or(&Value::Null), "next_page_uri").is_none();
    match ours.as_slice() {
        [message] => Settled::Accepted { provider_id: text(message, "sid") },
        [] if is_whole && on.clock.now().since(since) >= SURE => Settled::NotAccepted,
        // None yet; or more than one: somebody wrote by other roads as well.
        _ => Settled::Unknown,
    }
}
