//! A campaign in each of its states.

use super::super::campaign::{
    Approval, CampaignActions, CampaignHead, CampaignLive, CampaignPage, Check, LeftOut,
    LeftOutRow, Preflight, Progress, Sample, Seal,
};
use super::super::campaign_subjects::{SubjectResult, Subjects};
use super::super::campaigns::{
    AudienceCount, CampaignForm, CampaignFormPage, CampaignRow, CampaignsPage, RecipientRow,
    RecipientsPage, SubjectForm,
};
use super::super::common::{Choice, Fact, FormErrors, Link, Tab};
use super::super::shell::{Section, Shell};

const STATES: [&str; 10] = [
    "draft",
    "pending_approval",
    "approved",
    "scheduled",
    "sending",
    "sent",
    "rejected",
    "paused",
    "cancelled",
    "failed",
];

fn shell(title: &str) -> Shell {
    super::shell(Section::Campaigns, title)
}

pub(in super::super) fn index() -> Vec<CampaignsPage> {
    let rows = STATES
        .into_iter()
        .enumerate()
        .map(|(number, status)| CampaignRow {
            id: super::id(number),
            name: "Winter rye, first delivery".to_owned(),
            status: status.to_owned(),
            audience: "In bakery or organic".to_owned(),
            template_name: if number == 3 { String::new() } else { "Winter rye".to_owned() },
            total: (number > 0).then_some(370),
            sent: 214,
            updated_at: "2026-11-03T12:22:00.000Z".to_owned(),
        })
        .collect();
    let tabs = vec![
        Tab {
            label: "All".to_owned(),
            url: "/campaigns".to_owned(),
            count: Some(10),
            current: true,
        },
        Tab {
            label: "Draft".to_owned(),
            url: "/campaigns?status=draft".to_owned(),
            count: Some(1),
            current: false,
        },
    ];
    vec![
        CampaignsPage {
            shell: shell("Campaigns"),
            tabs: tabs.clone(),
            rows,
            pager: super::pager(10, 10),
            has_templates: true,
            may_write: true,
        },
        CampaignsPage {
            shell: shell("Campaigns"),
            tabs,
            has_templates: true,
            may_write: true,
            ..CampaignsPage::default()
        },
        CampaignsPage {
            shell: super::new_shell(Section::Campaigns, "Campaigns"),
            may_write: true,
            ..CampaignsPage::default()
        },
    ]
}

pub(in super::super) fn form() -> Vec<CampaignFormPage> {
    let templates = vec![Choice::new(super::id(1), "Winter rye", true)];
    let lists = vec![
        Choice::new(super::id(2), "Lead", false).with_hint("212"),
        Choice::new(super::id(3), "bakery", true).with_hint("318"),
    ];
    let providers = vec![Choice::new("", "Default, practice", true)];
    vec![
        CampaignFormPage {
            shell: shell("New campaign"),
            form: CampaignForm { audience: "lists".to_owned(), ..CampaignForm::default() },
            templates: templates.clone(),
            lists: lists.clone(),
            segments: vec![Choice::new(super::id(4), "Gone quiet", false)],
            excluded_lists: lists.clone(),
            counted: AudienceCount { people: Some(318), ..AudienceCount::default() },
            everyone: 1_240,
            providers: providers.clone(),
            ..CampaignFormPage::default()
        },
        CampaignFormPage {
            shell: shell("Edit Winter rye"),
            id: Some(super::id(1)),
            form: CampaignForm {
                name: "Winter rye, first delivery".to_owned(),
                audience: "advanced".to_owned(),
                segment_json: "{\"field\": \"companny\", \"op\": \"is_set\"}".to_owned(),
                send_at: "2026-11-16T09:00".to_owned(),
                time_zone: "Europe/Vienna".to_owned(),
                rate_per_minute: "4".to_owned(),
                window_from: "09:00".to_owned(),
                window_to: "17:00".to_owned(),
                subject: SubjectForm {
                    subject_b: "Rye is here".to_owned(),
                    share_percent: "20".to_owned(),
                    wait_hours: "4".to_owned(),
                    winner: "clicked".to_owned(),
                },
            },
            days: vec![Choice::new("1", "Mon", true), Choice::new("7", "Sun", false)],
            templates,
            excluded_lists: lists.clone(),
            lists,
            segments: vec![Choice::new(super::id(4), "Gone quiet", true)],
            excluded_segments: vec![Choice::new(super::id(4), "Gone quiet", false)],
            counted: AudienceCount::refused("There is no field companny."),
            seen: "{}".to_owned(),
            conflict: Some(super::contacts::conflict()),
            says: "Company contains “bakery”".to_owned(),
            everyone: 1_240,
            providers,
            errors: FormErrors::none()
                .with("segment_json", "There is no field companny. Did you mean company?"),
            withdraws_approval: true,
            version: 2,
        },
        CampaignFormPage {
            shell: shell("New campaign"),
            form: CampaignForm { audience: "everyone".to_owned(), ..CampaignForm::default() },
            ..CampaignFormPage::default()
        },
    ]
}

fn head(status: &str) -> CampaignHead {
    CampaignHead {
        id: super::id(1),
        name: "Winter rye, first delivery".to_owned(),
        status: status.to_owned(),
        template: Some(Link::new("Winter rye", "/templates/1")),
        audience: "In bakery or organic".to_owned(),
        provider_name: "Practice".to_owned(),
        is_practice: true,
        from: "Monalisa Rossi <hello@kornfeld.example>".to_owned(),
        created_by: "Monalisa Rossi".to_owned(),
        updated_at: "2026-11-03T12:22:00.000Z".to_owned(),
        by: "by email".to_owned(),
        starts: "when somebody presses Send".to_owned(),
    }
}

fn subjects(decided: bool) -> Subjects {
    let row = |variant: &str, subject: &str, opened| SubjectResult {
        variant: variant.to_owned(),
        subject: subject.to_owned(),
        sent: 31,
        opened,
        clicked: 4,
        replied: 1,
        is_winner: decided && variant == "b",
    };
    Subjects {
        rows: vec![row("a", "Winter rye, first delivery", 9), row("b", "Rye is here", 12)],
        rule: "opened".to_owned(),
        decides_at: (!decided).then(|| "2026-11-03T16:22:00.000Z".to_owned()),
        may_choose: !decided,
    }
}

fn preflight() -> Preflight {
    let sample = |label: &str, hint: &str, subject: &str, to: &str| Sample {
        label: label.to_owned(),
        hint: hint.to_owned(),
        subject: subject.to_owned(),
        subject_b: Some("Rye is here".to_owned()),
        to: to.to_owned(),
        html_url: format!("/campaigns/1/samples/{label}"),
        text: format!("{subject}\n\nthe winter rye is in the silo."),
    };
    Preflight {
        counted_at: "2026-11-03T13:01:22.000Z".to_owned(),
        matched: 412,
        left_out: [
            (31, "unsubscribed from email"),
            (6, "bounced before"),
            (3, "have no email address"),
            (2, "share an address with someone else"),
        ]
        .into_iter()
        .map(|(count, label)| LeftOut { count, label: label.to_owned() })
        .collect(),
        also_checked: vec!["missing a variable".to_owned(), "mailed in the last 7 days".to_owned()],
        total: 370,
        left_out_total: 42,
        left_out_rows: super::people()
            .into_iter()
            .take(5)
            .map(|person| LeftOutRow {
                contact_id: person.id,
                name: person.name,
                address: person.email,
                reason: "Unsubscribed, 18 Oct".to_owned(),
            })
            .collect(),
        samples: vec![
            sample(
                "Typical",
                "like 361 others",
                "Winter rye is in, Hannes",
                "hannes@baeckerei-gruber.example",
            ),
            sample(
                "Longest name",
                "wraps well",
                "Winter rye is in, Maximiliane-Theresia",
                "m@muehlenwerke.example",
            ),
            sample("Oddest", "9 have no first name", "Winter rye is in", "office@hofladen.example"),
        ],
        seconds: Some(5_580),
        rate: "4 a minute".to_owned(),
        checks: vec![
            Check::new("ok", "Unsubscribe link in every copy"),
            Check::new("ok", "Text part beside the HTML"),
            Check::new("warn", "No public address: one-click unsubscribe by mail only"),
        ],
        facts: vec![Fact::new("Window", "Mon–Fri, 9:00–17:00")],
        lacks_address: false,
        blockers: Vec::new(),
    }
}

fn recipient(number: usize, state: &str) -> RecipientRow {
    let people = super::people();
    let person = people.get(number % people.len()).cloned().unwrap_or_default();
    RecipientRow {
        id: super::id(700 + number),
        contact_id: (number != 2).then_some(person.id),
        name: person.name,
        address: person.email,
        state: state.to_owned(),
        reason: matches!(state, "failed" | "skipped")
            .then(|| "Mailbox does not exist, 550 5.1.1".to_owned()),
        attempts: 1,
        sent_at: (state == "sent").then(|| "2026-11-03T12:00:00.000Z".to_owned()),
        came_of_it: if state == "sent" { "Opened, replied".to_owned() } else { String::new() },
        by_machine: if state == "sent" { "opened, clicked".to_owned() } else { String::new() },
        next_attempt_at: (state == "retry_wait").then(|| "2026-11-03T13:16:00.000Z".to_owned()),
    }
}

fn live(status: &str) -> CampaignLive {
    let over = matches!(status, "sent" | "cancelled" | "failed");
    CampaignLive {
        waits_for_subject: status == "sending",
        id: super::id(1),
        status: status.to_owned(),
        progress: if over {
            Progress::new(366, 4, 0, 0, 0, 42)
        } else {
            Progress::new(214, 4, 2, 3, 147, 42)
        },
        facts: vec![Fact::new("Rate", "4 a minute"), Fact::new("Time left", "38 min")],
        pause_reason: (status == "paused")
            .then(|| "The mail server refused the password 20 times in a row.".to_owned()),
        unknown: if over { Vec::new() } else { (0..2).map(|n| recipient(n, "unknown")).collect() },
        may_settle: true,
        csrf_token: "sample".to_owned(),
        now: super::NOW.to_owned(),
        time_zone: "Europe/Vienna".to_owned(),
    }
}

pub(in super::super) fn show() -> Vec<CampaignPage> {
    let approval = |status: &str| Approval {
        status: status.to_owned(),
        requested_by: "Monalisa Rossi".to_owned(),
        requested_at: "2026-11-03T12:22:00.000Z".to_owned(),
        reviewer: (status != "pending").then(|| "Andy Kern".to_owned()),
        reviewed_at: (status != "pending").then(|| "2026-11-03T12:55:00.000Z".to_owned()),
        notes: (status == "rejected").then(|| "Say when the first pallets arrive.".to_owned()),
    };
    STATES
        .into_iter()
        .map(|status| {
            let started = matches!(status, "sending" | "paused" | "sent" | "cancelled" | "failed");
            let decided = matches!(status, "approved" | "scheduled");
            CampaignPage {
                shell: Shell {
                    refresh_seconds: (status == "sending").then_some(5),
                    ..shell("Winter rye, first delivery")
                },
                campaign: head(status),
                subjects: started.then(|| subjects(status == "sent")),
                can: CampaignActions {
                    edit: matches!(status, "draft" | "rejected" | "approved"),
                    submit: matches!(status, "draft" | "rejected"),
                    decide: status == "pending_approval",
                    send: status == "approved",
                    pause: status == "sending",
                    resume: status == "paused",
                    cancel: matches!(status, "sending" | "paused" | "scheduled"),
                    duplicate: true,
                    follow_up: status == "sent",
                    delete: matches!(status, "draft" | "rejected"),
                    settle: true,
                },
                why_not: (status == "scheduled")
                    .then(|| "It starts by itself on Monday.".to_owned()),
                preflight: (!started).then(preflight),
                approval: match status {
                    "draft" => None,
                    "pending_approval" => Some(approval("pending")),
                    "rejected" => Some(approval("rejected")),
                    _ => Some(approval("approved")),
                },
                seal: (started || decided || status == "pending_approval").then(|| {
                    Seal::from_hash(
                        "7f3a91c4e05bd268117f3a91c4e05bd268aa7f3a91c4e05bd268ff00112233445566",
                    )
                }),
                live: started.then(|| live(status)),
                report: started.then(super::campaign_report::sample),
                failed: if started {
                    (0..3).map(|n| recipient(n, "failed")).collect()
                } else {
                    Vec::new()
                },
                notes: String::new(),
                errors: if status == "failed" {
                    FormErrors::general("Somebody else resumed it a moment ago.")
                } else {
                    FormErrors::none()
                },
            }
        })
        .chain([CampaignPage {
            shell: shell("Winter rye, first delivery"),
            campaign: CampaignHead { template: None, is_practice: false, ..head("draft") },
            can: CampaignActions {
                edit: true,
                submit: true,
                delete: true,
                ..CampaignActions::default()
            },
            preflight: Some(Preflight {
                counted_at: super::NOW.to_owned(),
                lacks_address: true,
                blockers: vec!["The template was deleted. Choose another one.".to_owned()],
                ..Preflight::default()
            }),
            ..CampaignPage::default()
        }])
        .collect()
}

pub(in super::super) fn recipients() -> Vec<RecipientsPage> {
    let states = ["queued", "sending", "sent", "retry_wait", "failed", "unknown", "skipped"];
    let tabs =
        vec![Tab { label: "All".to_owned(), url: "?".to_owned(), count: Some(412), current: true }];
    vec![
        RecipientsPage {
            shell: shell("Recipients"),
            campaign: head("sending"),
            tabs: tabs.clone(),
            rows: states.into_iter().enumerate().map(|(n, state)| recipient(n, state)).collect(),
            export_url: "/api/campaigns/1/recipients.csv".to_owned(),
            pager: super::pager(7, 412),
        },
        RecipientsPage {
            shell: shell("Recipients"),
            campaign: head("sent"),
            tabs,
            ..RecipientsPage::default()
        },
    ]
}
