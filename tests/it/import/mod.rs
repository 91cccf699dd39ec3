//! CSV imports on real files and both databases: every row has its outcome, whatever happens in between.

mod disk_full;
mod existing;
mod files;
mod interrupted;
mod large;
mod rig;
mod samples;
mod service;
