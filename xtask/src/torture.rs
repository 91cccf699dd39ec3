//! `cargo xtask torture`: the send engine killed, cut off from power and ended at named places, again and again; and to see
//! that this would show anything, the same once more with the engine made wrong on purpose.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::command::{cargo, run as run_command};
use crate::dev::postgres::Postgres;
use crate::dev::{Section, schemathesis, setup, target_directory};

/// What may be said on the command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Campaigns of 500 recipients that are killed over and over
    #[arg(long, default_value = "20")]
    rounds: u32,
    /// Run these alone
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

/// Random sequences for each of those.
const SEQUENCES: u64 = 50;

/// One thing to do.
struct Trial {
    name: &'static str,
    test: &'static str,
    /// The fault put in, and what the test says when it notices.
    mutant: Option<(&'static str, &'static str)>,
}

const TRIALS: [Trial; 8] = [
    Trial { name: "model", test: "model::whatever_happens_on_sqlite", mutant: None },
    Trial { name: "kills", test: "torture::kills_on_sqlite", mutant: None },
    Trial { name: "kills-postgres", test: "torture::kills_on_postgres", mutant: None },
    Trial { name: "places", test: "torture::named_places", mutant: None },
    Trial { name: "import", test: "torture::an_import_ends_the_same", mutant: None },
    Trial { name: "power", test: "torture::power_cuts", mutant: None },
    Trial {
        name: "acknowledge-before-send",
        test: "torture::kills_on_sqlite",
        mutant: Some(("ack_first", "called sent and never taken")),
    },
    Trial {
        name: "synchronous-normal",
        test: "torture::power_cuts",
        mutant: Some(("sync_normal", "forgotten by a power cut")),
    },
];

/// Runs the trials and tells what came of each.
///
/// # Errors
/// When one did not end as it must.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    setup::run(&[Section::It])?;
    let binary = build()?;
    let postgres = Postgres::start()?;
    let mut lines = Vec::new();
    let mut failed = false;
    for trial in &TRIALS {
        if !arguments.only.is_empty() && !arguments.only.iter().any(|only| only == trial.name) {
            continue;
        }
        println!("\n=== {} ===", trial.name);
        let begin = Instant::now();
        let ended = attempt(trial, &binary, &postgres, arguments.rounds);
        let (word, well) = match (&ended, trial.mutant) {
            (Ok(()), None) => ("held", true),
            (Ok(()), Some(_)) => ("HELD, and must not", false),
            (Err(_), None) => ("FAILED", false),
            (Err(said), Some((_, wanted))) if said.to_string().contains(wanted) => {
                ("turned red, as it must", true)
            }
            (Err(_), Some(_)) => ("FAILED for another reason", false),
        };
        failed |= !well;
        lines.push(format!("{:<24} {word}  {:>7.1} s", trial.name, begin.elapsed().as_secs_f64()));
    }
    println!("\n=== summary, {} rounds ===\n{}", arguments.rounds, lines.join("\n"));
    if failed {
        bail!("the engine, or what watches it, is not as it must be");
    }
    Ok(())
}

/// A binary that can be told to end and to be wrong, under a name of its own.
fn build() -> Result<PathBuf> {
    run_command(cargo().args([
        "build",
        "--locked",
        "--workspace",
        "--bin",
        "pi-crm",
        "--features",
        "integration/torture,pi-crm/torture",
    ]))?;
    let folder = target_directory()?.join("debug");
    let torture = folder.join("pi-crm-torture");
    fs::copy(folder.join("pi-crm"), &torture).context("the binary cannot be copied")?;
    Ok(torture)
}

/// Runs one test to its end; its words are the error.
fn attempt(trial: &Trial, binary: &Path, postgres: &Postgres, rounds: u32) -> Result<()> {
    let mut test = cargo();
    test.args(["test", "--locked", "--workspace", "--test", "it"])
        .args(["--features", "integration/torture,pi-crm/torture", "--"])
        .args(["--nocapture", "--test-threads=1"])
        .args(["--exact", &format!("engine::{}", trial.test)])
        .env("PI_CRM_BIN", binary)
        .env("PI_CRM_SCHEMATHESIS", schemathesis::install()?)
        .env("PI_CRM_TEST_PG", postgres.url())
        .env("PI_CRM_TORTURE_ROUNDS", rounds.to_string())
        .env("PI_CRM_MODEL_SEQUENCES", (u64::from(rounds) * SEQUENCES).to_string());
    if let Some((mutant, _)) = trial.mutant {
        test.env("PI_CRM_MUTANT", mutant);
    }
    let output = test.output().context("starting cargo")?;
    let said = String::from_utf8_lossy(&output.stderr);
    for line in said.lines().filter(|line| line.contains("seed ")) {
        println!("{line}");
    }
    if output.status.success() {
        return Ok(());
    }
    if trial.mutant.is_none() {
        println!("{said}\n{}", String::from_utf8_lossy(&output.stdout));
    }
    bail!("{said}")
}
