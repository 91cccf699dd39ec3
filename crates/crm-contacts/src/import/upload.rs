//! Taking a file.

use crm_core::{AuditEvent, ImportId, Scope};
use sea_orm::Set;

use super::{
    Dialect, Import, ImportError, ImportMode, ImportState, MAX_FILE_BYTES, Result, SeaImports,
    detect, file, store,
};
use crate::entity::imports;

/// Longest file name kept, in characters.
const MAX_NAME: usize = 200;

pub(super) async fn run(
    imports: &SeaImports,
    scope: &Scope,
    file_name: &str,
    bytes: Vec<u8>,
) -> Result<Import> {
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
        return Err(ImportError::TooLarge(MAX_FILE_BYTES));
    }
    let id = imports.ctx.id(ImportId::from_uuid);
    let (data_dir, name) = (imports.data_dir.clone(), file_name.to_owned());
    let dialect = file::aside(move || -> Result<Dialect> {
        let dialect = detect::dialect(&bytes, &name)?;
        file::write(&data_dir, id, &bytes).map_err(file::error)?;
        Ok(dialect)
    })
    .await??;
    let written = write_row(imports, scope, id, file_name, &dialect).await;
    if written.is_err() {
        let data_dir = imports.data_dir.clone();
        file::aside(move || file::remove(&data_dir, id)).await?;
    }
    written
}

async fn write_row(
    imports: &SeaImports,
    scope: &Scope,
    id: ImportId,
    file_name: &str,
    dialect: &Dialect,
) -> Result<Import> {
    let file_name = readable(file_name);
    let row = imports::ActiveModel {
        id: Set(id),
        workspace_id: Set(scope.workspace_id()),
        user_id: Set(scope.user_id()),
        file_name: Set(file_name.clone()),
        file_path: Set(Some(file::relative(id))),
        list_id: Set(None),
        mode: Set(ImportMode::Skip.as_str().to_owned()),
        dry_run: Set(false),
        state: Set(ImportState::Uploaded.as_str().to_owned()),
        mapping: Set(None),
        dialect: Set(Some(serde_json::to_value(dialect).map_err(crm_core::StoreError::from)?)),
        total: Set(0),
        created: Set(0),
        updated: Set(0),
        skipped: Set(0),
        failed: Set(0),
        error: Set(None),
        resume_at_row: Set(0),
        created_at: Set(imports.ctx.now()),
        started_at: Set(None),
        finished_at: Set(None),
        boot_id: Set(None),
        undo_state: Set(None),
        undo_removed: Set(0),
        undo_restored: Set(0),
        undo_kept: Set(0),
        undo_gone: Set(0),
        undone_at: Set(None),
    };
    let tx = imports.ctx.db.begin().await?;
    let row = tx.insert(scope, row).await?;
    let event = AuditEvent::new("import.uploaded", "import", id).with("file_name", file_name);
    imports.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    store::import(row)
}

/// A file's name for people: without folders and control characters, and never empty.
fn readable(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.trim().chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    if kept.is_empty() { "contacts.csv".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_for_people_only() {
        assert_eq!(readable("../../etc/passwd"), "passwd");
        assert_eq!(readable("C:\\Users\\a\\kontakte.csv"), "kontakte.csv");
        assert_eq!(readable("\u{0} \n"), "contacts.csv");
    }
}
