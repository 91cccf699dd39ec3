//! `cargo xtask test`: every suite, a summary, one exit status.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::postgres::Postgres;
use super::{Section, model, schemathesis, setup, target_directory, tidy, ui};
use crate::command::{cargo, program, root, run as run_command};

/// What may be said on the command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Run these suites alone, in the usual order
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Section>,
    /// Words for the test runner of `--only it`, such as a part of a test's name
    #[arg(last = true)]
    words: Vec<String>,
}

/// Runs the chosen suites; a failure does not stop those after it.
///
/// # Errors
/// When the set-up cannot be completed or any suite fails.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let chosen: Vec<Section> = Section::ALL
        .into_iter()
        .filter(|section| arguments.only.is_empty() || arguments.only.contains(section))
        .collect();
    if !arguments.words.is_empty() && chosen != [Section::It] {
        bail!("words after -- belong to --only it");
    }
    let start = Instant::now();
    setup::run(&chosen)?;
    let mut results = vec![("setup", start.elapsed(), Ok(()))];
    for section in chosen {
        println!("\n=== {} ===", section.name());
        let start = Instant::now();
        let result = run_section(section, &arguments.words);
        if let Err(error) = &result {
            eprintln!("{}: {error:#}", section.name());
        }
        results.push((section.name(), start.elapsed(), result));
    }
    summarise(&results)
}

fn run_section(section: Section, words: &[String]) -> Result<()> {
    match section {
        Section::Fmt => run_command(cargo().args(["fmt", "--all", "--check"])),
        Section::Tidy => tidy::run(),
        Section::Ui => ui::check(),
        Section::Clippy => run_command(cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "--deny",
            "warnings",
        ])),
        Section::It => integration(words),
        Section::E2e => {
            let binary = build_binary()?;
            let mut node = program("node");
            node.current_dir(root().join("tests/e2e")).arg("run.mjs").env("PI_CRM_BIN", binary);
            run_command(&mut node)
        }
    }
}

fn integration(words: &[String]) -> Result<()> {
    let binary = build_binary()?;
    let mut test = cargo();
    test.args(["test", "--workspace", "--locked", "--no-fail-fast"]).env("PI_CRM_BIN", binary);
    test.env("PI_CRM_SCHEMATHESIS", schemathesis::install()?);
    if let Some(python) = model::install()? {
        test.env("PI_CRM_MODEL_PYTHON", python);
    }
    // CI must not accept a snapshot that nobody looked at.
    test.env("INSTA_UPDATE", "no").env("INSTA_FORCE_PASS", "0");
    if !words.is_empty() {
        test.arg("--").args(words);
    }
    // Lives until the tests have ended, whichever way they do.
    let server;
    if std::env::var_os("PI_CRM_TEST_PG").is_none() {
        server = Postgres::start()?;
        test.env("PI_CRM_TEST_PG", server.url());
    }
    run_command(&mut test)
}

/// Builds `pi-crm` and says where it is. `--workspace` chooses the same features of other people's crates
/// as `cargo test --workspace`, or most of them would be built twice; ours keep theirs.
fn build_binary() -> Result<PathBuf> {
    run_command(cargo().args(["build", "--locked", "--workspace", "--bin", "pi-crm"]))?;
    Ok(target_directory()?.join("debug/pi-crm"))
}

fn summarise(results: &[(&str, Duration, Result<()>)]) -> Result<()> {
    println!("\n=== summary ===");
    let mut failed = Vec::new();
    for (name, time, result) in results {
        let word = if result.is_ok() { "passed" } else { "FAILED" };
        println!("{name:<8} {word}  {:>7.1} s", time.as_secs_f64());
        if result.is_err() {
            failed.push(*name);
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}
