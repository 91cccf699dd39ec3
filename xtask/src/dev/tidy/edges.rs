//! Which crate may depend on which: the architecture as a table.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Findings, list, string};

/// The crates of this workspace that each of them may depend on. A new edge needs a decision record.
const INSIDE: [(&str, &[&str]); 11] = [
    ("crm-core", &[]),
    ("crm-audit", &["crm-core"]),
    ("crm-contacts", &["crm-core"]),
    ("crm-providers", &["crm-core"]),
    ("crm-campaigns", &["crm-core", "crm-contacts", "crm-providers"]),
    ("crm-ai", &["crm-core", "crm-contacts", "crm-campaigns"]),
    ("crm-backup", &["crm-core"]),
    ("migration", &[]),
    (
        "pi-crm",
        &[
            "crm-core",
            "crm-audit",
            "crm-contacts",
            "crm-providers",
            "crm-campaigns",
            "crm-ai",
            "crm-backup",
            "migration",
        ],
    ),
    (
        "integration",
        &[
            "crm-core",
            "crm-audit",
            "crm-contacts",
            "crm-providers",
            "crm-campaigns",
            "crm-ai",
            "crm-backup",
            "migration",
            "pi-crm",
        ],
    ),
    ("xtask", &[]),
];

/// Crates of others, by the start of their name, and the only crates of ours that may name them. The
/// tests may name anything.
const OUTSIDE: [(&str, &[&str]); 7] = [
    ("actix", &["pi-crm"]),
    ("apalis", &["pi-crm"]),
    ("tera", &["pi-crm"]),
    ("figment", &["pi-crm"]),
    ("clap", &["pi-crm", "xtask"]),
    ("sea-orm-migration", &["migration"]),
    (
        "sea-orm",
        &[
            "crm-core",
            "crm-audit",
            "crm-contacts",
            "crm-providers",
            "crm-campaigns",
            "crm-ai",
            "crm-backup",
            "pi-crm",
            "migration",
        ],
    ),
];

/// Crates that must not be in the tree at all, and why.
const BANNED: [(&str, &str); 8] = [
    ("openssl", "a system library in the way of cross-building; TLS is rustls with ring"),
    ("openssl-sys", "a system library in the way of cross-building; TLS is rustls with ring"),
    ("native-tls", "a system library in the way of cross-building; TLS is rustls with ring"),
    ("aws-lc-rs", "a second cryptography library; TLS is rustls with ring"),
    ("aws-lc-sys", "a second cryptography library; TLS is rustls with ring"),
    ("actix-governor", "GPL-3.0"),
    ("twilio-async", "its host is fixed and it needs OpenSSL"),
    ("tokio-tar", "unmaintained, with an unmended vulnerability"),
];

/// Crates of which a second version would mean a second database engine, TLS stack or runtime.
const SINGLE: [&str; 9] = [
    "sqlx",
    "sqlx-core",
    "sqlx-sqlite",
    "libsqlite3-sys",
    "sea-orm",
    "rustls",
    "ring",
    "tokio",
    "actix-web",
];

/// Checks the tables above.
pub(super) fn check(metadata: &Value, findings: &mut Findings) {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in list(metadata, "packages") {
        let name = string(package, "name");
        versions.entry(name).or_default().push(string(package, "version"));
        // What has no source is ours.
        if package.get("source").is_some_and(Value::is_null) {
            check_member(name, package, findings);
        }
    }
    for (name, why) in BANNED {
        if versions.contains_key(name) {
            findings
                .fault(format!("{name} is in the dependency tree: {why} (cargo tree -i {name})"));
        }
    }
    for name in SINGLE {
        if let Some(found) = versions.get(name).filter(|found| found.len() > 1) {
            findings.fault(format!("{name} is there more than once: {}", found.join(", ")));
        }
    }
}

fn check_member(name: &str, package: &Value, findings: &mut Findings) {
    let Some((_, inside)) = INSIDE.iter().find(|(member, _)| *member == name) else {
        findings.fault(format!("{name} is missing from the table of crate edges"));
        return;
    };
    for dependency in list(package, "dependencies") {
        let other = string(dependency, "name");
        if string(dependency, "kind") == "dev" && name != "integration" {
            continue;
        }
        if INSIDE.iter().any(|(member, _)| *member == other) {
            if !inside.contains(&other) {
                findings.fault(format!("{name} must not depend on {other}"));
            }
        } else if name != "integration" {
            check_outside(name, other, findings);
        }
    }
}

fn check_outside(name: &str, other: &str, findings: &mut Findings) {
    // The first row that fits counts: longer names stand before shorter ones.
    let row = OUTSIDE.iter().find(|(start, _)| {
        other.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    });
    if let Some((_, allowed)) = row.filter(|(_, allowed)| !allowed.contains(&name)) {
        findings
            .fault(format!("{name} must not depend on {other}; only {} may", allowed.join(", ")));
    }
}
