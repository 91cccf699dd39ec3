//! Contacts, the lists they are in, their timeline, segments over them, and their import.
//!
//! Each folder holds one subject: its service trait and types in `mod.rs`, one file per use case beside it.

pub mod board;
pub(crate) mod compare;
pub mod contacts;
pub(crate) mod door;
pub(crate) mod entity;
pub mod fields;
pub mod import;
pub mod lists;
pub mod segments;
pub mod tasks;
pub mod timeline;

pub use board::{Board, BoardError};
pub use contacts::{Contact, Contacts, ContactsError};
pub use fields::{Fields, FieldsError};
pub use import::{ImportError, Imports};
pub use lists::{Lists, ListsError};
pub use segments::{Segment, SegmentError, Segments};
pub use tasks::{Tasks, TasksError};
pub use timeline::{Timeline, TimelineError};
