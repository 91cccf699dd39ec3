//! Tasks for people who change pi-crm.

mod postgres;
pub(crate) mod setup;
pub(crate) mod test;
pub(crate) mod tidy;
pub(crate) mod ui;

use clap::ValueEnum;

/// A part of the test run that can be chosen by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    /// `cargo fmt --check`
    Fmt,
    /// `cargo xtask tidy`
    Tidy,
    /// The committed assets are what web/ui builds
    Ui,
    /// `cargo clippy` with warnings as errors
    Clippy,
    /// Unit and integration tests, on SQLite and PostgreSQL
    It,
    /// The product in a real Chromium
    E2e,
}

impl Section {
    /// All, in the order they run: the quick ones first.
    pub(crate) const ALL: [Self; 6] =
        [Self::Fmt, Self::Tidy, Self::Ui, Self::Clippy, Self::It, Self::E2e];

    /// The word that chooses it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Tidy => "tidy",
            Self::Ui => "ui",
            Self::Clippy => "clippy",
            Self::It => "it",
            Self::E2e => "e2e",
        }
    }
}
