//! Error pages: what happened, what is safe, what to do.

use serde::Serialize;

use super::View;
use super::door::Door;
use super::shell::Shell;

/// What an error page says.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// What happened, as a heading.
    pub title: String,
    /// What is safe, and what to do.
    pub message: String,
    /// Id of the request, which the log knows too.
    pub request_id: String,
    /// When, RFC 3339 UTC.
    pub at: String,
    /// Where "Back" leads.
    pub back_url: String,
}

/// An error page inside the shell, for somebody signed in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ErrorPage {
    /// The frame.
    pub shell: Shell,
    /// What happened.
    pub problem: Problem,
}

/// An error page for anybody else.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DoorErrorPage {
    /// The frame.
    pub door: Door,
    /// What happened.
    pub problem: Problem,
}

impl Problem {
    /// The words for a status where nothing more precise is known.
    pub fn words(status: u16) -> (&'static str, &'static str) {
        match status {
            400 | 422 => (
                "This could not be taken as it was",
                "Nothing was changed. Go back, correct what was typed, and try again.",
            ),
            401 => ("Please sign in", "Your session has ended. Nothing was changed."),
            403 => (
                "You may not do this here",
                "Nothing was changed. Someone with another role in this workspace can do it.",
            ),
            404 => (
                "There is nothing at this address",
                "It was deleted, or the link is wrong. Everything else is where it was.",
            ),
            409 => (
                "Something changed in the meantime",
                "Nothing was overwritten. Go back to see how it stands now, then decide again.",
            ),
            413 => {
                ("This file is too large", "Nothing was stored. Split the file and send the parts.")
            }
            429 => ("Too many tries", "Nothing was changed. Wait a few minutes, then try again."),
            503 => (
                "The database does not answer",
                "Nothing you saved is lost. The page works again once the database is back.",
            ),
            _ => (
                "This page could not be made",
                "Nothing you saved is lost. What you did last was either done whole or not at all.",
            ),
        }
    }
}

impl View for ErrorPage {
    const TEMPLATE: &'static str = "pages/error.html";

    fn samples() -> Vec<Self> {
        super::samples::door::errors()
    }
}

impl View for DoorErrorPage {
    const TEMPLATE: &'static str = "pages/error_door.html";

    fn samples() -> Vec<Self> {
        super::samples::door::door_errors()
    }
}
