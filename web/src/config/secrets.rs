//! The two keys of an installation: given in the environment, or made on first start and kept in the data folder.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rand::RngExt as _;
use secrecy::{ExposeSecret as _, SecretSlice};

use super::ConfigError;

/// Signing and sealing keys.
#[derive(Clone, Debug)]
pub struct Secrets {
    session: SecretSlice<u8>,
    encryption: [u8; 32],
}

impl Secrets {
    pub(super) fn load(
        data_dir: &Path,
        session: Option<&str>,
        encryption: Option<&str>,
    ) -> Result<Self, ConfigError> {
        let session = key("SESSION_SECRET", session, &data_dir.join("session.key"))?;
        let encryption = key("ENCRYPTION_KEY", encryption, &data_dir.join("encryption.key"))?;
        // Whatever length was given, the cipher takes 32 bytes.
        let encryption = <[u8; 32]>::try_from(encryption.as_slice()).unwrap_or_else(|_| {
            use sha2::Digest as _;
            sha2::Sha256::digest(&encryption).into()
        });
        Ok(Self { session: session.into(), encryption })
    }

    /// Signs session tokens, CSRF tokens and links.
    pub fn signing_key(&self) -> &[u8] {
        self.session.expose_secret()
    }

    /// Seals provider secrets.
    pub const fn encryption_key(&self) -> [u8; 32] {
        self.encryption
    }
}

fn key(name: &'static str, given: Option<&str>, path: &Path) -> Result<Vec<u8>, ConfigError> {
    let too_short = || ConfigError::new(name, "must have at least 32 characters");
    if let Some(text) = given {
        let decoded = STANDARD_NO_PAD.decode(text.trim().trim_end_matches('=')).ok();
        let bytes = decoded.filter(|b| b.len() == 32).unwrap_or_else(|| text.as_bytes().to_vec());
        return if bytes.len() < 32 { Err(too_short()) } else { Ok(bytes) };
    }
    let failed = |err: std::io::Error| ConfigError::new(name, format!("{}: {err}", path.display()));
    if path.exists() {
        let text = fs::read_to_string(path).map_err(failed)?;
        let bytes = STANDARD_NO_PAD.decode(text.trim()).map_err(|_| {
            ConfigError::new(
                name,
                format!("{} is damaged; restore it from a backup", path.display()),
            )
        })?;
        return if bytes.len() < 32 { Err(too_short()) } else { Ok(bytes) };
    }
    let bytes: [u8; 32] = rand::rng().random();
    // Written beside and renamed, so that a power cut leaves a whole key or none.
    let beside = path.with_extension("key.new");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .map_err(failed)?;
    file.write_all(STANDARD_NO_PAD.encode(bytes).as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)?;
    Ok(bytes.to_vec())
}
