//! `pi-crm user add|list|passwd|forget-factor|disable`

use std::io::Read as _;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use crm_core::accounts::{Accounts, NewUser, NewWorkspace, User};
use crm_core::{Actor, EmailAddress, Timestamp, UserId};
use secrecy::SecretString;
use serde::Serialize;

use super::{report, session};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a user with a workspace of their own.
    Add {
        /// Address to sign in with.
        #[arg(long)]
        email: String,
        /// Name shown to others.
        #[arg(long)]
        name: String,
        /// Let them run this installation.
        #[arg(long)]
        admin: bool,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List all users.
    List,
    /// Set a user's password and end their sessions, or make a code with which they set it themselves.
    Passwd {
        /// The user's address.
        #[arg(long)]
        email: String,
        /// Print a code that works once, within an hour, on the page /reset/code.
        #[arg(long, conflicts_with = "password_stdin")]
        code: bool,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Take a lost second factor off a user, who signs in with the password alone until they set up another.
    ForgetFactor {
        /// The user's address.
        #[arg(long)]
        email: String,
    },
    /// Let a user in no longer.
    Disable {
        /// The user's address.
        #[arg(long)]
        email: String,
    },
}

const ACTOR: Actor = Actor::system("command line");

#[derive(Serialize)]
struct UserView {
    id: UserId,
    email: String,
    name: String,
    is_admin: bool,
    created_at: Timestamp,
    disabled_at: Option<Timestamp>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            is_admin: user.is_admin,
            created_at: user.created_at,
            disabled_at: user.disabled_at,
        }
    }
}

#[derive(Serialize)]
struct CodeView {
    email: String,
    code: String,
    expires_at: Timestamp,
}

pub(super) async fn run(command: Command, json: bool) -> anyhow::Result<()> {
    let session = session::open().await?;
    let accounts = session.booted.services.accounts.as_ref();
    match command {
        Command::Add { email, name, admin, password_stdin } => {
            let password = password(password_stdin)?;
            let new = NewUser { email, name: name.clone(), password, is_admin: admin };
            let user = accounts.create_user(&ACTOR, new).await?;
            let owner = Actor::user(user.id, None);
            accounts
                .create_workspace(&owner, NewWorkspace::named(format!("{name}'s workspace")))
                .await?;
            let words = format!("Made {} <{}>.", user.name, user.email);
            report(json, &UserView::from(user), &words)
        }
        Command::List => {
            let users: Vec<UserView> =
                accounts.users().await?.into_iter().map(UserView::from).collect();
            let lines = users.iter().map(|user| {
                let state = if user.disabled_at.is_some() { " (disabled)" } else { "" };
                format!("{}\t{}{state}", user.email, user.name)
            });
            let words = lines.collect::<Vec<_>>().join("\n");
            report(json, &users, &words)
        }
        Command::Passwd { email, code: true, .. } => {
            let user = find(accounts, &email).await?;
            let (code, expires_at) =
                session.booted.services.resets.reset_code(&ACTOR, user.id).await?;
            let words = format!(
                "Code for {}: {code}\nIt works once, until {expires_at}, on the page /reset/code.",
                user.email
            );
            report(json, &CodeView { email: user.email, code, expires_at }, &words)
        }
        Command::Passwd { email, password_stdin, code: false } => {
            let user = find(accounts, &email).await?;
            accounts.set_password(&ACTOR, user.id, password(password_stdin)?).await?;
            let words = format!("{} has a new password; all sessions ended.", user.email);
            report(json, &UserView::from(user), &words)
        }
        Command::ForgetFactor { email } => {
            let user = find(accounts, &email).await?;
            session.booted.services.second_factors.disable(&ACTOR, user.id).await?;
            let words = format!("{} has no second factor any more.", user.email);
            report(json, &UserView::from(user), &words)
        }
        Command::Disable { email } => {
            let user = find(accounts, &email).await?;
            accounts.disable_user(&ACTOR, user.id).await?;
            let user = find(accounts, &email).await?;
            let words = format!("{} is disabled; all sessions ended.", user.email);
            report(json, &UserView::from(user), &words)
        }
    }
}

async fn find(accounts: &dyn Accounts, email: &str) -> anyhow::Result<User> {
    let email = EmailAddress::parse(email).context("--email")?;
    let found = accounts.user_by_email(&email).await?;
    found.with_context(|| format!("there is no user {email}"))
}

/// The password from standard input. It is never an argument, which other users of the machine could see.
fn password(from_stdin: bool) -> anyhow::Result<SecretString> {
    if !from_stdin {
        bail!(
            "pass the password on standard input: printf %s 'the password' | pi-crm user … --password-stdin"
        );
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("standard input")?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        bail!("standard input holds no password");
    }
    Ok(SecretString::from(line.to_owned()))
}
