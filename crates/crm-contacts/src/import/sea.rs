//! [`Imports`] on the database and the data folder.

use std::path::PathBuf;

use async_trait::async_trait;
use crm_core::{BootId, Context, ImportId, Page, PageRequest, Scope, WorkspaceId};

use super::run::Busy;
use super::{
    FilePreview, Import, ImportPlan, Imports, KeptContact, Result, RowReport, cancel, errors_csv,
    forget, plan, preview, report, run, undo, upload,
};

/// [`Imports`] on the database, with the files in the data folder.
#[derive(Clone)]
pub struct SeaImports {
    pub(super) ctx: Context,
    pub(super) data_dir: PathBuf,
    pub(super) boot_id: BootId,
    pub(super) busy: Busy,
}

impl SeaImports {
    /// Imports whose files are kept in `imports` inside `data_dir`, read by the server run `boot_id`.
    pub fn new(ctx: Context, data_dir: PathBuf, boot_id: BootId) -> Self {
        Self { ctx, data_dir, boot_id, busy: Busy::default() }
    }
}

#[async_trait]
impl Imports for SeaImports {
    async fn upload(&self, scope: &Scope, file_name: &str, bytes: Vec<u8>) -> Result<Import> {
        upload::run(self, scope, file_name, bytes).await
    }

    async fn preview(&self, scope: &Scope, id: ImportId) -> Result<Option<FilePreview>> {
        preview::run(self, scope, id).await
    }

    async fn plan(&self, scope: &Scope, id: ImportId, plan: ImportPlan) -> Result<Option<Import>> {
        plan::run(self, scope, id, plan).await
    }

    async fn get(&self, scope: &Scope, id: ImportId) -> Result<Option<Import>> {
        report::get(self, scope, id).await
    }

    async fn list(&self, scope: &Scope, page: PageRequest) -> Result<Page<Import>> {
        report::list(self, scope, page).await
    }

    async fn rows(
        &self,
        scope: &Scope,
        id: ImportId,
        outcome: &str,
        page: PageRequest,
    ) -> Result<Page<RowReport>> {
        report::rows(self, scope, id, outcome, page).await
    }

    async fn errors_csv(&self, scope: &Scope, id: ImportId) -> Result<Option<Vec<u8>>> {
        errors_csv::run(self, scope, id).await
    }

    async fn cancel(&self, scope: &Scope, id: ImportId) -> Result<Option<Import>> {
        cancel::run(self, scope, id).await
    }

    async fn undo(&self, scope: &Scope, id: ImportId) -> Result<Option<Import>> {
        undo::request(self, scope, id).await
    }

    async fn kept(
        &self,
        scope: &Scope,
        id: ImportId,
        page: PageRequest,
    ) -> Result<Page<KeptContact>> {
        undo::kept(self, scope, id, page).await
    }

    async fn ids(&self, scope: &Scope) -> Result<Vec<ImportId>> {
        forget::ids(self, scope).await
    }

    async fn forget(&self, ids: Vec<ImportId>) -> Result<()> {
        forget::run(self, ids).await
    }

    async fn run(&self, workspace_id: WorkspaceId, id: ImportId) -> Result<()> {
        run::run(self, workspace_id, id).await
    }

    async fn give_up(&self, workspace_id: WorkspaceId, id: ImportId) -> Result<()> {
        run::give_up(self, workspace_id, id).await
    }

    async fn unfinished(&self) -> Result<Vec<(WorkspaceId, ImportId)>> {
        run::unfinished(self).await
    }
}
