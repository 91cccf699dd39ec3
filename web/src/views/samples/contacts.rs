//! Contacts: the table, the form, one contact.

#[cfg(test)]
use super::super::cells::{CellForm, CellInput};
use super::super::common::{Choice, Fact, FormErrors, Link, Tab};
use super::super::conflict::{Conflict, Difference};
use super::super::contact::{
    Composer, ConsentCard, ConsentForm, ConsentRow, ConsentStand, ContactCampaign, ContactDetail,
    ContactPage, LogPage, MergedHere, MessageForm, MessageRow, StageStep, SummaryCard,
};
use super::super::contacts::{
    BulkBar, ContactColumn, ContactForm, ContactFormPage, ContactResults, ContactsPage,
    CustomInput, FilterChip, FilterForm, SortLink,
};
use super::super::shell::{Section, Shell};
use super::super::timeline::{TimelineDay, TimelineEntry};

fn results() -> ContactResults {
    let sort = |direction: Option<&str>| SortLink {
        url: Some("/contacts?sort=name".to_owned()),
        direction: direction.map(str::to_owned),
    };
    ContactResults {
        rows: super::people(),
        name: sort(Some("ascending")),
        columns: [
            ("company", "Company"),
            ("email", "Email"),
            ("phone", "Phone"),
            ("stage", "Stage"),
            ("tags", "Tags"),
            ("owner", "Owner"),
            ("value", "Value"),
            ("next", "Next step"),
            ("stage_since", "In stage since"),
            ("updated_at", "Changed"),
            ("created_on", "Added"),
            ("custom.oven", "Oven"),
        ]
        .into_iter()
        .map(|(name, label)| ContactColumn {
            name: name.to_owned(),
            label: label.to_owned(),
            sort: sort(None),
            is_number: name == "value",
            custom: name.strip_prefix("custom.").map(str::to_owned),
            input: (!matches!(name, "tags" | "next" | "stage_since" | "updated_at" | "created_on"))
                .then(|| name.to_owned()),
        })
        .collect(),
        bulk: Some(BulkBar { all_url: "/contacts/bulk?all=1".to_owned() }),
        pager: super::pager(10, 1_240),
        clear_url: "/contacts".to_owned(),
        currency: "EUR".to_owned(),
        now: super::NOW.to_owned(),
        time_zone: "Europe/Vienna".to_owned(),
        ..ContactResults::default()
    }
}

pub(in super::super) fn index() -> Vec<ContactsPage> {
    let tabs = ["All", "Lead", "Contacted", "Sample sent", "Quote", "bakery", "organic"]
        .into_iter()
        .enumerate()
        .map(|(number, label)| Tab {
            label: label.to_owned(),
            url: format!("/contacts?list_id={number}"),
            count: (number != 5).then_some(212),
            current: number == 0,
        })
        .collect::<Vec<_>>();
    let shell = || super::shell(Section::Contacts, "Contacts");
    let full = ContactsPage {
        shell: shell(),
        results: results(),
        tabs: tabs.clone(),
        chips: vec![FilterChip {
            label: "Stage is".to_owned(),
            value: "Quote".to_owned(),
            remove_url: "/contacts".to_owned(),
        }],
        filter: FilterForm {
            lists: vec![Choice::new("1", "Quote", true).with_hint("stage")],
            owners: vec![Choice::new("me", "Me", false)],
            segments: vec![Choice::new("1", "Vienna cafés", false)],
            fields: vec![Choice::new("custom.oven", "Oven", false)],
            value: "gas".to_owned(),
        },
        kept: vec![("sort".to_owned(), "company".to_owned())],
        choices: vec![Choice::new("company", "Company", true)],
        here: "/contacts".to_owned(),
        export_url: "/api/export/contacts.csv".to_owned(),
        export_cards_url: "/api/export/contacts.vcf".to_owned(),
        has_contacts: true,
        may_write: true,
    };
    let mut nobody = results();
    nobody.rows.clear();
    nobody.pager = super::Pager { total_exact: true, ..super::Pager::default() };
    "Iceland".clone_into(&mut nobody.q);
    nobody.narrowed = true;
    nobody.list_name = Some("Quote".to_owned());
    vec![
        full,
        ContactsPage {
            shell: shell(),
            results: nobody,
            tabs,
            has_contacts: true,
            ..ContactsPage::default()
        },
        ContactsPage {
            shell: super::new_shell(Section::Contacts, "Contacts"),
            ..ContactsPage::default()
        },
    ]
}

pub(in super::super) fn form() -> Vec<ContactFormPage> {
    let stages = |chosen: usize| {
        (1..=6)
            .map(|position| {
                let stage = super::stage(position);
                Choice::new(stage.id, stage.name, position == chosen)
            })
            .collect::<Vec<_>>()
    };
    let custom = |kind: &str, label: &str, options: Vec<Choice>| CustomInput {
        name: label.to_lowercase().replace(' ', "_"),
        label: label.to_owned(),
        field_type: kind.to_owned(),
        value: String::new(),
        options,
        required: kind == "select",
    };
    vec![
        ContactFormPage {
            shell: super::shell(Section::Contacts, "New contact"),
            stages: stages(1),
            tags: vec![Choice::new(super::id(1), "bakery", false)],
            people: vec![Choice::new(super::id(2), "Andy Kern", false)],
            ..ContactFormPage::default()
        },
        ContactFormPage {
            shell: super::shell(Section::Contacts, "Edit Aylin Yıldız"),
            id: Some(super::id(306)),
            form: ContactForm {
                first_name: "Aylin".to_owned(),
                last_name: "Yıldız".to_owned(),
                primary_email: "aylin@firin".to_owned(),
                primary_phone: "0316 555 0142".to_owned(),
                company: "Fırın Yıldız".to_owned(),
                value: "5300".to_owned(),
            },
            stages: stages(4),
            tags: vec![
                Choice::new(super::id(1), "bakery", true),
                Choice::new(super::id(2), "organic", false),
            ],
            people: vec![Choice::new(super::id(2), "Andy Kern", true)],
            custom: vec![
                custom("text", "Oven type", Vec::new()),
                custom("number", "Flour a week", Vec::new()),
                custom("date", "Birthday", Vec::new()),
                custom("boolean", "Organic", Vec::new()),
                custom("select", "Price list", vec![Choice::new("b", "Trade B", true)]),
                custom("url", "Website", Vec::new()),
            ],
            errors: FormErrors::none()
                .with("primary_email", "Enter an email like name@example.com")
                .with("custom.flour_a_week", "Write a number, such as 350"),
            duplicate: Some(Link::new("A. Yildiz", "/contacts/1")),
            version: 3,
            seen: r#"{"company":"Fırın"}"#.to_owned(),
            conflict: Some(conflict()),
        },
    ]
}

#[cfg(test)]
pub(in super::super) fn cells() -> Vec<CellForm> {
    let input = |name: &str, kind: &str| CellInput {
        name: name.to_owned(),
        label: "Company".to_owned(),
        kind: kind.to_owned(),
        value: "\"Fırın\" & <b>".to_owned(),
        choices: vec![Choice::new("", "Nobody", false), Choice::new("x", "Andy Kern", true)],
    };
    let plain = CellForm {
        id: super::id(306),
        name: "Aylin Yıldız".to_owned(),
        column: "company".to_owned(),
        label: "Company".to_owned(),
        inputs: vec![input("company", "text")],
        version: 3,
        seen: "{}".to_owned(),
        csrf_token: "sample".to_owned(),
        error: None,
        conflict: None,
    };
    vec![
        CellForm { inputs: vec![input("owner_id", "select")], ..plain.clone() },
        CellForm { error: Some("Enter an email.".to_owned()), ..plain.clone() },
        CellForm { conflict: Some(conflict()), ..plain },
    ]
}

pub(super) fn conflict() -> Conflict {
    Conflict {
        who: "Sara Novak".to_owned(),
        at: Some("2026-11-03T13:04:00.000Z".to_owned()),
        rows: vec![Difference {
            label: "Company".to_owned(),
            yours: "Fırın Yıldız".to_owned(),
            theirs: String::new(),
        }],
        taken: vec!["Phone".to_owned(), "Owner".to_owned()],
        differs: "company".to_owned(),
        now: super::NOW.to_owned(),
        time_zone: "Europe/Vienna".to_owned(),
    }
}

pub(in super::super) fn log() -> Vec<LogPage> {
    let page = |form: Composer, errors: FormErrors| LogPage {
        shell: super::shell(Section::Contacts, "Edit entry"),
        id: super::id(501),
        contact: Link::new("Aylin Yıldız", "/contacts/1"),
        form,
        version: 2,
        seen: "{}".to_owned(),
        conflict: None,
        errors,
    };
    let call = Composer {
        call: true,
        minutes: "11".to_owned(),
        notes: "Asked about terms.".to_owned(),
        when: "2026-11-02T15:44".to_owned(),
        ..Composer::default()
    };
    let note = Composer { text: String::new(), ..Composer::default() };
    let empty = FormErrors::none().with("text", "Write something first.");
    let clash = LogPage { conflict: Some(conflict()), ..page(call.clone(), FormErrors::none()) };
    vec![page(call, FormErrors::none()), page(note, empty), clash]
}

fn timeline() -> Vec<TimelineEntry> {
    let entry = |number: usize, kind: &str, at: &str| TimelineEntry {
        id: super::id(500 + number),
        kind: kind.to_owned(),
        at: at.to_owned(),
        actor: Some("Andy Kern".to_owned()),
        ..TimelineEntry::default()
    };
    vec![
        TimelineEntry {
            subject: Some("Winter rye is in, Aylin".to_owned()),
            body: Some(
                "Dear Aylin,\n\nthe winter rye from the Weinviertel is in the silo.".to_owned(),
            ),
            status: Some("sent".to_owned()),
            campaign: Some(Link::new("Winter rye, first delivery", "/campaigns/1")),
            ..entry(1, "email", "2026-11-03T04:41:00.000Z")
        },
        TimelineEntry {
            body: Some("Test bake with T65 went very well. Wants 800 kg a month.".to_owned()),
            edited: true,
            may_change: true,
            ..entry(2, "note", "2026-11-02T15:20:00.000Z")
        },
        TimelineEntry {
            old_list: Some("Sample sent".to_owned()),
            new_list: Some("Quote".to_owned()),
            ..entry(3, "stage_change", "2026-11-02T14:58:00.000Z")
        },
        TimelineEntry {
            body: Some("Asked about terms.".to_owned()),
            minutes: Some(11),
            ..entry(4, "call", "2026-11-02T14:44:00.000Z")
        },
        TimelineEntry {
            subject: Some("Autumn flours".to_owned()),
            status: Some("failed".to_owned()),
            campaign: Some(Link::new("Autumn flours", "/campaigns/2")),
            ..entry(5, "email", "2026-10-29T10:03:00.000Z")
        },
        TimelineEntry {
            body: Some("Your sample arrives tomorrow before noon.".to_owned()),
            status: Some("queued".to_owned()),
            ..entry(6, "text", "2026-10-29T10:02:00.000Z")
        },
        TimelineEntry {
            body: Some("A proposal".to_owned()),
            ..entry(7, "ai", "2026-10-28T10:00:00.000Z")
        },
        TimelineEntry {
            actor: None,
            body: Some("Imported from fair-wels-2026.csv".to_owned()),
            ..entry(8, "system", "2025-10-12T09:00:00.000Z")
        },
        TimelineEntry {
            new_list: Some("Lead".to_owned()),
            ..entry(9, "stage_change", "2025-10-12T09:00:00.000Z")
        },
    ]
}

fn campaigns() -> Vec<ContactCampaign> {
    vec![ContactCampaign {
        id: super::id(1),
        name: "Winter rye, first delivery".to_owned(),
        state: "sent".to_owned(),
    }]
}

/// What has happened, in short.
fn summary() -> SummaryCard {
    SummaryCard {
        by_rule: vec![
            "So far: 4 messages to them, 2 messages from them and 1 call.".to_owned(),
            "They have not answered the last message, which left 16 days ago.".to_owned(),
        ],
        by_model: vec![
            "Ayşe wants 40 sacks of winter rye, delivered in the first week of December."
                .to_owned(),
            "The price of 1,240 euros was agreed on the phone; the contract is not signed yet."
                .to_owned(),
        ],
        model: Some("gpt-4o-mini".to_owned()),
        entries: 60,
        has_older: true,
        refused: 1,
        trouble: None,
    }
}

pub(in super::super) fn show() -> Vec<ContactPage> {
    let shell = super::shell(Section::Contacts, "Aylin Yıldız");
    let steps = |at: usize| {
        (1..=6)
            .map(|position| StageStep {
                stage: super::stage(position),
                done: position < at,
                current: position == at,
            })
            .collect::<Vec<_>>()
    };
    let contact = ContactDetail {
        id: super::id(306),
        name: "Aylin Yıldız".to_owned(),
        company: "Fırın Yıldız, Graz".to_owned(),
        email: "aylin@firin-yildiz.example".to_owned(),
        phone: "+43 316 555 0142".to_owned(),
        value_minor: Some(530_000),
        owner: Some("Andy Kern".to_owned()),
        stage: Some(super::stage(4)),
        stage_since: Some("2026-11-02T14:58:00.000Z".to_owned()),
        tags: vec![super::tag("bakery", 2), super::tag("organic", 4)],
        custom: vec![Fact::new("Oven type", "Deck, 12 m²"), Fact::new("Birthday", "")],
        email_suppressed: Some("unsubscribed".to_owned()),
        email_suppressed_at: Some("2026-11-03T06:00:00.000Z".to_owned()),
        created_on: "2026-05-12T09:00:00.000Z".to_owned(),
        updated_at: "2026-11-02T14:58:00.000Z".to_owned(),
    };
    let kinds = ["All", "Emails", "Calls", "Notes"]
        .into_iter()
        .enumerate()
        .map(|(number, label)| Tab {
            label: label.to_owned(),
            url: format!("?type={number}"),
            count: Some(9),
            current: number == 0,
        })
        .collect();
    let full = ContactPage {
        consents: consents(),
        may_erase: true,
        merges: vec![MergedHere {
            id: super::id(1),
            name: "A. Yildiz".to_owned(),
            at: "2026-10-26T09:00:00.000Z".to_owned(),
        }],
        tasks: super::tasks::rows(false),
        task_form: super::tasks::form(),
        timeline: TimelineDay::group(timeline(), &shell.now, &shell.time_zone),
        shell,
        contact,
        stages: steps(4),
        addable_tags: vec![Choice::new(super::id(9), "Graz", false)],
        kinds,
        older_url: Some("?before=x".to_owned()),
        newest_url: None,
        composer: Composer::default(),
        errors: FormErrors::none(),
        campaigns: campaigns(),
        messages: messages(),
        summary: Some(summary()),
        summary_url: Some("/contacts/x/summary#summary".to_owned()),
        may_write: true,
        may_send: true,
    };
    let bare = ContactPage {
        shell: Shell {
            user_role: "Viewer".to_owned(),
            reads_audit: false,
            ..super::new_shell(Section::Contacts, "ليلى حداد")
        },
        contact: ContactDetail {
            id: super::id(307),
            name: "ليلى حداد".to_owned(),
            created_on: super::NOW.to_owned(),
            updated_at: super::NOW.to_owned(),
            ..ContactDetail::default()
        },
        stages: steps(0),
        errors: FormErrors::none().with("minutes", "Write a whole number of minutes."),
        composer: Composer {
            call: true,
            minutes: "long".to_owned(),
            notes: "<b>".to_owned(),
            ..Composer::default()
        },
        may_write: true,
        ..ContactPage::default()
    };
    let reader = ContactPage {
        may_write: false,
        stages: Vec::new(),
        summary: Some(SummaryCard {
            trouble: Some("The AI server has too much to do; try again in a second.".to_owned()),
            ..SummaryCard::default()
        }),
        ..bare.clone()
    };
    let writes = writing(&full);
    [full.clone(), bare, reader].into_iter().chain(writes).collect()
}

/// What somebody said about being written to.
fn consents() -> ConsentCard {
    let row = |channel: &str, granted: bool, at: &str| ConsentRow {
        channel: channel.to_owned(),
        granted,
        at: at.to_owned(),
        source: "Sign-up form at the fair".to_owned(),
        wording: "Yes, send me news of the mill once a month.".to_owned(),
        by: Some("Andy".to_owned()),
    };
    let stand = |channel: &str, granted: bool, at: &str| ConsentStand {
        channel: channel.to_owned(),
        granted,
        at: at.to_owned(),
    };
    let (then, later) = ("2026-09-03T13:06:41.000Z", "2026-11-01T08:00:00.000Z");
    ConsentCard {
        stands: vec![stand("email", true, then), stand("text", false, later)],
        rows: vec![row("text", false, later), row("text", true, then), row("email", true, then)],
        form: ConsentForm::default(),
    }
}

/// The page with an e-mail being written.
fn writing(full: &ContactPage) -> [ContactPage; 3] {
    let writing = |form: MessageForm, errors: FormErrors| ContactPage {
        composer: Composer { message: Some(form), ..Composer::default() },
        messages: Vec::new(),
        errors,
        ..full.clone()
    };
    let form = MessageForm {
        channel: "email".to_owned(),
        to: "anna@example.org".to_owned(),
        from: "Kornfeld mail".to_owned(),
        subject: "Payment terms for the whole pallet".to_owned(),
        body: "Dear Aylin,\n\n30 days work for us.".to_owned(),
        templates: vec![Choice::new("1", "Winter rye", true), Choice::new("2", "Thanks", false)],
        ..MessageForm::default()
    };
    let unsubscribed = MessageForm { unsubscribed: true, ..form.clone() };
    let confirm = FormErrors::none().with("despite_unsubscribed", "This person unsubscribed.");
    let refused = MessageForm {
        refused: Some("The address was refused for good.".to_owned()),
        ..MessageForm::default()
    };
    let none = FormErrors::none;
    [writing(form, none()), writing(unsubscribed, confirm), writing(refused, none())]
}

/// A message in each state that is shown.
pub(in super::super) fn messages() -> Vec<MessageRow> {
    ["held", "waiting", "sending", "unknown", "stopped", "failed", "skipped"]
        .into_iter()
        .enumerate()
        .map(|(number, state)| MessageRow {
            id: super::id(700 + number),
            subject: "Payment terms for the whole pallet".to_owned(),
            to: "aylin@firin-yildiz.example".to_owned(),
            state: state.to_owned(),
            at: "2026-11-03T13:06:41.000Z".to_owned(),
            problem: (number > 2).then(|| "It was in flight when the server stopped.".to_owned()),
            can_undo: ["held", "waiting", "stopped"].contains(&state),
            contact: None,
        })
        .collect()
}
