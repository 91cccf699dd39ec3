//! Questions about what was sent, what came back, and what was done.

use crm_core::{Scope, Snapshot, StoreError};

use super::super::figures::{self, Answers, Happened, Span, added, campaigns, happened, moves};
use super::super::rules::{FEWEST, plain};
use super::super::sheet::{float, percent, tenth};
use super::{Bar, Told, many, quoted};

pub(super) fn of_answers(found: &Answers) -> Told {
    let labels = ["Within an hour", "Within 4 hours", "Within a day", "Within 3 days", "Later"];
    let unanswered = found.received - found.answered;
    let counts = found.within.iter().copied().chain([unanswered]);
    let rows = labels.into_iter().chain(["No answer yet"]).zip(counts).map(|(label, count)| Bar {
        label: label.to_owned(),
        url: String::new(),
        values: vec![Some(float(count)), Some(percent(count, found.received))],
    });
    let is_too_few = float(found.received) < FEWEST;
    let answer = match found.median_hours {
        _ if found.received == 0 => "Nobody wrote in this time.".to_owned(),
        Some(hours) if !is_too_few => format!(
            "Half of {} were answered within {} hours; {} not been answered.",
            many(found.received, "message", "messages"),
            plain(hours),
            if unanswered == 1 {
                "1 has".to_owned()
            } else {
                format!("{} have", plain(float(unanswered)))
            }
        ),
        _ => format!(
            "Too few to compare: {} came in, {} answered.",
            many(found.received, "message", "messages"),
            if found.answered == 1 {
                "1 was".to_owned()
            } else {
                format!("{} were", plain(float(found.answered)))
            }
        ),
    };
    Told {
        answer,
        is_too_few,
        columns: vec![("Messages", "messages"), ("Share", "%")],
        drawn: 0,
        rows: rows.collect(),
        filter: ("/inbox".to_owned(), "What waits for an answer".to_owned()),
    }
}

pub(super) async fn of_campaigns(
    on: &Snapshot,
    scope: &Scope,
    span: Span,
) -> Result<Told, StoreError> {
    let all = campaigns(on, scope, span).await?;
    let (mut sent, mut replied) = (0, 0);
    let rows: Vec<Bar> = all
        .iter()
        .map(|one| {
            let tally = one.tally;
            sent += tally.sent;
            replied += tally.replied;
            let counts = [tally.sent, tally.replied, tally.bounced, tally.left];
            let [sent, replied, bounced, left] = counts.map(|count| Some(float(count)));
            let rate = Some(percent(tally.replied, tally.sent));
            Bar {
                label: one.name.clone(),
                url: format!("/campaigns/{}", one.id),
                values: vec![sent, replied, rate, bounced, left],
            }
        })
        .collect();
    let is_too_few = float(sent) < FEWEST;
    let number = u64::try_from(all.len()).unwrap_or_default();
    let told = format!(
        "{} brought {} to {}",
        many(number, "campaign", "campaigns"),
        many(replied, "answer", "answers"),
        many(sent, "message", "messages")
    );
    let answer = match (number, is_too_few) {
        (0, _) => "No campaign was sent in this time.".to_owned(),
        (_, true) => format!("{told}; too few to compare."),
        (_, false) => format!("{told}, which is {} %.", plain(percent(replied, sent))),
    };
    Ok(Told {
        answer,
        is_too_few,
        columns: vec![
            ("Sent", "messages"),
            ("Replied", "messages"),
            ("Reply rate", "%"),
            ("Bounced", "messages"),
            ("Unsubscribed", "people"),
        ],
        drawn: 2,
        rows,
        filter: ("/campaigns?status=sent".to_owned(), "Campaigns that were sent".to_owned()),
    })
}

pub(super) async fn of_changes(
    on: &Snapshot,
    scope: &Scope,
    span: Span,
    before: Span,
) -> Result<Told, StoreError> {
    let mut rows = Vec::new();
    let mut row = |label: &str, url: &str, now: u64, was: u64| {
        let change = (was > 0).then(|| tenth((float(now) - float(was)) * 100.0 / float(was)));
        rows.push(Bar {
            label: label.to_owned(),
            url: url.to_owned(),
            values: vec![Some(float(now)), Some(float(was)), change],
        });
    };
    let (now, was) = (added(on, scope, span).await?, added(on, scope, before).await?);
    row("Contacts added", "/contacts?sort=-created_on", now, was);
    let counted = [
        ("Moves to another stage", "/pipeline", Happened::Moves),
        ("Calls", "", Happened::Calls),
        ("Notes", "", Happened::Notes),
    ];
    let mut total = now + was;
    for (label, url, what) in counted {
        let (now, was) =
            (happened(on, scope, what, span).await?, happened(on, scope, what, before).await?);
        total += now + was;
        row(label, url, now, was);
    }
    let (sent, earlier) = (campaigns(on, scope, span).await?, campaigns(on, scope, before).await?);
    let sum = |all: &[figures::Sent], of: fn(&figures::Tally) -> u64| {
        all.iter().map(|one| of(&one.tally)).sum::<u64>()
    };
    let (left, left_before) = (sum(&sent, |tally| tally.sent), sum(&earlier, |tally| tally.sent));
    row("Messages of campaigns", "/campaigns?status=sent", left, left_before);
    row(
        "Answers to campaigns",
        "/campaigns?status=sent",
        sum(&sent, |tally| tally.replied),
        sum(&earlier, |tally| tally.replied),
    );
    total += left + left_before;
    let gone = moves(on, scope, span).await?.into_iter().max_by_key(|(_, count)| *count);
    let most = gone.map(|(stage, count)| {
        format!(" Most moved on from {}: {}.", quoted(&stage), plain(float(count)))
    });
    let answer = format!(
        "{} came in, {} in the time before.{}",
        many(now, "contact", "contacts"),
        plain(float(was)),
        most.unwrap_or_default()
    );
    Ok(Told {
        answer,
        is_too_few: float(total) < FEWEST,
        columns: vec![("This time", ""), ("Time before", ""), ("Change", "%")],
        drawn: 0,
        rows,
        filter: ("/contacts?sort=-created_on".to_owned(), "The newest first".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_messages_are_not_compared() {
        assert_eq!(of_answers(&Answers::default()).answer, "Nobody wrote in this time.");
        let few =
            Answers { received: 3, answered: 1, within: [1, 0, 0, 0, 0], median_hours: Some(0.5) };
        let told = of_answers(&few);
        assert_eq!(told.answer, "Too few to compare: 3 messages came in, 1 was answered.");
        assert!(told.is_too_few);
        let many = Answers {
            received: 40,
            answered: 39,
            within: [30, 9, 0, 0, 0],
            median_hours: Some(0.5),
        };
        assert_eq!(
            of_answers(&many).answer,
            "Half of 40 messages were answered within 0.5 hours; 1 has not been answered."
        );
    }
}
