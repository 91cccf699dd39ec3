//! `cargo xtask`: what people who work on pi-crm type.
//!
//! The commands of the product itself (`serve`, `seed`, `import` …) are passed on to the `pi-crm`
//! binary, so that one set of words works in a checkout and on an installed machine.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line speaks on its streams"
)]

mod bench;
mod command;
mod dev;
mod torture;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::command::cargo;
use crate::dev::{Section, setup, test, tidy, ui};

/// Commands of `pi-crm` that are passed on to it.
const PASSED_ON: [&str; 13] = [
    "serve", "migrate", "seed", "user", "key", "secrets", "import", "export", "backup", "audit",
    "move", "doctor", "openapi",
];

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Everything around building and testing pi-crm"
)]
#[command(
    after_help = "Also, passed on to pi-crm: serve, migrate, seed, user, key, secrets, import, export, backup, \
                        audit, move, doctor, openapi"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the tests need (as root on Debian-like systems), or name what is missing
    Setup,
    /// Set up, then run every suite
    Test(test::Arguments),
    /// The same as `test`: what CI runs
    Ci(test::Arguments),
    /// Measure the contact book at several sizes
    Bench(bench::Arguments),
    /// Kill the send engine, cut its power and make it wrong on purpose, for minutes
    Torture(torture::Arguments),
    /// Check what no compiler sees: crate edges, licences, banned crates, paths in the docs
    Tidy,
    /// Rebuild the front-end assets from web/ui into web/assets/dist
    Ui,
    #[command(external_subcommand)]
    PassedOn(Vec<String>),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Setup => setup::run(&Section::ALL),
        Task::Test(arguments) | Task::Ci(arguments) => test::run(&arguments),
        Task::Bench(arguments) => bench::run(&arguments),
        Task::Torture(arguments) => torture::run(&arguments),
        Task::Tidy => tidy::run(),
        Task::Ui => setup::run(&[Section::Ui]).and_then(|()| ui::build()),
        Task::PassedOn(words) => pass_on(&words),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn pass_on(words: &[String]) -> anyhow::Result<()> {
    let known = words.first().is_some_and(|first| PASSED_ON.contains(&first.as_str()));
    anyhow::ensure!(known, "no such task: {} (see cargo xtask --help)", words.join(" "));
    let mut run = cargo();
    run.args(["run", "--quiet", "--package", "pi-crm", "--"]).args(words);
    // The caller's folder stays: a file named on the command line is looked for there.
    run.current_dir(std::env::current_dir()?);
    command::run(&mut run)
}
