//! Tasks for people who change pi-crm.

mod model;
pub(crate) mod postgres;
pub(crate) mod schemathesis;
pub(crate) mod setup;
pub(crate) mod test;
pub(crate) mod tidy;
pub(crate) mod ui;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use serde_json::Value;

use crate::command::{cargo, output};

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

/// Where cargo builds.
///
/// # Errors
/// When cargo does not say.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let metadata =
        output(cargo().args(["metadata", "--format-version=1", "--no-deps", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let target = metadata.get("target_directory").and_then(Value::as_str);
    target.map(PathBuf::from).context("cargo metadata names no target_directory")
}
