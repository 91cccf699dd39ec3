//! Contacts, the lists they are in, their timeline, segments over them, and their import and export.
//!
//! Each folder holds one subject: its service trait and types in `mod.rs`, one file per use case beside it.

pub mod board;
pub mod bulk;
pub(crate) mod compare;
pub mod consents;
pub mod contacts;
pub(crate) mod door;
pub(crate) mod entity;
pub mod export;
pub mod fields;
pub mod import;
pub mod ledger;
pub mod lists;
pub mod merge;
pub mod privacy;
pub mod segments;
pub(crate) mod snapshot;
pub mod tasks;
pub mod timeline;
pub mod trash;

pub use board::{Board, BoardError};
pub use bulk::{BulkActions, BulkError};
pub use contacts::{Contact, Contacts, ContactsError};
pub use export::ExportError;
pub use fields::{Fields, FieldsError};
pub use import::{ImportError, Imports};
pub use lists::{Lists, ListsError};
pub use merge::{MergeError, Merges};
pub use privacy::Privacy;
pub use segments::{Segment, SegmentError, Segments};
pub use tasks::{Tasks, TasksError};
pub use timeline::{Timeline, TimelineError};
pub use trash::{Trash, TrashError};
