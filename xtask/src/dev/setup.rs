//! What the tests need beside Rust: one list, installed where that is possible.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{Section, model, schemathesis, ui};
use crate::command::{self, find, output, program, root};

/// A program the tests call.
struct Need {
    /// What it is called in a message.
    name: &'static str,
    /// The suites that call it.
    used_by: &'static [Section],
    /// Whether it is there.
    is_there: fn() -> bool,
    /// The packages that bring it on Debian and its relatives.
    packages: &'static [&'static str],
}

/// The list.
const NEEDS: [Need; 8] = [
    Need {
        name: "PostgreSQL's server programs",
        used_by: &[Section::It],
        is_there: || {
            newest("/usr/lib/postgresql", "bin/initdb").is_some() || find("initdb").is_some()
        },
        packages: &["postgresql"],
    },
    Need {
        name: "Postfix's smtp-sink",
        used_by: &[Section::It],
        is_there: || {
            [
                "/usr/sbin/smtp-sink",
                "/usr/libexec/postfix/smtp-sink",
                "/usr/lib/postfix/sbin/smtp-sink",
            ]
            .iter()
            .any(|path| Path::new(path).exists())
        },
        packages: &["postfix"],
    },
    Need {
        name: "Dovecot",
        used_by: &[Section::It],
        is_there: || Path::new("/usr/sbin/dovecot").exists() || find("dovecot").is_some(),
        packages: &["dovecot-imapd"],
    },
    Need {
        name: "openssl",
        used_by: &[Section::It],
        is_there: || find("openssl").is_some(),
        packages: &["openssl"],
    },
    Need {
        name: "Python 3 with venv and pip",
        used_by: &[Section::It],
        is_there: || {
            let look = ["-c", "import ensurepip, venv"];
            find("python3").is_some() && output(program("python3").args(look)).is_ok()
        },
        packages: &["python3-venv"],
    },
    Need {
        name: "Node.js 20 or newer with npm",
        used_by: &[Section::Ui, Section::It, Section::E2e],
        is_there: || find("npm").is_some() && node_major().is_some_and(|major| major >= 20),
        packages: &["nodejs", "npm"],
    },
    Need {
        name: "NSD, a name server",
        used_by: &[Section::It],
        is_there: || Path::new("/usr/sbin/nsd").exists() || find("nsd").is_some(),
        packages: &["nsd"],
    },
    Need {
        name: "Chromium",
        used_by: &[Section::E2e],
        is_there: || {
            std::env::var_os("CHROMIUM").is_some()
                || ["chromium", "chromium-browser", "google-chrome"]
                    .iter()
                    .any(|name| find(name).is_some())
        },
        packages: &["chromium"],
    },
];

/// Folders with a `package-lock.json`, and the suites that need what it names.
const NODE_FOLDERS: [(&str, Section); 3] =
    [(ui::SOURCES, Section::Ui), ("tests/servers", Section::It), ("tests/e2e", Section::E2e)];

/// Sees to it that everything `sections` need is there. Does nothing, quickly, where it is.
///
/// # Errors
/// When something is missing that cannot be installed here; the message names it all.
pub(crate) fn run(sections: &[Section]) -> Result<()> {
    let missing = missing(sections);
    if !missing.is_empty() {
        install(&missing)?;
        let still = self::missing(sections);
        if !still.is_empty() {
            bail!("still missing after the installation: {}", names(&still));
        }
    }
    for (folder, section) in NODE_FOLDERS {
        if sections.contains(&section) {
            install_node_packages(&root().join(folder)).with_context(|| folder.to_owned())?;
        }
    }
    if sections.contains(&Section::It) {
        schemathesis::install().context("schemathesis")?;
        model::install().context("a language model")?;
    }
    Ok(())
}

fn missing(sections: &[Section]) -> Vec<&'static Need> {
    NEEDS
        .iter()
        .filter(|need| need.used_by.iter().any(|section| sections.contains(section)))
        .filter(|need| !(need.is_there)())
        .collect()
}

fn names(needs: &[&Need]) -> String {
    needs.iter().map(|need| need.name).collect::<Vec<_>>().join(", ")
}

fn install(missing: &[&Need]) -> Result<()> {
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    let line = format!("apt-get install --no-install-recommends {}", packages.join(" "));
    if find("apt-get").is_none() {
        bail!(
            "the tests need {}, which this system's package manager has to bring",
            names(missing)
        );
    }
    if output(program("id").arg("-u"))?.trim() != "0" {
        bail!("the tests need {}; as root: {line}", names(missing));
    }
    println!("installing {}: {line}", names(missing));
    if packages.contains(&"postfix") {
        // Only its test server is wanted: no mail system is set up on this machine.
        run_shell(
            "echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections",
        )?;
    }
    apt(&["update", "--quiet=2"])?;
    let mut install = vec!["install", "--yes", "--quiet=2", "--no-install-recommends"];
    install.extend(packages);
    apt(&install)
}

fn apt(arguments: &[&str]) -> Result<()> {
    command::run(program("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(arguments))
}

fn run_shell(line: &str) -> Result<()> {
    command::run(program("sh").args(["-c", line]))
}

/// `npm ci`, unless the installed packages came from this very lock file.
fn install_node_packages(folder: &Path) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json")).context("package-lock.json")?;
    let stamp = folder.join("node_modules/.installed-from.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("installing the packages of {}", folder.display());
    let mut npm = program("npm");
    npm.current_dir(folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    command::run(&mut npm)?;
    fs::write(&stamp, lock).context("node_modules")
}

/// `folder/<the highest number>/rest`, where there is one.
fn newest(folder: &str, rest: &str) -> Option<PathBuf> {
    let mut versions: Vec<u32> = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable();
    let newest = versions.pop()?;
    Some(Path::new(folder).join(newest.to_string()).join(rest)).filter(|path| path.exists())
}

/// The first number of `node --version`.
fn node_major() -> Option<u32> {
    find("node")?;
    let version = output(program("node").arg("--version")).ok()?;
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}
