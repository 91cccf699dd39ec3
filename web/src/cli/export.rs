//! `pi-crm export`

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args as ClapArgs;
use crm_contacts::contacts::{ContactQuery, ContactSort};
use crm_contacts::export::{self, Format};
use crm_core::Scope;
use serde::Serialize;

use super::{import, report, session};
use crate::state::Services;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Name of the workspace; needed where there are several.
    #[arg(long)]
    workspace: Option<String>,
    /// Who exports, by address; the first administrator unless said.
    #[arg(long)]
    user: Option<String>,
    /// The file to write; the terminal unless said.
    #[arg(long)]
    out: Option<PathBuf>,
    /// `csv`, or `vcard` (4.0) or `vcard3` for address books; what the end of the file's name says unless said.
    #[arg(long, value_parser = format)]
    format: Option<Format>,
    /// Names of columns with commas between them; all unless said.
    #[arg(long, value_delimiter = ',')]
    columns: Vec<String>,
    /// Only contacts with this text in their name, e-mail address, phone number or company.
    #[arg(long, default_value = "")]
    search: String,
    /// Only contacts in the list of this name.
    #[arg(long)]
    list: Option<String>,
}

fn format(word: &str) -> Result<Format, String> {
    match word {
        "csv" => Ok(Format::Csv),
        "vcard" => Ok(Format::VCard4),
        "vcard3" => Ok(Format::VCard3),
        _ => Err("csv, vcard or vcard3".to_owned()),
    }
}

impl Args {
    /// How contacts are written.
    fn format(&self) -> Format {
        let extension = self.out.as_deref().and_then(Path::extension).unwrap_or_default();
        let is_card = ["vcf", "vcard"].iter().any(|known| extension.eq_ignore_ascii_case(known));
        self.format.unwrap_or(if is_card { Format::VCard4 } else { Format::Csv })
    }
}

#[derive(Serialize)]
struct Done {
    contacts: u64,
    path: String,
}

pub(super) async fn run(args: Args, json: bool) -> anyhow::Result<()> {
    if json && args.out.is_none() {
        bail!("--json needs --out: what would be printed is the file");
    }
    let session = session::open().await?;
    let services = &session.booted.services;
    let scope = import::scope(services, args.user.as_deref(), args.workspace.as_deref()).await?;
    let list_id = match args.list.as_deref() {
        None => None,
        Some(wanted) => {
            let lists = services.lists.all(&scope).await?;
            let found = lists.into_iter().find(|list| list.name == wanted);
            Some(found.with_context(|| format!("there is no list {wanted:?}"))?.id)
        }
    };
    let what = What { columns: &args.columns, format: args.format() };
    let query = ContactQuery {
        search: args.search,
        list_id,
        sort: ContactSort::OldestFirst,
        ..ContactQuery::default()
    };
    let Some(path) = &args.out else {
        write(services, &scope, query, what, &mut io::stdout().lock()).await?;
        return Ok(());
    };
    let contacts = to_file(services, &scope, query, what, path).await?;
    let done = Done { contacts, path: path.display().to_string() };
    report(json, &done, &format!("{contacts} contacts written to {}.", done.path))
}

/// What is written of contacts, and how.
#[derive(Clone, Copy)]
struct What<'a> {
    columns: &'a [String],
    format: Format,
}

/// Writes the file beside its place and then puts it there: what has the name is whole.
async fn to_file(
    services: &Services,
    scope: &Scope,
    query: ContactQuery,
    what: What<'_>,
    path: &Path,
) -> anyhow::Result<u64> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut file = private(&part).with_context(|| part.display().to_string())?;
    let written = write(services, scope, query, what, &mut file).await;
    let ended = written.and_then(|contacts| {
        file.sync_all().and_then(|()| std::fs::rename(&part, path))?;
        Ok(contacts)
    });
    if ended.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    ended.with_context(|| path.display().to_string())
}

/// A new file for the user's own eyes.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

async fn write(
    services: &Services,
    scope: &Scope,
    query: ContactQuery,
    what: What<'_>,
    into: &mut impl Write,
) -> anyhow::Result<u64> {
    let begun = export::begin(&services.ctx, scope, query, what.columns, what.format);
    let (export, mut stretch) = begun.await?;
    let mut contacts = 0;
    loop {
        into.write_all(&stretch.bytes)?;
        contacts += stretch.contacts;
        let Some(next) = stretch.next else { break };
        stretch = export.go_on(next).await?;
    }
    into.flush()?;
    Ok(contacts)
}
