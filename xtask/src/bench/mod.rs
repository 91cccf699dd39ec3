//! `cargo xtask bench`: what pi-crm costs beside a floor measured in the same run.

mod contacts;
mod figures;
mod floor;
mod send;
mod server;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use crate::command::{cargo, find, run as run_command};
use crate::dev::target_directory;

/// What may be said on the command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to measure
    #[arg(value_parser = ["contacts", "send"], default_value = "contacts")]
    what: String,
    /// Contacts in the book, several with commas between them
    #[arg(long, value_delimiter = ',', default_value = "10000,100000")]
    contacts: Vec<usize>,
    /// Recipients of the campaign that is sent
    #[arg(long, default_value = "10000")]
    recipients: usize,
    /// Connections it is sent over
    #[arg(long, default_value = "4")]
    connections: usize,
    /// Measure this binary instead of building one for release
    #[arg(long)]
    binary: Option<PathBuf>,
    /// The shell of SQLite to measure beside, instead of the system's
    #[arg(long)]
    sqlite: Option<PathBuf>,
}

/// Measures and prints, size by size.
///
/// # Errors
/// When the binary cannot be built or does not do what it is asked.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    ensure!(find("curl").is_some(), "curl is not installed");
    let binary = if let Some(binary) = &arguments.binary {
        fs::canonicalize(binary).context("--binary")?
    } else {
        run_command(cargo().args(["build", "--release", "--locked", "--package", "pi-crm"]))?;
        target_directory()?.join("release/pi-crm")
    };
    if arguments.what == "send" {
        return send::run(&binary, arguments.recipients, arguments.connections);
    }
    for &size in &arguments.contacts {
        println!("\n{size} contacts");
        contacts::measure(arguments, &binary, size)?;
    }
    Ok(())
}
