//! Mail that comes in: reports about messages of ours, complaints, answers, and wishes to hear no more.
//!
//! What a message says decides nothing by itself: it counts as far as it names a message of ours by what only its
//! recipient, or a server on its way, can know.

mod complaint;
mod fields;
mod handle;
mod read;
mod report;
mod text;
mod token;

pub(crate) use handle::{Handled, handle, settle};
pub(super) use handle::{on_timeline, once, shown};
pub(crate) use read::{Mail, read_safely};
pub(crate) use token::{Purpose, mint};
