//! The command line: `pi-crm` serves, and its sub-commands do what has to work without a browser.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks to a terminal"
)]

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use serde::Serialize;

mod audit;
mod backup;
mod export;
mod import;
mod key;
mod migrate;
mod openapi;
mod secrets;
mod seed;
mod serve;
mod session;
mod user;

/// Self-hosted CRM with an outreach engine.
#[derive(Debug, Parser)]
#[command(name = "pi-crm", version, about)]
pub struct Cli {
    /// Answer with JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the dashboard and the API (what happens without a command).
    Serve,
    /// Bring the database up to date.
    Migrate,
    /// Make the users Andy and Monalisa and a workspace "Demo" with demo data.
    Seed(seed::Args),
    /// Add, list and change users.
    #[command(subcommand)]
    User(user::Command),
    /// Check the audit log.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Make, list, check and restore backups.
    #[command(subcommand)]
    Backup(backup::Command),
    /// Add, list and revoke API keys.
    #[command(subcommand)]
    Key(key::Command),
    /// Change the key that stored secrets are sealed with.
    #[command(subcommand)]
    Secrets(secrets::Command),
    /// Import contacts from a CSV or vCard file.
    Import(import::Args),
    /// Write contacts to a CSV or vCard file.
    Export(export::Args),
    /// Print the description of the API for programs, an `OpenAPI` document.
    Openapi,
}

/// How long work in threads of its own gets at the end.
const GRACE: Duration = Duration::from_secs(5);

/// Runs the command to its end.
pub fn run(cli: Cli) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        // Two megabytes a thread are the default; nothing here needs them.
        .thread_stack_size(1024 * 1024)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(err) => {
            eprintln!("pi-crm: {err}");
            return ExitCode::FAILURE;
        }
    };
    let json = cli.json;
    let done = runtime.block_on(async move {
        match cli.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run().await,
            Command::Migrate => migrate::run(json).await,
            Command::Seed(args) => seed::run(&args, json).await,
            Command::User(command) => user::run(command, json).await,
            Command::Audit(command) => audit::run(&command, json).await,
            Command::Backup(command) => backup::run(command, json).await,
            Command::Key(command) => key::run(command, json).await,
            Command::Secrets(command) => secrets::run(&command, json).await,
            Command::Import(args) => import::run(args, json).await,
            Command::Export(args) => export::run(args, json).await,
            Command::Openapi => openapi::run(),
        }
    });
    // A backup under way is cut off as a kill would do it; dropping the runtime would wait for its end.
    runtime.shutdown_timeout(GRACE);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            // One line: what failed, and why.
            eprintln!("pi-crm: {err:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints what a command did: as JSON where that was asked for, else in words.
fn report(json: bool, value: &impl Serialize, words: &str) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(value)?);
    } else {
        println!("{words}");
    }
    Ok(())
}
