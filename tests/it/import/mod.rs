//! Imports of real files on both databases: every row has its outcome, whatever happens in between.

mod columns;
mod disk_full;
mod existing;
mod files;
mod interrupted;
mod killed;
mod large;
mod remembered;
mod rig;
mod round_trip;
mod samples;
mod service;
mod undo;
mod vcard;
