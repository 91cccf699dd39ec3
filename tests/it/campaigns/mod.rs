//! Templates, and campaigns from draft to the moment the engine takes over, at the level of their services, on both
//! databases.

mod approval;
mod audience_form;
mod coverage;
pub mod desk;
mod events;
mod hooks;
mod inbox;
mod law;
mod lifecycle;
mod mailgun_hooks;
mod messages;
mod past;
mod preflight;
mod report;
mod suppressions;
mod templates;
mod tracking;
mod twilio_emulated;
mod unknown;
mod versions;
