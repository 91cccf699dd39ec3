//! `/settings/keys`: a person's API keys, and the form that makes one.

use serde::Serialize;

use super::View;
use super::common::{Choice, FormErrors};
use super::shell::Shell;

/// `/settings/keys`. After a key was made, with the key itself on top.
#[derive(Debug, Clone, Default, Serialize)]
pub struct KeysPage {
    /// The frame.
    pub shell: Shell,
    /// The keys that were not revoked, newest first.
    pub keys: Vec<KeyRow>,
    /// The key that was just made.
    pub made: Option<MadeKey>,
}

/// One key of the list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct KeyRow {
    /// Id.
    pub id: String,
    /// What it is for.
    pub description: String,
    /// The beginning of the key.
    pub prefix: String,
    /// What it may be used for, in words.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: String,
    /// When it was last used.
    pub last_used_at: Option<String>,
    /// When it ends.
    pub expires_at: Option<String>,
    /// Whether it has ended.
    pub expired: bool,
}

/// A key that is shown this once.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MadeKey {
    /// What it is for.
    pub description: String,
    /// The key itself.
    pub key: String,
}

impl View for KeysPage {
    const TEMPLATE: &'static str = "pages/settings/keys.html";

    fn samples() -> Vec<Self> {
        super::samples::keys::list()
    }
}

/// `/settings/keys/new`. Fields: `description`, `expires` (days, or empty for never), `scopes` once for each box.
#[derive(Debug, Clone, Default, Serialize)]
pub struct KeyFormPage {
    /// The frame.
    pub shell: Shell,
    /// What was typed.
    pub description: String,
    /// How long it is to last.
    pub expires: Vec<Choice>,
    /// Whether all the person may do is chosen.
    pub everything: bool,
    /// Scopes offered, by resource.
    pub groups: Vec<ScopeGroup>,
    /// What is wrong.
    pub errors: FormErrors,
}

/// The scopes of one resource.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ScopeGroup {
    /// The resource, in words.
    pub label: String,
    /// Its scopes.
    pub choices: Vec<Choice>,
}

impl View for KeyFormPage {
    const TEMPLATE: &'static str = "pages/settings/key.html";

    fn samples() -> Vec<Self> {
        super::samples::keys::form()
    }
}
