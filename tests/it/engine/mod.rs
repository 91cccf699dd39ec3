//! The send engine: what leaves, to whom, how often, and what the ledger says about it.

mod channels;
mod dkim;
mod failures;
mod faults;
mod hostile;
mod http_faults;
mod inbound;
mod kill;
mod limits;
mod mailbox;
mod mailbox_account;
mod mailbox_hostile;
mod mailgun;
mod messages;
mod model;
mod official;
mod polls;
mod promises;
mod quiet;
mod recovery;
mod relay;
mod restored;
mod rig;
mod running;
mod sending;
mod siblings;
mod spending;
mod stopping;
mod subjects;
mod texts;
mod thousand;
#[cfg(feature = "torture")]
mod torture;
mod twilio;
mod victim;
mod words;
