//! `pi-crm import FILE`

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args as ClapArgs;
use crm_contacts::Imports;
use crm_contacts::import::{Import, ImportMode, ImportPlan, ImportState, Mapping};
use crm_core::accounts::{Entry, Membership};
use crm_core::{EmailAddress, ImportId, Scope};
use serde::Serialize;

use super::{report, session};
use crate::state::Services;

/// How often the server is asked whether it has read the file.
const LOOK_EVERY: Duration = Duration::from_millis(200);

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The CSV or vCard file.
    file: PathBuf,
    /// Name of the workspace; needed where there are several.
    #[arg(long)]
    workspace: Option<String>,
    /// Who imports, by address; the first administrator unless said.
    #[arg(long)]
    user: Option<String>,
    /// What to do with contacts that are there already.
    #[arg(long, value_parser = mode, default_value = "skip")]
    mode: ImportMode,
    /// Which column goes where, as a JSON object; what the headers suggest unless said.
    #[arg(long)]
    mapping: Option<String>,
    /// Name of a list to put the contacts into.
    #[arg(long)]
    list: Option<String>,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    /// Write the failed rows with their reasons to this file.
    #[arg(long)]
    errors: Option<PathBuf>,
}

fn mode(word: &str) -> Result<ImportMode, String> {
    serde_json::from_value(word.into()).map_err(|_| "skip, fill or overwrite".to_owned())
}

#[derive(Serialize)]
struct Done {
    id: String,
    state: ImportState,
    total: u64,
    created: u64,
    updated: u64,
    skipped: u64,
    failed: u64,
    error: Option<String>,
}

pub(super) async fn run(args: Args, json: bool) -> anyhow::Result<()> {
    let session = session::open().await?;
    let services = &session.booted.services;
    let scope = scope(services, args.user.as_deref(), args.workspace.as_deref()).await?;
    let bytes = std::fs::read(&args.file).with_context(|| args.file.display().to_string())?;
    let name =
        args.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mapping = args.mapping.as_deref().map(serde_json::from_str::<Mapping>).transpose();
    let list_id = match args.list.as_deref() {
        None => None,
        Some(wanted) => {
            let lists = services.lists.all(&scope).await?;
            let found = lists.into_iter().find(|list| list.name == wanted);
            Some(found.with_context(|| format!("there is no list {wanted:?}"))?.id)
        }
    };
    let plan = ImportPlan {
        mapping: mapping.context("--mapping")?,
        mode: args.mode,
        list_id,
        dry_run: args.dry_run,
    };
    let imports = &services.imports;
    let stored = imports.upload(&scope, &name, bytes).await?;
    imports.plan(&scope, stored.id, plan).await?;
    if !session.beside_server() {
        imports.run(scope.workspace_id(), stored.id).await?;
    }
    let import = ended(imports.as_ref(), &scope, stored.id).await?;
    if let Some(path) = &args.errors
        && let Some(csv) = imports.errors_csv(&scope, import.id).await?
    {
        std::fs::write(path, csv).with_context(|| path.display().to_string())?;
    }
    finish(&import, json)
}

/// The import once it is over: at once where this process has read it, else when the server has.
pub(super) async fn ended(
    imports: &dyn Imports,
    scope: &Scope,
    id: ImportId,
) -> anyhow::Result<Import> {
    loop {
        let import = imports.get(scope, id).await?.context("the import is gone")?;
        if import.state.is_over() {
            return Ok(import);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn finish(import: &Import, json: bool) -> anyhow::Result<()> {
    let counts = import.counts;
    let done = Done {
        id: import.id.to_string(),
        state: import.state,
        total: counts.total,
        created: counts.created,
        updated: counts.updated,
        skipped: counts.skipped,
        failed: counts.failed,
        error: import.error.clone(),
    };
    let words = format!(
        "{} rows: {} created, {} updated, {} skipped, {} failed.",
        counts.total, counts.created, counts.updated, counts.skipped, counts.failed
    );
    report(json, &done, &words)?;
    if import.state == ImportState::Done {
        Ok(())
    } else {
        bail!("the import did not finish: {}", import.error.as_deref().unwrap_or("it was stopped"))
    }
}

/// The scope of a command: a person's own rights in one of their workspaces.
pub(super) async fn scope(
    services: &Services,
    user: Option<&str>,
    workspace: Option<&str>,
) -> anyhow::Result<Scope> {
    let accounts = &services.accounts;
    let user = if let Some(email) = user {
        let email = EmailAddress::parse(email).context("--user")?;
        accounts
            .user_by_email(&email)
            .await?
            .with_context(|| format!("there is no user {email}"))?
    } else {
        let mut admins = accounts.users().await?;
        admins.retain(|user| user.is_admin && user.disabled_at.is_none());
        admins.sort_by_key(|user| user.created_at);
        admins.into_iter().next().context("there is no user yet; set pi-crm up first")?
    };
    let mut memberships: Vec<Membership> = accounts.memberships(user.id).await?;
    if let Some(name) = workspace {
        memberships.retain(|membership| membership.workspace.name == name);
    }
    let names = || {
        let names: Vec<&str> = memberships.iter().map(|m| m.workspace.name.as_str()).collect();
        names.join(", ")
    };
    match memberships.as_slice() {
        [one] => match accounts.enter(user.id, Some(one.workspace.id), None).await? {
            Entry::Entered(scope) => Ok(scope),
            Entry::Choose | Entry::Nowhere => bail!("{} is no member of it any more", user.email),
        },
        [] => bail!("{} has no such workspace", user.email),
        _ => bail!("name one of the workspaces by --workspace: {}", names()),
    }
}
