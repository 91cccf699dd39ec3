//! Samples of `/settings/sending`.

use super::super::common::FormErrors;
use super::super::sending::{DomainCard, RecordRow, SendingPage, SignerForm};
use super::shell;
use crate::views::Section;

fn record(
    label: &str,
    (tone, icon, stands): (&str, &str, &str),
    wanted: Option<&str>,
) -> RecordRow {
    RecordRow {
        label: label.to_owned(),
        purpose: "who may send for this domain".to_owned(),
        tone: tone.to_owned(),
        icon: icon.to_owned(),
        stands: stands.to_owned(),
        kind: "TXT".to_owned(),
        name: "kornfeld.example".to_owned(),
        wanted: wanted.map(str::to_owned),
        found: vec!["v=spf1 include:_spf.google.com ~all".to_owned()],
        words: "The record does not let all your providers send.".to_owned(),
    }
}

pub(in super::super) fn pages() -> Vec<SendingPage> {
    let signer = SignerForm {
        provider_id: super::id(601),
        name: "Kornfeld mail".to_owned(),
        has_key: true,
        is_on: true,
        selector: "picrm".to_owned(),
        record_name: "picrm._domainkey.kornfeld.example".to_owned(),
        record_value: format!(
            "v=DKIM1; k=rsa; p=MIIBIjAN{}",
            "BgkqhkiG9w0BAQEFAAOCAQ8A".repeat(12)
        ),
        ..SignerForm::default()
    };
    let none = SignerForm {
        has_key: false,
        is_on: false,
        record_value: String::new(),
        is_open: true,
        errors: FormErrors::none().with("private_key", "This is no RSA key."),
        ..signer.clone()
    };
    let page = |domains: Vec<DomainCard>, may_write| SendingPage {
        shell: shell(Section::Settings, "Sending domain"),
        domains,
        may_write,
        errors: FormErrors::none(),
    };
    let good = ("ok", "ok", "In order");
    let bad = ("bad", "fail", "Not right");
    let unknown = ("warn", "unknown", "Could not be checked");
    let checked = DomainCard {
        domain: "kornfeld.example".to_owned(),
        providers: "Kornfeld mail, Mailgun".to_owned(),
        checked_at: Some("2026-11-03T13:06:41.000Z".to_owned()),
        records: vec![
            record("SPF", bad, Some("v=spf1 include:mailgun.org ip4:192.0.2.10 ~all")),
            record("DKIM", good, None),
            record("DMARC", unknown, Some("v=DMARC1; p=none")),
        ],
        signers: vec![signer],
    };
    let fresh = DomainCard {
        checked_at: None,
        records: Vec::new(),
        signers: vec![none],
        ..checked.clone()
    };
    vec![
        page(vec![checked.clone()], true),
        page(vec![fresh], true),
        page(vec![checked], false),
        page(Vec::new(), true),
    ]
}
