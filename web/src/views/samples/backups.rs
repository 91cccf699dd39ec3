//! Backups.

use super::super::backups::{BackupRow, BackupsPage};
use super::super::shell::Section;

pub(in super::super) fn backups() -> Vec<BackupsPage> {
    let row = |id: &str, is_verified| BackupRow {
        id: id.to_owned(),
        name: "pi-crm-20261128T031700Z-016a3c451d7f.db.zst".to_owned(),
        path: "/var/lib/pi-crm/backups/pi-crm-20261128T031700Z-016a3c451d7f.db.zst".to_owned(),
        created_at: "2026-11-28T03:17:00.000Z".to_owned(),
        size: "14.2 MB".to_owned(),
        is_verified,
    };
    let empty =
        BackupsPage { shell: super::shell(Section::Settings, "Backups"), ..BackupsPage::default() };
    vec![
        BackupsPage {
            is_good: true,
            backups: vec![row("one", true), row("two", false)],
            ..empty.clone()
        },
        BackupsPage {
            is_late: true,
            error: Some("the disk is full at /mnt/<b>stick</b>/backups".to_owned()),
            backups: vec![row("one", false)],
            ..empty.clone()
        },
        BackupsPage { is_elsewhere: true, ..empty.clone() },
        empty,
    ]
}
