//! Secrets at rest: provider passwords and keys are sealed with a key that is not in the database.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use rand::RngExt as _;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use crate::{StoreError, Tx};

/// Version mark of the sealed form: XChaCha20-Poly1305, 24-byte nonce before the ciphertext, base64.
const MARK: &str = "v1:";

/// Seals and opens secrets.
#[derive(Clone)]
pub struct Vault {
    key: SecretSlice<u8>,
    /// Keys that were there before; they open what they have sealed, and seal nothing more.
    previous: Vec<SecretSlice<u8>>,
}

/// A sealed value that does not open: damaged, sealed with another key, or moved from another place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a stored secret cannot be opened: it is damaged or was sealed with another ENCRYPTION_KEY"
)]
pub struct Unsealable;

impl Vault {
    /// A vault with this 32-byte key.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key: key.to_vec().into(), previous: Vec::new() }
    }

    /// The same, opening what these keys have sealed as well.
    #[must_use]
    pub fn also_opening(mut self, previous: &[[u8; 32]]) -> Self {
        self.previous = previous.iter().map(|key| key.to_vec().into()).collect();
        self
    }

    /// Seals `secret` for one `place` (such as the row's id): it opens only with the same place named.
    ///
    /// # Errors
    /// [`Unsealable`] where the cipher refuses, which it does only for inputs of many gigabytes.
    pub fn seal(&self, place: &str, secret: &str) -> Result<String, Unsealable> {
        let nonce: [u8; 24] = rand::rng().random();
        let payload = Payload { msg: secret.as_bytes(), aad: place.as_bytes() };
        let sealed =
            cipher(&self.key)?.encrypt(&XNonce::from(nonce), payload).map_err(|_| Unsealable)?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(format!("{MARK}{}", STANDARD_NO_PAD.encode(bytes)))
    }

    /// Opens what [`Self::seal`] made for the same place.
    ///
    /// # Errors
    /// [`Unsealable`] where one bit, the key or the place differs.
    pub fn open(&self, place: &str, sealed: &str) -> Result<SecretString, Unsealable> {
        let keys = std::iter::once(&self.key).chain(&self.previous);
        keys.map(|key| opened(key, place, sealed)).find(Result::is_ok).unwrap_or(Err(Unsealable))
    }

    /// The same secret sealed with the key of the moment; `None` where it is that already.
    ///
    /// # Errors
    /// [`Unsealable`] where no key opens it.
    pub fn renew(&self, place: &str, sealed: &str) -> Result<Option<String>, Unsealable> {
        if opened(&self.key, place, sealed).is_ok() {
            return Ok(None);
        }
        let secret = self.open(place, sealed)?;
        self.seal(place, secret.expose_secret()).map(Some)
    }
}

fn cipher(key: &SecretSlice<u8>) -> Result<XChaCha20Poly1305, Unsealable> {
    XChaCha20Poly1305::new_from_slice(key.expose_secret()).map_err(|_| Unsealable)
}

fn opened(key: &SecretSlice<u8>, place: &str, sealed: &str) -> Result<SecretString, Unsealable> {
    let text = sealed.strip_prefix(MARK).ok_or(Unsealable)?;
    let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| Unsealable)?;
    let (nonce, ciphertext) = bytes.split_first_chunk::<24>().ok_or(Unsealable)?;
    let payload = Payload { msg: ciphertext, aad: place.as_bytes() };
    let plain = cipher(key)?.decrypt(&XNonce::from(*nonce), payload).map_err(|_| Unsealable)?;
    String::from_utf8(plain).map(SecretString::from).map_err(|_| Unsealable)
}

/// Why secrets could not be sealed again.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// No key opens one of them.
    #[error("{0}: {Unsealable}")]
    Unsealable(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whoever keeps sealed secrets in the database. Each keeper is in the list that the rotation of the key goes through.
#[async_trait]
pub trait SealedStore: Send + Sync {
    /// Seals with the key of the moment, inside `tx`, what a previous one has sealed; returns how many secrets that were.
    async fn reseal(&self, tx: &Tx) -> Result<u64, ResealError>;
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_previous_key_opens_and_seals_no_more() {
        let sealed = Vault::new([7; 32]).seal("provider/1", "hunter2").unwrap();
        let both = Vault::new([8; 32]).also_opening(&[[7; 32]]);
        assert_eq!(both.open("provider/1", &sealed).unwrap().expose_secret(), "hunter2");
        let renewed = both.renew("provider/1", &sealed).unwrap().unwrap();
        assert_eq!(both.renew("provider/1", &renewed).unwrap(), None);
        let alone = Vault::new([8; 32]);
        assert_eq!(alone.open("provider/1", &renewed).unwrap().expose_secret(), "hunter2");
        assert!(alone.renew("provider/1", &sealed).is_err());
        assert!(both.renew("provider/2", &sealed).is_err(), "another place");
    }

    #[test]
    fn a_secret_opens_only_where_it_was_sealed() {
        let vault = Vault::new([7; 32]);
        let sealed = vault.seal("provider/1", "hunter2").unwrap();
        assert!(!sealed.contains("hunter2"));
        assert_eq!(vault.open("provider/1", &sealed).unwrap().expose_secret(), "hunter2");
        assert!(vault.open("provider/2", &sealed).is_err());
        assert!(Vault::new([8; 32]).open("provider/1", &sealed).is_err());
        // The last character may stand for spare bits only, so one in the middle is changed, and surely changed.
        let mut damaged = sealed.into_bytes();
        let middle = damaged.len() / 2;
        damaged[middle] = if damaged[middle] == b'A' { b'B' } else { b'A' };
        let damaged = String::from_utf8(damaged).unwrap();
        assert!(vault.open("provider/1", &damaged).is_err());
    }
}
