//! Checking how a mailbox is reached before that is stored.

use secrecy::{ExposeSecret as _, SecretString};

use crate::outbound::{OutboundError, OutboundPolicy, is_public};
use crate::providers::Security;
use crate::providers::validate::{host_name, is_credential};

/// Most characters of the name of a folder.
const LONGEST_FOLDER: usize = 200;

/// How a mailbox is reached, without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImapPlace {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
    /// Name to sign in with.
    pub username: String,
    /// The folder to read.
    pub folder: String,
}

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPlace {
    /// A setting is missing or wrong; the field is named.
    #[error("{problem}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What is wrong, in words.
        problem: String,
    },
    /// The host lies on a network that may not be connected to.
    #[error("{0} is on a private network; add it to OUTBOUND_ALLOW to let pi-crm connect to it")]
    Blocked(String),
}

fn invalid(field: &'static str, problem: impl Into<String>) -> BadPlace {
    BadPlace::Invalid { field, problem: problem.into() }
}

impl ImapPlace {
    /// The same in the form it is stored in. `password` is a new one; without one that of `kept` stays, which is not sent
    /// to a server it was not entered for, nor in clear if it was not before.
    ///
    /// # Errors
    /// [`BadPlace`], of the first thing that is wrong.
    pub async fn checked(
        &self,
        password: Option<&SecretString>,
        kept: Option<&Self>,
        outbound: &OutboundPolicy,
    ) -> Result<Self, BadPlace> {
        let place = Self {
            host: host_name(&self.host).map_err(|problem| invalid("host", problem))?,
            port: self.port,
            security: self.security,
            username: self.username.trim().to_owned(),
            folder: Self::checked_folder(&self.folder)?,
        };
        if place.port == 0 {
            return Err(invalid("port", "enter a port from 1 to 65535"));
        }
        if place.username.is_empty() || !is_credential(&place.username) {
            return Err(invalid("username", "enter the user name in one line"));
        }
        place.password_fits(password, kept)?;
        place.reachable(outbound).await?;
        Ok(place)
    }

    /// The name of a folder in the form it is stored in.
    ///
    /// # Errors
    /// [`BadPlace::Invalid`]
    pub fn checked_folder(name: &str) -> Result<String, BadPlace> {
        let name = name.trim();
        // Other letters travel in an encoding of IMAP's own.
        let is_plain = |c: char| c.is_ascii() && !c.is_control();
        if name.is_empty() || name.len() > LONGEST_FOLDER || !name.chars().all(is_plain) {
            return Err(invalid("folder", "enter the name of a folder, such as INBOX"));
        }
        Ok(name.to_owned())
    }

    fn password_fits(
        &self,
        password: Option<&SecretString>,
        kept: Option<&Self>,
    ) -> Result<(), BadPlace> {
        match (password, kept) {
            (Some(password), _) if is_credential(password.expose_secret()) => Ok(()),
            (Some(_), _) => Err(invalid("password", "enter the password in one line")),
            (None, None) => Err(invalid("password", "enter the password of this user name")),
            (None, Some(kept)) => {
                let in_clear = self.security == Security::None && kept.security != Security::None;
                if kept.host != self.host || kept.username != self.username || in_clear {
                    let problem = "enter the password again for the changed server";
                    return Err(invalid("password", problem));
                }
                Ok(())
            }
        }
    }

    /// A host nobody knows at the moment is accepted: this machine may be offline, and connecting checks again.
    async fn reachable(&self, outbound: &OutboundPolicy) -> Result<(), BadPlace> {
        let addresses = match outbound.resolve(&self.host, self.port).await {
            Ok(addresses) => addresses,
            Err(OutboundError::Blocked(host)) => return Err(BadPlace::Blocked(host)),
            Err(OutboundError::NotFound(_)) => return Ok(()),
        };
        if self.security == Security::None && addresses.iter().any(|to| is_public(to.ip())) {
            let problem =
                "choose STARTTLS or TLS: over the internet a password must not travel in clear";
            return Err(invalid("security", problem));
        }
        Ok(())
    }
}
