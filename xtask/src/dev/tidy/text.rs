//! What stands in the files themselves.

use std::fs;
use std::path::Path;

use super::Findings;
use crate::command::root;

/// A Rust file longer than this probably has two subjects.
const LONG: usize = 500;

/// Words that mean unfinished work or one person's machine. Written in two halves, or this file would
/// find itself.
const UNFINISHED: [&str; 6] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("unimpl", "emented!("),
    concat!("#[ig", "nore"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
];

/// What the content security policy of our pages forbids; such markup would be dead in the browser.
const NOT_IN_PAGES: [&str; 7] =
    [" style=\"", "<style", " onclick=", " onsubmit=", " onchange=", " hx-on", "js:"];

/// Files of ours in `web` that may name the database layer.
const MAY_NAME_DATABASE: [&str; 2] = ["web/src/bootstrap.rs", "web/src/workers/"];

/// Checks every text file.
pub(super) fn check(files: &[String], findings: &mut Findings) {
    for file in files.iter().filter(|file| !is_output(file)) {
        // What is not text has nothing to say here.
        let Ok(text) = fs::read_to_string(root().join(file)) else { continue };
        check_unfinished(file, &text, findings);
        if is(file, "rs") {
            check_rust(file, &text, findings);
        }
        if file.starts_with("templates/")
            && is(file, "html")
            && !file.starts_with("templates/mail/")
            // Shown in a sandboxed frame, under a policy of its own that allows a style sheet.
            && file != "templates/pages/templates/preview.html"
        {
            check_page(file, &text, findings);
        }
        if file.ends_with("Cargo.toml") && file != "Cargo.toml" {
            check_manifest(file, &text, findings);
        }
        if file.ends_with("package-lock.json") && text.contains("\"resolved\": \"http") {
            findings.fault(format!("{file} names the host of a package registry; make it with omit-lockfile-registry-resolved"));
        }
    }
}

/// Whether the file's name ends so.
fn is(file: &str, extension: &str) -> bool {
    Path::new(file).extension().is_some_and(|found| found == extension)
}

/// Files that a program wrote.
fn is_output(file: &str) -> bool {
    file.starts_with("web/assets/dist/")
        || file.starts_with("tests/fixtures/")
        || file == "Cargo.lock"
}

fn check_unfinished(file: &str, text: &str, findings: &mut Findings) {
    for (number, line) in text.lines().enumerate() {
        for word in UNFINISHED.iter().filter(|word| line.contains(**word)) {
            findings.fault(format!("{file}:{}: {word}", number + 1));
        }
    }
}

fn check_rust(file: &str, text: &str, findings: &mut Findings) {
    if !text.starts_with("//!") {
        findings.fault(format!("{file} does not begin with a module comment (//!)"));
    }
    let lines = text.lines().count();
    if lines > LONG {
        findings.warn(format!("{file} has {lines} lines; which two things is it?"));
    }
    if file.starts_with("web/src/")
        && !MAY_NAME_DATABASE.iter().any(|place| file.starts_with(place))
        && text.contains("sea_orm::")
    {
        findings
            .fault(format!("{file} names sea_orm; only {} may", MAY_NAME_DATABASE.join(" and ")));
    }
}

fn check_page(file: &str, text: &str, findings: &mut Findings) {
    for (number, line) in text.lines().enumerate() {
        for mark in NOT_IN_PAGES.iter().filter(|mark| line.contains(**mark)) {
            findings.fault(format!(
                "{file}:{}: {} breaks the content security policy",
                number + 1,
                mark.trim()
            ));
        }
    }
}

/// Versions stand in the root manifest alone.
fn check_manifest(file: &str, text: &str, findings: &mut Findings) {
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        if line.starts_with('[') {
            inside = line.contains("dependencies");
        } else if inside
            && line.contains('=')
            && !line.starts_with('#')
            && !line.contains("workspace = true")
        {
            findings.fault(format!(
                "{file}:{}: {line:?} does not take the workspace's version",
                number + 1
            ));
        }
    }
}
