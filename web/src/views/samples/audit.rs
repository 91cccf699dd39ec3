//! The audit log.

use super::super::audit::{ACTIONS, AuditPage, AuditRow, AuditVerdict, KINDS};
use super::super::common::{Choice, Fact, Link, Pager};
use super::super::shell::Section;

pub(in super::super) fn pages() -> Vec<AuditPage> {
    let rows = vec![
        AuditRow {
            seq: 412,
            who: "Andy Aigner".to_owned(),
            who_id: super::id(1),
            did: "approved campaign".to_owned(),
            thing: Some(Link::new("Winter rye, first delivery", "/campaigns/1")),
            at: "2026-11-03T13:02:11.000Z".to_owned(),
            address: Some("192.0.2.17".to_owned()),
            details: vec![
                Fact::new("Number", "412"),
                Fact::new("Action", "campaign.approved"),
                Fact::new("Content hash", "5c1f0b7c"),
            ],
            ..AuditRow::default()
        },
        AuditRow {
            seq: 411,
            who: "Somebody".to_owned(),
            did: "failed to sign in as".to_owned(),
            thing: Some(Link::new("andy@example.com", "")),
            at: "2026-11-03T12:58:40.000Z".to_owned(),
            address: Some("198.51.100.4".to_owned()),
            bad: true,
            details: vec![Fact::new("Action", "login.failed")],
            ..AuditRow::default()
        },
        AuditRow {
            seq: 410,
            who: "pi-crm".to_owned(),
            by_program: true,
            did: "finished the import of".to_owned(),
            thing: Some(Link::new("fair-2026.csv", "/import/1/run")),
            at: "2026-11-02T08:00:00.000Z".to_owned(),
            details: vec![Fact::new("Counts", r#"{"created":370,"failed":2}"#)],
            ..AuditRow::default()
        },
    ];
    let full = AuditPage {
        shell: super::shell(Section::Settings, "Audit log"),
        rows,
        pager: super::pager(50, 412),
        people: vec![
            Choice::new("1", "Andy Aigner", true),
            Choice::new("2", "Monalisa Rossi", false),
        ],
        kinds: KINDS.iter().map(|(word, label)| Choice::new(*word, *label, false)).collect(),
        actions: ACTIONS.iter().map(|a| Choice::new(a.action, a.label, false)).collect(),
        filtered: true,
        verdict: None,
        export_url: "/api/audit/export.csv".to_owned(),
        verify_url: "/settings/audit?verify=1".to_owned(),
    };
    let holds = AuditVerdict { ok: true, checked: 412, first_bad: None };
    let broken = AuditVerdict { ok: false, checked: 77, first_bad: Some(77) };
    vec![
        AuditPage { filtered: false, verdict: Some(holds), ..full.clone() },
        AuditPage { verdict: Some(broken), ..full.clone() },
        AuditPage { rows: Vec::new(), pager: Pager::default(), ..full },
    ]
}
