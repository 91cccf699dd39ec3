//! API keys: none, several, one just made, one that has ended, a form with mistakes in it.

use super::super::common::{Choice, FormErrors};
use super::super::keys::{KeyFormPage, KeyRow, KeysPage, MadeKey, ScopeGroup};
use super::super::shell::{Section, Shell};

fn shell(title: &str) -> Shell {
    super::shell(Section::Settings, title)
}

pub(in super::super) fn list() -> Vec<KeysPage> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let shop = KeyRow {
        id: super::id(1),
        description: "Web shop: new customers".to_owned(),
        prefix: "pcrm_Qm4x7a".to_owned(),
        scopes: words(&["Contacts: read and write", "Lists: read"]),
        created_at: "2026-10-01T08:00:00.000Z".to_owned(),
        last_used_at: Some("2026-11-03T13:05:00.000Z".to_owned()),
        expires_at: Some("2027-01-01T00:00:00.000Z".to_owned()),
        expired: false,
    };
    let old = KeyRow {
        id: super::id(2),
        description: "Donaudampfschifffahrtsgesellschaftsabrechnungsschnittstelle ".repeat(3),
        prefix: "pcrm_-_9zzK".to_owned(),
        scopes: words(&["Everything your role allows"]),
        last_used_at: None,
        expires_at: Some("2026-11-01T00:00:00.000Z".to_owned()),
        expired: true,
        ..shop.clone()
    };
    let made = MadeKey {
        description: shop.description.clone(),
        key: "pcrm_Qm4x7aUeS0mQx1nq0d8Zk3m1h5c9v7b2tJwYfLrP6AE".to_owned(),
    };
    vec![
        KeysPage { shell: shell("API keys"), ..KeysPage::default() },
        KeysPage { shell: shell("API keys"), keys: vec![shop, old], made: Some(made) },
    ]
}

pub(in super::super) fn form() -> Vec<KeyFormPage> {
    let group = |label: &str, word: &str| ScopeGroup {
        label: label.to_owned(),
        choices: vec![
            Choice::new(format!("{word}:read"), "Read", true),
            Choice::new(format!("{word}:write"), "Write", false),
        ],
    };
    let page = KeyFormPage {
        shell: shell("New API key"),
        expires: vec![Choice::new("90", "90 days", true), Choice::new("", "Never", false)],
        groups: vec![group("Contacts", "contacts"), group("Lists", "lists")],
        ..KeyFormPage::default()
    };
    let mut wrong = page.clone();
    wrong.everything = true;
    wrong.errors = FormErrors::none()
        .with("description", "Say in up to 200 characters what the key is for.")
        .with("scopes", "Choose at least one scope.");
    vec![page, wrong]
}
