//! Contacts as a CSV file or as vCards, a stretch at a time, so that a million of them need no more memory than a page.
//!
//! What is written here is read by [`crate::import`] without loss: columns bear the names of the importer's targets,
//! cells a spreadsheet would run as formulas are marked in a way that can be taken back, names of tags may hold
//! anything, and what a card has no place for is in properties of our own.

mod begin;
mod cards;
mod columns;
pub(crate) mod own;
mod rows;

use std::collections::HashMap;

pub use begin::begin;
use crm_core::{Context, Cursor, Page, PageRequest, Scope, UserId};

use self::columns::Column;
use crate::contacts::{Contact, ContactQuery, ContactsError, list};

/// Why contacts could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A column contacts do not have.
    #[error("contacts have no column named {0}")]
    UnknownColumn(String),
    /// What is to be exported cannot be read.
    #[error(transparent)]
    Contacts(#[from] ContactsError),
}

impl From<crm_core::StoreError> for ExportError {
    fn from(err: crm_core::StoreError) -> Self {
        Self::Contacts(err.into())
    }
}

/// Result of an export operation.
pub type Result<T> = std::result::Result<T, ExportError>;

/// How contacts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A table for spreadsheets.
    #[default]
    Csv,
    /// Cards for address books, in version 4.0.
    VCard4,
    /// The same for older ones, in version 3.0.
    VCard3,
}

impl Format {
    /// What it is called in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::VCard4 => "vcard 4.0",
            Self::VCard3 => "vcard 3.0",
        }
    }
}

/// A part of the file.
#[derive(Debug)]
pub struct Stretch {
    /// Its text, UTF-8; the first one of a CSV file begins with a byte order mark and the names of the columns.
    pub bytes: Vec<u8>,
    /// How many contacts are in it.
    pub contacts: u64,
    /// Where the next one begins; `None` at the end.
    pub next: Option<Cursor>,
}

/// An export that has begun.
pub struct Export {
    ctx: Context,
    scope: Scope,
    query: ContactQuery,
    format: Format,
    columns: Vec<Column>,
    /// E-mail addresses of the workspace's members.
    people: HashMap<UserId, String>,
    /// How many contacts there were when it began.
    pub count: u64,
}

impl Export {
    /// The part that begins at `cursor`.
    ///
    /// # Errors
    /// Where the contacts cannot be read.
    pub async fn go_on(&self, cursor: Cursor) -> Result<Stretch> {
        let page = PageRequest { limit: crm_core::paging::MAX_LIMIT, cursor: Some(cursor) };
        let query = ContactQuery { page, ..self.query.clone() };
        let page = list::run(&self.ctx, &self.scope, query).await?;
        self.stretch(page, false)
    }

    fn stretch(&self, page: Page<Contact>, is_first: bool) -> Result<Stretch> {
        match self.format {
            Format::Csv => rows::stretch(&self.columns, &self.people, page, is_first),
            Format::VCard4 | Format::VCard3 => {
                cards::stretch(self.format, &self.columns, &self.people, page)
            }
        }
    }
}
