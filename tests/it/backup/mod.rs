//! Backups by the command line, on files: made under load, checked, put back, and ended in the middle of it.

mod interrupted;
mod making;
mod pages;
mod restoring;
mod rig;
