//! Every write without an audit entry is explained to people who read the documentation.

use std::collections::BTreeSet;
use std::path::Path;

use support::paths;

#[test]
fn the_documentation_lists_the_reasons_the_code_gives_and_no_others() {
    let mut given = BTreeSet::new();
    for folder in ["crates", "web/src"] {
        collect(&paths::root().join(folder), &mut given);
    }
    assert!(given.len() > 3, "{given:?}");
    assert_eq!(listed(), given);
}

/// The reasons in the Rust files below `folder`.
fn collect(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for call in text.split(".unaudited(").skip(1) {
                let reason =
                    call.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'));
                let (reason, _) =
                    reason.unwrap_or_else(|| panic!("no literal: {}", path.display()));
                into.insert(reason.to_owned());
            }
        }
    }
}

/// The reasons in the table of the documentation.
fn listed() -> BTreeSet<String> {
    let text = std::fs::read_to_string(paths::root().join("docs/architecture.md")).unwrap();
    let (_, section) = text.split_once("## Writes without an audit entry").unwrap();
    let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| Some(row.split_once('`')?.0.to_owned())).collect()
}
