//! The tables of this crate, and what it counts in those of others.

pub(crate) mod ai_insights;
pub(crate) mod ai_usage;
pub(crate) mod elsewhere;
pub(crate) mod insight_runs;
