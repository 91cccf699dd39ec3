//! Mailgun's list of events, page by page.

use crm_core::Timestamp;
use serde_json::Value;

use super::Mailgun;
use super::webhook::Event;
use crate::polling::Page;

/// Events we hear of.
const WANTED: &str = "delivered OR failed OR unsubscribed OR complained";

/// A page of events since a moment, the oldest first. The list is at its end where a page is empty.
pub(super) async fn page(
    on: &Mailgun,
    since: Timestamp,
    next: Option<&str>,
) -> Result<Page<Event>, String> {
    let list = format!("/v3/{}/events", on.domain);
    let first = || {
        let wanted: String = url::form_urlencoded::byte_serialize(WANTED.as_bytes()).collect();
        let begin = since.unix_millis() / 1000;
        format!("{list}?begin={begin}&ascending=yes&limit=300&event={wanted}")
    };
    let path = next.map_or_else(first, ToOwned::to_owned);
    let answer = on.api.get(&path, |request| on.sign(request)).await;
    let answer = answer.map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("Mailgun answered {} when it was asked for its events", answer.status));
    }
    let json = answer.json().ok_or("Mailgun answered nothing that can be read")?;
    let items = json.get("items").and_then(Value::as_array);
    let items = items.ok_or("Mailgun answered without events")?;
    let next = json.pointer("/paging/next").and_then(Value::as_str);
    let next = next.filter(|_| !items.is_empty()).and_then(|next| behind(next, &list));
    Ok(Page { items: items.iter().filter_map(Event::read).collect(), next })
}

/// The path of an address that leads on in this list. It is asked where the first page was, wherever it points: the key goes
/// nowhere else.
fn behind(next: &str, list: &str) -> Option<String> {
    let url = url::Url::parse(next).ok()?;
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let rest = path.strip_prefix(list)?;
    (rest.starts_with('/') || rest.starts_with('?')).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_on_where_it_began() {
        let list = "/v3/mg.a.example/events";
        let next = |url: &str| behind(url, list);
        let on = "https://api.eu.mailgun.net/v3/mg.a.example/events/Wzcz?x=1";
        assert_eq!(next(on).as_deref(), Some("/v3/mg.a.example/events/Wzcz?x=1"));
        for other in [
            "https://api.mailgun.net/v3/mg.b.example/events/W",
            "https://api.mailgun.net/v3/mg.a.example/eventsX",
            "https://api.mailgun.net/v3/mg.a.example/events/../../keys",
            "/v3/mg.a.example/events/W",
            "",
        ] {
            assert_eq!(next(other), None, "{other}");
        }
    }
}
