//! Backups of the database: made while everything goes on, opened and checked before they count, and put back whole or
//! not at all.
//!
//! They concern the installation and no workspace: whoever may make one may read everything. A backup is one file, which
//! `zstd -d` turns into a SQLite database. The keys of the data folder are not in it: without `encryption.key`, what is
//! sealed in the database stays sealed.

mod check;
mod copy;
mod entity;
mod error;
mod files;
mod format;
mod keep;
mod lock;
mod restore;
mod service;

pub use error::BackupError;
pub use format::Header;
pub use keep::Keep;
pub use restore::{Restoring, Switched};
pub use service::{Backup, Backups, Places, SeaBackups, Standing, verify};
