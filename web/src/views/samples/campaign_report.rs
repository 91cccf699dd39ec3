//! What came of a campaign.

use super::super::campaign::LeftOut;
use super::super::campaign_report::{CampaignReport, Pace};

pub(super) fn sample() -> CampaignReport {
    let counts = [
        ("Sent", 214),
        ("Opened, at least", 121),
        ("Clicked, at least", 38),
        ("Replied", 18),
        ("Bounced", 7),
        ("Unsubscribed", 1),
    ];
    let spans = (0..54).map(|minute| {
        let at = format!("2026-11-03T12:{minute:02}:00.000Z");
        (at, if minute % 7 == 3 { 0 } else { 4 }, u64::from(minute % 13 == 0))
    });
    CampaignReport {
        pace: Pace::new(60, spans.collect()),
        left_out: vec![LeftOut { count: 31, label: "unsubscribed or unreachable".to_owned() }],
        export_url: "/api/campaigns/1/recipients.csv".to_owned(),
        ..CampaignReport::new(&counts)
    }
}
