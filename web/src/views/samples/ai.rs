//! AI drafts and their settings.

use super::super::ai::{
    AiForm, AiPanel, AiSettingsForm, AiSettingsPage, AiUsageBox, AiUseRow, DraftPage, KeptTemplate,
    Proposal, SentRequest,
};
use super::super::common::{Choice, FormErrors};
use super::super::shell::Section;

/// The panel, ready to write.
pub(in super::super) fn panel() -> AiPanel {
    AiPanel {
        may_write: true,
        is_text: false,
        reason: String::new(),
        settings_url: Some("/settings/ai".to_owned()),
        template_id: Some(super::id(1)),
        model: "llama-3.2-3b".to_owned(),
        host: "127.0.0.1:11434".to_owned(),
        form: AiForm {
            goal: "Tell bakeries that the winter rye is in the silo and ask for their order by \
                   16 November."
                .to_owned(),
            language: "English".to_owned(),
        },
        tones: vec![
            Choice::new("friendly", "Friendly", true),
            Choice::new("formal", "Formal", false),
        ],
        lengths: vec![
            Choice::new("short", "Short", false),
            Choice::new("medium", "Medium", true),
            Choice::new("long", "Long", false),
        ],
        facts: vec![
            Choice::new("contact.first_name", "First name", true),
            Choice::new("contact.company", "Company", false),
            Choice::new("workspace.name", "Your name", true),
            Choice::new("contact.custom.plan", "Plan", false),
        ],
    }
}

/// The panel where AI is off.
pub(in super::super) fn panel_off() -> AiPanel {
    AiPanel {
        may_write: true,
        reason: "AI drafts are switched off in this workspace.".to_owned(),
        settings_url: Some("/settings/ai".to_owned()),
        ..AiPanel::default()
    }
}

pub(in super::super) fn draft() -> Vec<DraftPage> {
    let shell = super::shell(Section::Templates, "AI draft");
    let template = KeptTemplate {
        id: super::id(1),
        name: "Winter rye".to_owned(),
        signature: "<p>Monalisa</p>".to_owned(),
        version: 3,
    };
    let proposal = Proposal {
        subject: "The winter rye is in, {{ contact.first_name | default(\"there\") }}".to_owned(),
        preheader: "Order by 16 November".to_owned(),
        body_html:
            "<p>Dear {{ contact.first_name | default(\"there\") }},</p>\n<p>the rye is in.</p>"
                .to_owned(),
        body_text: "Dear {{ contact.first_name | default(\"there\") }},\n\nthe rye is in."
            .to_owned(),
        model: "llama-3.2-3b".to_owned(),
        note: "llama-3.2-3b, 412 tokens".to_owned(),
    };
    let whole = DraftPage {
        shell,
        ai: panel(),
        errors: FormErrors::none(),
        proposal: Some(proposal),
        sent: None,
        template: Some(template),
    };
    let sent = SentRequest {
        address: "http://127.0.0.1:11434/v1/chat/completions".to_owned(),
        body: "{\n  \"model\": \"llama-3.2-3b\",\n  \"messages\": []\n}".to_owned(),
    };
    vec![
        DraftPage { template: None, ..whole.clone() },
        DraftPage { proposal: None, sent: Some(sent), ..whole.clone() },
        DraftPage {
            proposal: None,
            errors: FormErrors::general(
                "The AI server sent nothing for 30 seconds; it may be loading its model, so try again.",
            ),
            ..whole.clone()
        },
        DraftPage {
            proposal: None,
            errors: FormErrors::none()
                .with("goal", "Say in 1 to 4,000 characters what the message is for."),
            ..whole.clone()
        },
        DraftPage {
            ai: AiPanel { is_text: true, ..panel() },
            proposal: Some(Proposal {
                body_text: "Hello {{ contact.first_name | default(\"there\") }}, the rye is in."
                    .to_owned(),
                model: "llama-3.2-3b".to_owned(),
                note: "llama-3.2-3b, 96 tokens".to_owned(),
                ..Proposal::default()
            }),
            ..whole.clone()
        },
        DraftPage { ai: panel_off(), proposal: None, ..whole.clone() },
        whole,
    ]
}

pub(in super::super) fn settings() -> Vec<AiSettingsPage> {
    let row = |outcome: &str, tone: &str, tokens, is_estimate| AiUseRow {
        at: "2026-11-03T09:00:00.000Z".to_owned(),
        who: "Monalisa Rossi".to_owned(),
        model: "llama-3.2-3b".to_owned(),
        tone: tone.to_owned(),
        outcome: outcome.to_owned(),
        tokens,
        is_estimate,
    };
    let own = AiSettingsPage {
        shell: super::shell(Section::Settings, "AI"),
        form: AiSettingsForm {
            enabled: true,
            base_url: "http://127.0.0.1:11434/v1".to_owned(),
            model: "llama-3.2-3b".to_owned(),
            monthly_tokens: "500000".to_owned(),
        },
        has_key: true,
        default_address: "https://api.openai.com/v1".to_owned(),
        model: "llama-3.2-3b".to_owned(),
        reason: String::new(),
        errors: FormErrors::none(),
        version: 2,
        may_write: true,
        usage: AiUsageBox {
            since: "2026-11-01T00:00:00.000Z".to_owned(),
            tokens: 48_210,
            cap: 500_000,
            uses: 61,
            rows: vec![
                row("Written", "ok", 812, false),
                row("Stopped", "mute", 240, true),
                row("The server was busy", "bad", 0, false),
            ],
        },
    };
    vec![
        AiSettingsPage {
            shell: super::new_shell(Section::Settings, "AI"),
            form: AiSettingsForm {
                monthly_tokens: "500000".to_owned(),
                ..AiSettingsForm::default()
            },
            has_key: false,
            reason: "AI drafts are switched off in this workspace.".to_owned(),
            version: 0,
            usage: AiUsageBox { cap: 500_000, ..AiUsageBox::default() },
            ..own.clone()
        },
        AiSettingsPage { may_write: false, ..own.clone() },
        AiSettingsPage {
            errors: FormErrors::none()
                .with("base_url", "10.0.0.7 is on a private network; add it to OUTBOUND_ALLOW.")
                .with("monthly_tokens", "Enter a whole number up to 1,000,000,000."),
            ..own.clone()
        },
        own,
    ]
}
