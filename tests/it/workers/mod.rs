//! Background work: jobs, the queue they go through, and what becomes of them when either fails.

mod bench;
mod crashes;
mod failures;
mod jobs;
mod upkeep;
