//! The pages as types: every template has one struct that holds exactly what it shows.
//!
//! Page handlers fill these structs from the services and hand them to [`Engine::page`]. Nothing here looks anything
//! up: strings are ready to show, ids are strings, times are RFC 3339 strings that a filter turns into words in the
//! workspace's time zone, money is an integer in the currency's smallest unit.
//!
//! Each view names its template and carries samples; one test renders them all, so that a field a template misses
//! fails the build and not a user's page.

pub mod account;
pub mod ai;
pub mod api_docs;
pub mod assets;
pub mod audit;
pub mod backups;
pub mod bulk;
pub mod campaign;
pub mod campaign_report;
pub mod campaign_subjects;
pub mod campaigns;
pub mod cells;
pub mod common;
pub mod conflict;
pub mod contact;
pub mod contacts;
pub mod dashboard;
pub mod door;
mod embedded;
pub mod engine;
pub mod errors;
pub mod fields;
mod filters;
pub mod imports;
pub mod inbox;
pub mod incoming;
pub mod insights;
pub mod invitation;
pub mod keys;
pub mod lists;
pub mod mail;
pub mod mailbox;
pub mod mailgun;
pub mod merge;
pub mod people;
pub mod pipeline;
pub mod practice;
pub mod providers;
pub mod reset;
mod samples;
pub mod segments;
pub mod sending;
pub mod settings;
pub mod shell;
pub mod suppressions;
pub mod tasks;
pub mod team;
pub mod templates;
pub mod timeline;
pub mod trash;
pub mod twilio;

#[cfg(test)]
mod tests;

pub use engine::{Engine, ViewError};
pub use shell::{Flash, NavCounts, Section, Shell, Theme, Undo, WorkspaceLink};

/// A page: what it shows, and the template that shows it.
pub trait View: serde::Serialize {
    /// Path of the template below `templates/`.
    const TEMPLATE: &'static str;

    /// States worth looking at, the awkward ones included. The tests render each of them.
    fn samples() -> Vec<Self>
    where
        Self: Sized;
}
