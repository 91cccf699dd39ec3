//! Every dependency may be shipped inside an MIT-licensed binary.

use serde_json::Value;

use super::{Findings, list, string};

/// Licences that ask for no more than their text to be passed on. `.deny.toml` has the same list.
const ALLOWED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
];

/// Packages that bring a licence file instead of naming a licence, and what that file says.
const READ_BY_US: [(&str, &str); 1] = [("apalis-postgres", "MIT")];

/// Checks the licence of every package in the tree.
pub(super) fn check(metadata: &Value, findings: &mut Findings) {
    for package in list(metadata, "packages") {
        let name = string(package, "name");
        let mut licence = string(package, "license");
        if let Some((_, read)) =
            READ_BY_US.iter().find(|(known, _)| licence.is_empty() && *known == name)
        {
            licence = read;
        }
        if !allowed(licence) {
            let version = string(package, "version");
            findings.fault(format!(
                "{name} {version} has the licence {licence:?}, which is not on the list"
            ));
        }
    }
}

/// Whether the expression lets us choose from the list: `OR` offers, `AND` asks for both.
fn allowed(expression: &str) -> bool {
    // A slash is the old way to write OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(&mut rest) == Some(true) && rest.is_empty()
}

fn any_of(words: &mut &[&str]) -> Option<bool> {
    let mut result = all_of(words)?;
    while take(words, "OR") {
        result |= all_of(words)?;
    }
    Some(result)
}

fn all_of(words: &mut &[&str]) -> Option<bool> {
    let mut result = one(words)?;
    while take(words, "AND") {
        result &= one(words)?;
    }
    Some(result)
}

fn one(words: &mut &[&str]) -> Option<bool> {
    let (first, after) = words.split_first()?;
    *words = after;
    if *first == "(" {
        let inner = any_of(words)?;
        return take(words, ")").then_some(inner);
    }
    if take(words, "WITH") {
        let (exception, after) = words.split_first()?;
        *words = after;
        return Some(ALLOWED.contains(&format!("{first} WITH {exception}").as_str()));
    }
    Some(ALLOWED.contains(first))
}

fn take(words: &mut &[&str], word: &str) -> bool {
    match words.split_first() {
        Some((first, after)) if *first == word => {
            *words = after;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    //! What the expressions of real crates mean.

    use super::allowed;

    #[test]
    fn one_allowed_choice_is_enough() {
        for good in
            ["MIT", "MIT OR GPL-3.0", "Unlicense/MIT", "(MIT OR Apache-2.0) AND Unicode-3.0"]
        {
            assert!(allowed(good), "{good}");
        }
        assert!(allowed("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT"));
    }

    #[test]
    fn a_demand_that_is_not_on_the_list_counts() {
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT", "GPL-3.0 OR AGPL-3.0", "MIT MIT"] {
            assert!(!allowed(bad), "{bad}");
        }
    }
}
