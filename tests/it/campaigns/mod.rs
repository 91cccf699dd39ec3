//! Templates, and campaigns from draft to the moment the engine takes over, at the level of their services, on both
//! databases.

mod approval;
mod coverage;
pub mod desk;
mod events;
mod inbox;
mod lifecycle;
mod messages;
mod past;
mod preflight;
mod suppressions;
mod templates;
mod tracking;
mod unknown;
mod versions;
