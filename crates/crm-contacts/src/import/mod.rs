//! Import of CSV files and vCards: a file is stored, looked at, mapped, tried out, and then read in batches; a killed import goes on where
//! it stopped, and every row ends as created, updated, skipped or failed with a reason.

mod batch;
mod cancel;
mod decode;
mod detect;
mod errors_csv;
mod file;
mod forget;
mod headers;
mod known;
mod lists;
mod outcome;
mod person;
mod plan;
mod preview;
mod reader;
mod records;
mod remembered;
mod report;
mod run;
mod sea;
mod store;
mod targets;
mod undo;
mod upload;
mod values;
mod vcard;
mod world;
mod write;

use std::collections::BTreeMap;

use async_trait::async_trait;
use crm_core::{
    ImportId, ListId, Page, PageRequest, Scope, StoreError, Timestamp, UserId, WorkspaceId,
};
pub use sea::SeaImports;
use serde::{Deserialize, Serialize};
pub use undo::{KeptContact, Undo, UndoState};

/// Most bytes a file may have.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// What to do with a row whose contact is there already (same e-mail address, else same phone).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// Leave the contact as it is.
    #[default]
    Skip,
    /// Fill what is empty.
    Fill,
    /// Replace what the row has a value for.
    Overwrite,
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// The file is here; nothing was asked of it yet.
    Uploaded,
    /// Waits for its turn.
    Queued,
    /// Is being read.
    Running,
    /// Every row has an outcome.
    Done,
    /// Could not be finished; `error` says why. Rows read so far stay.
    Failed,
    /// Stopped by a person.
    Cancelled,
}

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    /// A table.
    #[default]
    Csv,
    /// Cards, each a row.
    VCard,
}

/// How a file is written, as detected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// What kind of file it is.
    #[serde(default)]
    pub format: FileFormat,
    /// WHATWG name of the encoding, such as `UTF-8` or `windows-1252`.
    pub encoding: String,
    /// Field separator: `,`, `;`, tab or `|`. Cards have none.
    pub delimiter: char,
    /// Whether a byte order mark comes first.
    pub has_bom: bool,
    /// Of cards, the columns what they say is laid out in; a table names its own.
    #[serde(default)]
    pub columns: Vec<String>,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            format: FileFormat::Csv,
            encoding: "UTF-8".to_owned(),
            delimiter: ',',
            has_bom: false,
            columns: Vec::new(),
        }
    }
}

/// Column header → contact column (`first_name`, `last_name`, `primary_email`, `primary_phone`, `company`,
/// `value_minor`, `owner` (a member's e-mail address), `stage` (its name), `tags` (names separated by `;`)) or
/// `custom.<field>`. Headers left out are ignored.
pub type Mapping = BTreeMap<String, String>;

/// One column of a file, for the mapping page.
#[derive(Debug, Clone)]
pub struct ColumnPreview {
    /// Its header.
    pub header: String,
    /// Values of the first rows.
    pub samples: Vec<String>,
    /// The target its header suggests.
    pub suggested: Option<String>,
}

/// What a file looks like before it is imported.
#[derive(Debug, Clone)]
pub struct FilePreview {
    /// How it is written.
    pub dialect: Dialect,
    /// Its columns.
    pub columns: Vec<ColumnPreview>,
    /// The first five rows.
    pub rows: Vec<Vec<String>>,
}

/// How many rows ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ImportCounts {
    /// Rows with an outcome.
    pub total: u64,
    /// New contacts.
    pub created: u64,
    /// Contacts changed.
    pub updated: u64,
    /// Rows that changed nothing.
    pub skipped: u64,
    /// Rows that could not be used.
    pub failed: u64,
}

/// An import.
#[derive(Debug, Clone)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// Who brought the file.
    pub user_id: Option<UserId>,
    /// Its name, for people.
    pub file_name: String,
    /// Where it stands.
    pub state: ImportState,
    /// Whether rows are only tried out.
    pub dry_run: bool,
    /// What happens to contacts that are there already.
    pub mode: ImportMode,
    /// The list new and changed contacts are put into.
    pub list_id: Option<ListId>,
    /// Which column goes where.
    pub mapping: Mapping,
    /// How the file is written.
    pub dialect: Dialect,
    /// How rows ended so far.
    pub counts: ImportCounts,
    /// Why it failed.
    pub error: Option<String>,
    /// When the file came.
    pub created_at: Timestamp,
    /// When reading began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What undoing it came to, once that was asked for.
    pub undo: Option<Undo>,
}

/// How to read a stored file.
#[derive(Debug, Clone, Default)]
pub struct ImportPlan {
    /// Which column goes where; `None` takes what the headers suggest.
    pub mapping: Option<Mapping>,
    /// What happens to contacts that are there already.
    pub mode: ImportMode,
    /// Put contacts into this list.
    pub list_id: Option<ListId>,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// How one row ended.
#[derive(Debug, Clone)]
pub struct RowReport {
    /// Its number in the file, the header being 1; of a card, the first one being 1.
    pub row_no: u64,
    /// `created`, `updated`, `skipped`, `failed`
    pub outcome: String,
    /// Why, for skipped and failed ones.
    pub reason: Option<String>,
    /// The row's fields, for failed ones.
    pub raw: Vec<String>,
}

/// Why an import was refused or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is empty, binary, or has no header row or no card; the text says which.
    #[error("{0}")]
    NotCsv(String),
    /// The file is larger than the limit, in bytes.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// The mapping names a header the file does not have.
    #[error("the file has no column named {0}")]
    UnknownHeader(String),
    /// The mapping names a target contacts do not have.
    #[error("contacts have no field named {0}")]
    UnknownTarget(String),
    /// Two columns are mapped to one target.
    #[error("two columns are mapped to {0}")]
    DuplicateTarget(String),
    /// Nothing is mapped that could tell one contact from another.
    #[error("map at least a name, a company, an e-mail address or a phone number")]
    NothingMapped,
    /// The list is not in this workspace.
    #[error("there is no such list")]
    UnknownList,
    /// The import is not in a state in which this can be done.
    #[error("this import is {0} already")]
    InvalidState(&'static str),
    /// Only an import that has ended, and that was no trial run, can be undone.
    #[error("only an import that has ended can be undone")]
    NothingToUndo,
    /// The disk is full. What was imported so far stays, nothing is half-written.
    #[error("the disk is full")]
    DiskFull,
    /// The stored file cannot be read.
    #[error("the stored file cannot be read")]
    File(#[source] std::io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        match error {
            // A full disk is one error, whoever met it.
            StoreError::DiskFull(_) => Self::DiskFull,
            other => Self::Store(other),
        }
    }
}

/// Result of an import operation.
pub type Result<T> = std::result::Result<T, ImportError>;

/// The imports of one workspace.
#[async_trait]
pub trait Imports: Send + Sync {
    /// Stores a file (bytes as uploaded) after checking that it can be a CSV or vCards; the import is `uploaded`.
    async fn upload(&self, scope: &Scope, file_name: &str, bytes: Vec<u8>) -> Result<Import>;
    /// Looks at the first rows of an import's file.
    async fn preview(&self, scope: &Scope, id: ImportId) -> Result<Option<FilePreview>>;
    /// Checks the plan and queues the import (or the trial run); a job is enqueued in the same transaction. A trial run
    /// that is done can be planned again.
    async fn plan(&self, scope: &Scope, id: ImportId, plan: ImportPlan) -> Result<Option<Import>>;
    /// One import.
    async fn get(&self, scope: &Scope, id: ImportId) -> Result<Option<Import>>;
    /// All imports, newest first.
    async fn list(&self, scope: &Scope, page: PageRequest) -> Result<Page<Import>>;
    /// Rows by outcome, in file order.
    async fn rows(
        &self,
        scope: &Scope,
        id: ImportId,
        outcome: &str,
        page: PageRequest,
    ) -> Result<Page<RowReport>>;
    /// The failed rows as CSV: the file's own columns and a last one `error`. Cells that a spreadsheet would run as
    /// formulas are neutralised.
    async fn errors_csv(&self, scope: &Scope, id: ImportId) -> Result<Option<Vec<u8>>>;
    /// Stops a queued or running import; rows read so far stay.
    async fn cancel(&self, scope: &Scope, id: ImportId) -> Result<Option<Import>>;
    /// Undoes an import that has ended: contacts it made are removed and those it changed become what they were, but for
    /// those somebody has changed since. A job is enqueued in the same transaction.
    async fn undo(&self, scope: &Scope, id: ImportId) -> Result<Option<Import>>;
    /// The contacts undoing left as they are, in file order.
    async fn kept(
        &self,
        scope: &Scope,
        id: ImportId,
        page: PageRequest,
    ) -> Result<Page<KeptContact>>;
    /// The ids of all imports of the workspace, to be handed to [`Imports::forget`] once the workspace is deleted.
    async fn ids(&self, scope: &Scope) -> Result<Vec<ImportId>>;
    /// Removes the files of those imports that are in the database no more.
    async fn forget(&self, ids: Vec<ImportId>) -> Result<()>;
    /// Reads an import to its end, or undoes it to its end, from where that stopped: what the job calls. Does nothing where there is nothing to do.
    async fn run(&self, workspace_id: WorkspaceId, id: ImportId) -> Result<()>;
    /// Ends an import as `failed` that was being read at every one of the last crashes and got no further. Does nothing to
    /// one that is over.
    async fn give_up(&self, workspace_id: WorkspaceId, id: ImportId) -> Result<()>;
    /// Imports that should be running and that nobody reads, in every workspace: for the reconciler. On PostgreSQL, where
    /// another process may be reading, one that was begun elsewhere is told from the second call on, if it has not moved.
    async fn unfinished(&self) -> Result<Vec<(WorkspaceId, ImportId)>>;
}

/// The job that reads an import.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct RunImport {
    /// Its workspace.
    pub workspace_id: WorkspaceId,
    /// The import.
    pub import_id: ImportId,
}

impl crm_core::outbox::Job for RunImport {
    const NAME: &'static str = "run-import";
}
