//! `/settings/backups`: backups of the whole installation, for whoever runs it.

use serde::Serialize;

use super::View;
use super::shell::Shell;

/// `/settings/backups`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BackupsPage {
    /// The frame.
    pub shell: Shell,
    /// Whether the database is on a server, and backed up there.
    pub is_elsewhere: bool,
    /// Whether there is one of the last day.
    pub is_good: bool,
    /// Whether there should be a newer one.
    pub is_late: bool,
    /// Why the last try failed.
    pub error: Option<String>,
    /// Those there are, newest first.
    pub backups: Vec<BackupRow>,
}

/// One of them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BackupRow {
    /// Its id.
    pub id: String,
    /// Its file's name.
    pub name: String,
    /// Its file.
    pub path: String,
    /// When it was begun.
    pub created_at: String,
    /// How large its file is, with the unit.
    pub size: String,
    /// Whether it was opened and checked.
    pub is_verified: bool,
}

impl View for BackupsPage {
    const TEMPLATE: &'static str = "pages/settings/backups.html";

    fn samples() -> Vec<Self> {
        super::samples::backups::backups()
    }
}
