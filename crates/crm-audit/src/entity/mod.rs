//! The tables of the log, and what it reads of others.

pub(crate) mod audit_head;
pub(crate) mod audit_logs;
pub(crate) mod users;
pub(crate) mod workspace_members;
