//! The shell of pi-crm: HTTP, pages, background workers and the command line around the services of the domain crates.

pub mod api;
pub mod app;
pub mod bootstrap;
pub mod cli;
pub mod config;
pub mod door;
pub mod error;
pub mod extract;
pub mod mailer;
pub mod middleware;
pub mod pages;
pub mod server;
pub mod state;
pub mod views;
pub mod workers;
