//! A campaign somebody else changed since its form was opened.

use std::collections::BTreeMap;

use crm_campaigns::Campaign;
use crm_campaigns::campaigns::{NewCampaign, SubjectTest, Window};
use crm_contacts::Segment;
use crm_contacts::segments::saved::SavedSegment;
use crm_core::{Scope, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::audience::{self, Audience, Names};
use super::form::Typed;
use super::schedule::in_words;
use crate::error::AppError;
use crate::pages::local_time::local;
use crate::pages::meanwhile::{self, Memory, Named, Sides, Texts};
use crate::state::App;
use crate::views::conflict::Conflict;

const FIELDS: [Named<'static>; 8] = [
    Named { name: "name", label: "Name" },
    Named { name: "template_id", label: "Template" },
    Named { name: "audience", label: "Audience" },
    Named { name: "provider_id", label: "Provider" },
    Named { name: "send_at", label: "Start" },
    Named { name: "rate_per_minute", label: "At most, per minute" },
    Named { name: "window", label: "Only on" },
    Named { name: "subject_b", label: "Another subject" },
];

/// What the form of a campaign is about.
fn content(campaign: &Campaign) -> NewCampaign {
    NewCampaign {
        name: campaign.name.clone(),
        channel: campaign.channel,
        template_id: campaign.template_id,
        segment: campaign.segment.clone(),
        schedule: campaign.schedule.clone(),
        subject_test: campaign.subject_test.clone(),
        provider_id: campaign.provider_id,
    }
}

/// The same campaign as its form would have it.
pub(super) fn merged(campaign: &Campaign, content: NewCampaign) -> Campaign {
    Campaign {
        name: content.name,
        channel: content.channel,
        template_id: content.template_id,
        segment: content.segment,
        schedule: content.schedule,
        subject_test: content.subject_test,
        provider_id: content.provider_id,
        ..campaign.clone()
    }
}

/// An audience with its lists and segments in one order, so that the same choice is the same text.
fn in_order(segment: &Segment, saved: &[SavedSegment]) -> Result<Segment, AppError> {
    let Some(mut audience) = Audience::read(segment, saved) else { return Ok(segment.clone()) };
    for group in [&mut audience.include, &mut audience.exclude] {
        group.lists.sort_unstable();
        group.segments.sort_unstable();
    }
    Ok(audience::less(audience.include.node(saved)?, audience.exclude.node(saved)?))
}

fn json(value: &impl Serialize) -> Result<String, AppError> {
    serde_json::to_string(value).map_err(AppError::internal)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, AppError> {
    serde_json::from_str(text).map_err(|_| AppError::invalid("seen", "is not what the form had"))
}

fn texts(content: &NewCampaign, saved: &[SavedSegment]) -> Result<Texts, AppError> {
    let schedule = &content.schedule;
    let fields = [
        ("name", content.name.clone()),
        ("template_id", json(&content.template_id)?),
        ("audience", json(&in_order(&content.segment, saved)?)?),
        ("provider_id", json(&content.provider_id)?),
        ("send_at", json(&(schedule.send_at, &schedule.timezone))?),
        ("rate_per_minute", json(&schedule.rate_per_minute)?),
        ("window", json(&schedule.window)?),
        ("subject_b", json(&content.subject_test)?),
    ];
    Ok(fields.into_iter().map(|(name, text)| (name.to_owned(), text)).collect())
}

/// `content` with these texts in place of its own.
fn put(content: &mut NewCampaign, texts: &Texts) -> Result<(), AppError> {
    for (name, text) in texts {
        let schedule = &mut content.schedule;
        match name.as_str() {
            "name" => content.name.clone_from(text),
            "template_id" => content.template_id = read(text)?,
            "audience" => content.segment = read(text)?,
            "provider_id" => content.provider_id = read(text)?,
            "send_at" => (schedule.send_at, schedule.timezone) = read(text)?,
            "rate_per_minute" => schedule.rate_per_minute = read(text)?,
            "window" => schedule.window = read(text)?,
            _ => content.subject_test = read(text)?,
        }
    }
    Ok(())
}

/// What the form of a campaign is filled with, as it remembers it.
pub(super) fn seen(campaign: &Campaign, saved: &[SavedSegment]) -> Result<String, AppError> {
    Ok(meanwhile::written(&texts(&content(campaign), saved)?))
}

fn memory(typed: &Typed) -> Memory {
    Memory::of(|name| typed.text(name).to_owned())
}

/// Takes the other version of what both changed, where the person says so.
pub(super) fn take(typed: &Typed, content: &mut NewCampaign) -> Result<(), AppError> {
    put(content, &memory(typed).taken())
}

/// Sets two versions side by side. What the person left alone is in `mine` as it is stored now.
pub(super) async fn find(
    app: &App,
    scope: &Scope,
    stored: &Campaign,
    typed: &Typed,
    mine: &mut NewCampaign,
) -> Result<Conflict, AppError> {
    let saved = app.services.saved_segments.all(scope).await?;
    let theirs = content(stored);
    let (mut yours, other) = (texts(mine, &saved)?, texts(&theirs, &saved)?);
    let names = Names::load(app, scope).await?;
    let mut called = BTreeMap::new();
    for id in [mine.template_id, theirs.template_id].into_iter().flatten() {
        if let Some(found) = app.services.templates.get(scope, id).await? {
            called.insert(json(&id)?, found.content.name);
        }
    }
    for provider in app.services.providers.all(scope).await? {
        called.insert(json(&provider.id)?, provider.name);
    }
    let say = |name: &str, text: &str| said(name, text, &names, &called).unwrap_or_default();
    let memory = memory(typed);
    let sides = Sides {
        of: ("campaign", stored.id.to_string()),
        fields: &FIELDS,
        theirs: &other,
        memory: &memory,
        say: &say,
    };
    let conflict = meanwhile::conflict(app, scope, sides, &mut yours).await?;
    put(mine, &yours)?;
    Ok(conflict)
}

/// A text as people read it.
fn said(
    name: &str,
    text: &str,
    names: &Names,
    called: &BTreeMap<String, String>,
) -> Result<String, AppError> {
    Ok(match name {
        "name" => text.to_owned(),
        "audience" => names.words(&read::<Segment>(text)?),
        "send_at" => match read::<(Option<Timestamp>, Option<String>)>(text)? {
            (Some(at), zone) => {
                let zone = zone.unwrap_or_else(|| "UTC".to_owned());
                format!("{} {zone}", local(at, &zone).replace('T', " "))
            }
            (None, _) => "when somebody presses Send".to_owned(),
        },
        "rate_per_minute" => match read::<Option<u32>>(text)? {
            Some(rate) => rate.to_string(),
            None => "as fast as the provider allows".to_owned(),
        },
        "window" => {
            read::<Option<Window>>(text)?.map(|window| in_words(&window)).unwrap_or_default()
        }
        "subject_b" => {
            let share =
                |tried: SubjectTest| format!("{} ({} %)", tried.subject_b, tried.share_percent);
            read::<Option<SubjectTest>>(text)?.map(share).unwrap_or_default()
        }
        "provider_id" if text == "null" => "The default".to_owned(),
        _ => called.get(text).cloned().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use crm_campaigns::campaigns::Schedule;
    use crm_campaigns::templates::Channel;

    use super::*;

    #[test]
    fn what_is_put_reads_back() {
        let bare = NewCampaign {
            name: "A".to_owned(),
            channel: Channel::Email,
            template_id: None,
            segment: Segment::everybody(),
            schedule: Schedule::default(),
            subject_test: None,
            provider_id: None,
        };
        let window = Window { days: vec![1, 5], from: "09:00".to_owned(), to: "17:00".to_owned() };
        assert_eq!(in_words(&window), "Mon, Fri 09:00–17:00");
        let full = NewCampaign {
            name: "B".to_owned(),
            schedule: Schedule {
                send_at: Some("2026-12-01T09:00:00Z".parse().unwrap()),
                timezone: Some("Europe/Vienna".to_owned()),
                rate_per_minute: Some(4),
                window: Some(window),
            },
            ..bare.clone()
        };
        for (from, to) in [(&bare, &full), (&full, &bare)] {
            let mut content = from.clone();
            put(&mut content, &texts(to, &[]).unwrap()).unwrap();
            assert_eq!(texts(&content, &[]).unwrap(), texts(to, &[]).unwrap());
        }
    }
}
