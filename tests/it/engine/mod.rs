//! The send engine: what leaves, to whom, how often, and what the ledger says about it.

mod failures;
mod hostile;
mod kill;
mod limits;
mod recovery;
mod relay;
mod rig;
mod sending;
mod siblings;
mod stopping;
