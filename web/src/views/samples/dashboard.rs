//! The dashboard of a busy workspace and of a new one.

use super::super::campaign::{Progress, percent};
use super::super::common::Link;
use super::super::dashboard::{
    ApprovalItem, CampaignItem, ChecklistItem, DashboardPage, PipelineRow,
};
use super::super::shell::Section;

pub(in super::super) fn pages() -> Vec<DashboardPage> {
    let people = [212, 148, 64, 31, 18, 9];
    let busy = DashboardPage {
        backup_is_late: true,
        today: super::tasks::rows(true),
        today_more: 16,
        may_do: true,
        shell: super::shell(Section::Dashboard, "Dashboard"),
        contacts_total: 1_240,
        contacts_total_exact: true,
        contacts_new_week: 38,
        messages_sent_month: 2_118,
        campaigns_running: 1,
        approvals: vec![ApprovalItem {
            id: super::id(1),
            name: "Winter rye, first delivery".to_owned(),
            audience: 370,
            requested_by: "Monalisa Rossi".to_owned(),
            requested_at: "2026-11-03T12:22:00.000Z".to_owned(),
            may_decide: true,
        }],
        campaign: Some(CampaignItem {
            id: super::id(2),
            name: "Advent baking box".to_owned(),
            status: "sending".to_owned(),
            progress: Progress::new(214, 4, 2, 3, 147, 42),
        }),
        pipeline: people
            .into_iter()
            .zip(1..)
            .map(|(count, position)| PipelineRow {
                stage: super::stage(position),
                people: count,
                share: percent(count, 212),
                value_minor: if position == 6 { 0 } else { 1_840_000 },
                url: format!("/contacts?list_id={}", super::id(100 + position)),
            })
            .collect(),
        recent: super::people().into_iter().take(7).collect(),
        checklist: Vec::new(),
    };
    let new = DashboardPage {
        shell: super::new_shell(Section::Dashboard, "Dashboard"),
        contacts_total_exact: true,
        checklist: [
            ("Import contacts", "/import", "A CSV or vCard file is enough.", false),
            ("Name your stages", "/lists", "How does someone become a customer?", true),
            ("Write a template", "/templates/new", "A message with places for names.", false),
            ("Send a practice campaign", "/campaigns/new", "Nothing leaves this machine.", false),
        ]
        .into_iter()
        .map(|(label, url, hint, done)| ChecklistItem {
            link: Link::new(label, url),
            hint: hint.to_owned(),
            done,
        })
        .collect(),
        ..DashboardPage::default()
    };
    vec![busy, new]
}
