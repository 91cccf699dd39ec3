//! Twilio's list of messages, page by page: those that came in, and what became of ours.

use crm_core::{Phone, Timestamp};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::TwilioProvider;
use crate::http::one_line;
use crate::polling::{ListedText, Page};

/// A page of messages of a day and those after it.
pub(super) async fn page(
    on: &TwilioProvider,
    since: Timestamp,
    next: Option<&str>,
) -> Result<Page<ListedText>, String> {
    let list = on.messages();
    let first = || {
        let day: String = since.to_string().chars().take(10).collect();
        format!("{list}?DateSent%3E={day}&PageSize=200")
    };
    let path = next.map_or_else(first, ToOwned::to_owned);
    let answer = on.api.get(&path, |request| on.sign(request)).await;
    let answer = answer.map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("Twilio answered {} when it was asked for messages", answer.status));
    }
    let json = answer.json().ok_or("Twilio answered nothing that can be read")?;
    let items = json.get("messages").and_then(Value::as_array);
    let items = items.ok_or("Twilio answered without messages")?;
    // It leads on in the same list, or nowhere: the token goes nowhere else.
    let next = json.get("next_page_uri").and_then(Value::as_str);
    let next =
        next.filter(|next| next.strip_prefix(&list).is_some_and(|rest| rest.starts_with('?')));
    let items = items.iter().filter_map(|item| listed(on, item)).collect();
    Ok(Page { items, next: next.map(ToOwned::to_owned) })
}

/// A message of the list; `None` where it is somebody else's, who shares the account.
fn listed(on: &TwilioProvider, item: &Value) -> Option<ListedText> {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let sid = one_line(text("sid")?);
    if text("direction")? == "inbound" {
        let ours = if on.is_service { "messaging_service_sid" } else { "to" };
        let sent = text("date_sent").or_else(|| text("date_created"));
        let at = sent.and_then(|at| OffsetDateTime::parse(at, &Rfc2822).ok());
        // A short code or a name cannot be answered, and nobody in the contact book has it.
        let from = Phone::parse(text("from")?, "").ok()?;
        let received = ListedText::Received {
            sid,
            from,
            body: text("body").unwrap_or_default().to_owned(),
            at: at.map(Timestamp::from_datetime),
        };
        return (text(ours)? == on.sender).then_some(received);
    }
    let error = item.get("error_code").and_then(Value::as_u64);
    Some(ListedText::Sent {
        sid,
        status: text("status")?.to_owned(),
        error: error.and_then(|code| u32::try_from(code).ok()),
    })
}
