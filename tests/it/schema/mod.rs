//! The schema both databases really have after the migrations, and what it refuses by itself.

mod ledger;
mod lookups;
mod read_back;
mod refusals;
mod rows;
mod search;
mod steps;
mod written;
