//! Rows of this crate's tables.

pub(crate) mod ai_usage;
