//! `pi-crm key add|list|revoke`

use anyhow::{Context as _, bail};
use clap::Subcommand;
use crm_core::accounts::User;
use crm_core::keys::{ApiKey, MadeKey, NewKey};
use crm_core::{Actor, ApiKeyId, EmailAddress, KeyScope, Timestamp};
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::{report, session};
use crate::state::Services;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an API key for a user and show it, this once.
    Add {
        /// The user's address.
        #[arg(long)]
        email: String,
        /// What the key is for.
        #[arg(long)]
        description: String,
        /// What it may be used for, like contacts:write; repeat it for more. `admin` is all the user may do.
        #[arg(long = "scope", required = true, num_args = 1..)]
        scopes: Vec<String>,
        /// When it ends: a date (2027-01-31) or a moment (2027-01-31T12:00:00Z). Left out, it does not.
        #[arg(long)]
        expires: Option<String>,
    },
    /// List API keys.
    List {
        /// Only those of this user.
        #[arg(long)]
        email: Option<String>,
    },
    /// Revoke an API key: the next call that shows it is refused.
    Revoke {
        /// Its id or its prefix, as listed.
        key: String,
    },
}

const ACTOR: Actor = Actor::system("command line");

#[derive(Serialize)]
struct View {
    id: ApiKeyId,
    email: String,
    description: String,
    prefix: String,
    scopes: Vec<KeyScope>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    /// The key itself, in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl View {
    fn new(user: &User, key: ApiKey) -> Self {
        Self {
            id: key.id,
            email: user.email.clone(),
            description: key.description,
            prefix: key.prefix,
            scopes: key.scopes.into_iter().collect(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            key: None,
        }
    }

    fn line(&self) -> String {
        let scopes: Vec<String> = self.scopes.iter().map(ToString::to_string).collect();
        let end =
            self.expires_at.map_or_else(|| "never ends".to_owned(), |at| format!("ends {at}"));
        format!(
            "{}\t{}\t{}\t{}\t{end}",
            self.prefix,
            self.email,
            self.description,
            scopes.join(" ")
        )
    }
}

pub(super) async fn run(command: Command, json: bool) -> anyhow::Result<()> {
    let session = session::open().await?;
    let services = &session.booted.services;
    match command {
        Command::Add { email, description, scopes, expires } => {
            let user = find(services, &email).await?;
            let expires_at = expires.as_deref().map(moment).transpose()?;
            let new = NewKey { description, scopes, expires_at };
            let MadeKey { key, secret } = services.keys.create(&ACTOR, user.id, new).await?;
            let words = format!(
                "Made a key for {}. It is shown this once:\n{}",
                user.email,
                secret.expose_secret()
            );
            let secret = Some(secret.expose_secret().to_owned());
            let view = View { key: secret, ..View::new(&user, key) };
            report(json, &view, &words)
        }
        Command::List { email } => {
            let keys = all(services, email.as_deref()).await?;
            let views: Vec<View> =
                keys.into_iter().map(|(user, key)| View::new(&user, key)).collect();
            let words = views.iter().map(View::line).collect::<Vec<_>>().join("\n");
            report(json, &views, &words)
        }
        Command::Revoke { key } => {
            let mut found = all(services, None).await?;
            found.retain(|(_, one)| one.prefix == key || one.id.to_string() == key);
            let (user, one) = match found.len() {
                1 => found.remove(0),
                0 => bail!("there is no key {key}"),
                _ => bail!("several keys begin with {key}; name one by its id (key list --json)"),
            };
            services.keys.revoke(&ACTOR, user.id, one.id).await?;
            let words = format!("The key {} of {} is revoked.", one.prefix, user.email);
            report(json, &View::new(&user, one), &words)
        }
    }
}

async fn find(services: &Services, email: &str) -> anyhow::Result<User> {
    let email = EmailAddress::parse(email).context("--email")?;
    let found = services.accounts.user_by_email(&email).await?;
    found.with_context(|| format!("there is no user {email}"))
}

/// Keys with whose they are.
async fn all(services: &Services, email: Option<&str>) -> anyhow::Result<Vec<(User, ApiKey)>> {
    let users = match email {
        Some(email) => vec![find(services, email).await?],
        None => services.accounts.users().await?,
    };
    let mut found = Vec::new();
    for user in users {
        for key in services.keys.list(user.id).await? {
            found.push((user.clone(), key));
        }
    }
    Ok(found)
}

/// A moment, or the beginning of a day.
fn moment(text: &str) -> anyhow::Result<Timestamp> {
    let day = format!("{text}T00:00:00Z");
    let read = text.parse::<Timestamp>().or_else(|_| day.parse());
    read.with_context(|| format!("--expires: {text} is no date like 2027-01-31"))
}
