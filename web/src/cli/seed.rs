//! `pi-crm seed`: the users Andy and Monalisa, one shared workspace with something in it, and one of their own each.

use anyhow::Context as _;
use clap::Args as ClapArgs;
use crm_contacts::contacts::NewContact;
use crm_core::accounts::{Accounts, AccountsError, Entry, NewUser, NewWorkspace, User};
use crm_core::{Actor, EmailAddress, Role, Scope, token};
use secrecy::SecretString;
use serde::Serialize;

use super::{report, session};
use crate::state::Services;

mod contacts;
mod crowd;
mod outreach;

const ACTOR: Actor = Actor::system("command line");
const WORKSPACE: &str = "Demo";

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// How many contacts to make.
    #[arg(long, default_value_t = 60)]
    contacts: u32,
}

#[derive(Serialize)]
struct Done {
    users: [&'static str; 2],
    workspace: &'static str,
    contacts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

pub(super) async fn run(args: &Args, json: bool) -> anyhow::Result<()> {
    let session = session::open().await?;
    let services = &session.booted.services;
    let accounts = services.accounts.as_ref();
    let given = std::env::var("SEED_PASSWORD").ok().filter(|text| !text.is_empty());
    let made = given.is_none().then(|| token::readable_code(4));
    let password = given.or_else(|| made.clone()).unwrap_or_default();

    let (andy, new) = user(accounts, "andy@example.com", "Andy", true, &password).await?;
    let (monalisa, _) =
        user(accounts, "monalisa@example.com", "Monalisa", false, &password).await?;
    let scope = workspace(accounts, &andy, WORKSPACE).await?;
    match accounts.add_member(&scope, monalisa.id, Role::Admin).await {
        Ok(()) | Err(AccountsError::AlreadyMember) => {}
        Err(err) => return Err(err.into()),
    }
    let added = contacts::seed(&session, &scope, args.contacts).await.context("contacts")?;
    outreach::seed(services, &scope).await.context("template and campaign")?;
    for owner in [&andy, &monalisa] {
        private(services, owner).await.context("private workspaces")?;
    }

    // A password made for users that were there already is nobody's.
    let password = made.filter(|_| new);
    let mut words = format!("Workspace \"{WORKSPACE}\": {added} contacts added.");
    if let Some(password) = &password {
        words.push_str("\nSign in as andy@example.com or monalisa@example.com with the password ");
        words.push_str(password);
    }
    let users = ["andy@example.com", "monalisa@example.com"];
    report(json, &Done { users, workspace: WORKSPACE, contacts: added, password }, &words)
}

/// The user with this address, made where there is none; the flag says whether they are new.
async fn user(
    accounts: &dyn Accounts,
    email: &'static str,
    name: &str,
    is_admin: bool,
    password: &str,
) -> anyhow::Result<(User, bool)> {
    let address = EmailAddress::parse(email)?;
    if let Some(user) = accounts.user_by_email(&address).await? {
        return Ok((user, false));
    }
    let new = NewUser {
        email: email.to_owned(),
        name: name.to_owned(),
        password: SecretString::from(password.to_owned()),
        is_admin,
    };
    let user = accounts.create_user(&ACTOR, new).await.context("SEED_PASSWORD")?;
    Ok((user, true))
}

/// A workspace only its owner sees, with one contact in it, made where there is none.
async fn private(services: &Services, owner: &User) -> anyhow::Result<()> {
    let name = format!("{}'s own", owner.name);
    let scope = workspace(services.accounts.as_ref(), owner, &name).await?;
    if services.contacts.counts(&scope).await?.total == 0 {
        let contact = NewContact {
            first_name: "Only".to_owned(),
            last_name: format!("{} knows", owner.name),
            ..NewContact::default()
        };
        services.contacts.create(&scope, contact).await?;
    }
    Ok(())
}

async fn workspace(accounts: &dyn Accounts, owner: &User, name: &str) -> anyhow::Result<Scope> {
    let known = accounts.memberships(owner.id).await?;
    let there = known.into_iter().find(|known| known.workspace.name == name);
    let id = if let Some(known) = there {
        known.workspace.id
    } else {
        let actor = Actor::user(owner.id, None);
        accounts.create_workspace(&actor, NewWorkspace::named(name)).await?.id
    };
    match accounts.enter(owner.id, Some(id), None).await? {
        Entry::Entered(scope) => Ok(scope),
        Entry::Choose | Entry::Nowhere => {
            anyhow::bail!("{} is no member of {name}", owner.email)
        }
    }
}
