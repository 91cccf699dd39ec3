//! The documentation names files that exist.

use std::fs;

use anyhow::Result;

use super::Findings;
use crate::command::root;

/// Folders whose names start a path into the checkout.
const FOLDERS: [&str; 8] =
    ["crates/", "docs/", "migration/", "templates/", "tests/", "web/", "xtask/", ".ci/"];

/// Checks code spans and links of every Markdown page.
pub(super) fn check(files: &[String], findings: &mut Findings) -> Result<()> {
    for page in files.iter().filter(|file| is_page(file)) {
        let text = fs::read_to_string(root().join(page))?;
        for (number, line) in text.lines().enumerate() {
            // Every other piece between backquotes is a code span.
            for span in line.split('`').skip(1).step_by(2) {
                if let Some((path, name)) = test(span) {
                    let code = fs::read_to_string(root().join(&path)).unwrap_or_default();
                    if !code.contains(&format!("fn {name}(")) {
                        findings
                            .fault(format!("{page}:{}: there is no {name} in {path}", number + 1));
                    }
                } else if is_path(span) && !root().join(without_line(span)).exists() {
                    findings.fault(format!("{page}:{}: {span} does not exist", number + 1));
                }
            }
            for link in links(line) {
                let folder = root().join(page);
                let target = folder.parent().map(|folder| folder.join(link));
                if target.is_some_and(|target| !target.exists()) {
                    findings
                        .fault(format!("{page}:{}: the link to {link} leads nowhere", number + 1));
                }
            }
        }
    }
    Ok(())
}

fn is_page(file: &str) -> bool {
    std::path::Path::new(file).extension().is_some_and(|extension| extension == "md")
}

/// The file and the function a span like `authz/keys.rs::a_key_is_shown_once` names. Without one of our folders in front
/// it lies among the integration tests.
fn test(span: &str) -> Option<(String, &str)> {
    let (path, name) = span.split_once("::")?;
    let is_test = std::path::Path::new(path).extension().is_some_and(|kind| kind == "rs")
        && path.contains('/')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let ours = FOLDERS.iter().any(|folder| path.starts_with(folder));
    let path = if ours { path.to_owned() } else { format!("tests/it/{path}") };
    is_test.then_some((path, name))
}

/// Whether a code span is meant as a path and not as a pattern or a command.
fn is_path(span: &str) -> bool {
    FOLDERS.iter().any(|folder| span.starts_with(folder))
        && !span.contains(['*', '<', '{', ' ', '…'])
}

/// `web/src/app.rs:12` → `web/src/app.rs`
fn without_line(span: &str) -> &str {
    span.split_once(':').map_or(span, |(path, _)| path)
}

/// The targets of links that stay inside the checkout, without their anchors.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.split_once('#').map_or(target, |(path, _)| path))
        .filter(|target| {
            !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:")
        })
}
