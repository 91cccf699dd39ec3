//! What a person granted: an account, what may be done with it, and the tokens for that.

use crm_core::{ProviderId, Timestamp, UserId, Vault};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::client::Tokens;
use super::service::Use;

/// A grant as it lies in its row: the tokens are sealed for this row alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// The address of the account.
    pub(crate) account: String,
    /// What may be done.
    pub(crate) scopes: Vec<String>,
    /// Who connected it.
    pub(crate) connected_by: Option<UserId>,
    /// When.
    pub(crate) connected_at: Timestamp,
    /// Moves with every change of the tokens.
    pub(crate) generation: u64,
    /// Why it does not let us in any more, in the service's own words.
    pub(crate) broken: Option<String>,
    expires_at: Timestamp,
    access_token: String,
    refresh_token: String,
    /// The token for reading, where the service gives out one of its own.
    #[serde(default)]
    reading: Option<Reading>,
}

/// A sealed token, and how long it is good.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Reading {
    token: String,
    expires_at: Timestamp,
}

/// Tokens are sealed for their provider and for what they are.
fn place(id: ProviderId, what: &str) -> String {
    format!("provider/{id}/{what}")
}

type Sealed<T> = Result<T, crm_core::sealed::Unsealable>;

impl Grant {
    /// A new grant.
    pub(crate) fn new(
        vault: &Vault,
        id: ProviderId,
        tokens: &Tokens,
        refresh: &SecretString,
        (account, connected_by, now): (String, Option<UserId>, Timestamp),
    ) -> Sealed<Self> {
        Ok(Self {
            account,
            scopes: tokens.scopes.clone(),
            connected_by,
            connected_at: now,
            generation: 1,
            broken: None,
            expires_at: now.plus(tokens.expires_in),
            access_token: vault.seal(&place(id, "access"), tokens.access.expose_secret())?,
            refresh_token: vault.seal(&place(id, "refresh"), refresh.expose_secret())?,
            reading: None,
        })
    }

    /// The same with new tokens. A service that gives no new token for the next time lets the old one stand.
    pub(crate) fn renewed(
        &self,
        vault: &Vault,
        id: ProviderId,
        (tokens, of): (&Tokens, Use),
        now: Timestamp,
    ) -> Sealed<Self> {
        let refresh_token = match &tokens.refresh {
            Some(new) => vault.seal(&place(id, "refresh"), new.expose_secret())?,
            None => self.refresh_token.clone(),
        };
        if of == Use::Imap {
            let reading = Reading {
                token: vault.seal(&place(id, "reading"), tokens.access.expose_secret())?,
                expires_at: now.plus(tokens.expires_in),
            };
            let generation = self.generation + 1;
            return Ok(Self { generation, refresh_token, reading: Some(reading), ..self.clone() });
        }
        let scopes =
            if tokens.scopes.is_empty() { self.scopes.clone() } else { tokens.scopes.clone() };
        Ok(Self {
            scopes,
            generation: self.generation + 1,
            broken: None,
            expires_at: now.plus(tokens.expires_in),
            access_token: vault.seal(&place(id, "access"), tokens.access.expose_secret())?,
            refresh_token,
            ..self.clone()
        })
    }

    /// The same with its tokens sealed by the key of the moment; `None` where they are.
    pub(crate) fn resealed(&self, vault: &Vault, id: ProviderId) -> Sealed<Option<Self>> {
        let access = vault.renew(&place(id, "access"), &self.access_token)?;
        let refresh = vault.renew(&place(id, "refresh"), &self.refresh_token)?;
        let reading = match &self.reading {
            Some(kept) => vault
                .renew(&place(id, "reading"), &kept.token)?
                .map(|token| Reading { token, expires_at: kept.expires_at }),
            None => None,
        };
        if access.is_none() && refresh.is_none() && reading.is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            reading: reading.or_else(|| self.reading.clone()),
            access_token: access.unwrap_or_else(|| self.access_token.clone()),
            refresh_token: refresh.unwrap_or_else(|| self.refresh_token.clone()),
            ..self.clone()
        }))
    }

    /// The same, of no use any more.
    pub(crate) fn broken(&self, words: &str) -> Self {
        Self { broken: Some(words.to_owned()), ..self.clone() }
    }

    /// The token of the moment, and until when it is good; `None` where there is none of this kind yet.
    pub(crate) fn token(
        &self,
        vault: &Vault,
        id: ProviderId,
        of: Use,
    ) -> Sealed<Option<(SecretString, Timestamp)>> {
        let (what, sealed, expires_at) = match (of, &self.reading) {
            (Use::Api, _) => ("access", &self.access_token, self.expires_at),
            (Use::Imap, Some(reading)) => ("reading", &reading.token, reading.expires_at),
            (Use::Imap, None) => return Ok(None),
        };
        Ok(Some((vault.open(&place(id, what), sealed)?, expires_at)))
    }

    /// The token for getting others.
    pub(crate) fn refresh(&self, vault: &Vault, id: ProviderId) -> Sealed<SecretString> {
        vault.open(&place(id, "refresh"), &self.refresh_token)
    }
}
