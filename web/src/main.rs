//! `pi-crm`: the server and its commands.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    web::cli::run(web::cli::Cli::parse())
}
