//! The harness of the integration tests: real databases, the real application, real servers.
//!
//! Nothing in here imitates a part of the product. A test gets a database of its own ([`db`]), the
//! application on it over HTTP ([`app`], or as a process that can be killed: [`process`]) and the
//! outside world as real servers on loopback ([`smtp`]).

pub mod app;
pub mod client;
pub mod db;
pub mod dkim;
pub mod dns;
pub mod emulate;
pub mod emulate_twilio;
pub mod faulty;
pub mod graph;
pub mod http;
pub mod imap;
pub mod mailgun;
pub mod model;
pub mod paths;
pub mod ports;
pub mod process;
pub mod relay;
pub mod signing;
pub mod smtp;
pub mod snapshot;
pub mod tether;
pub mod twilio;
pub mod wait;

use std::io::Write as _;

pub use app::TestApp;
pub use client::{Answer, Client};
pub use db::{Backend, PerBackend, TestDb};
pub use snapshot::{Snapshot, unchanged};

/// Says something to whoever runs the tests.
pub fn say(text: &str) {
    // Nobody may be listening.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Writes one test per database from one body.
///
/// The argument may be of any type that implements [`PerBackend`]: [`TestDb`] (a migrated database
/// and nothing else), [`TestApp`] (the application in this process) or
/// [`process::Site`] (a data folder for the real binary).
///
/// ```ignore
/// both_databases! {
///     async fn a_second_contact_with_the_same_address_is_refused(app: TestApp) {
///         …
///     }
/// }
/// ```
///
/// becomes `a_second_contact_with_the_same_address_is_refused::sqlite` and `…::postgres`.
#[macro_export]
macro_rules! both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($arg:ident: $ty:ty) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn body($arg: $ty) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                body(<$ty as $crate::PerBackend>::fresh($crate::Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                body(<$ty as $crate::PerBackend>::fresh($crate::Backend::Postgres).await).await;
            }
        }
    )+};
}
