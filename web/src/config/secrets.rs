//! The two keys of an installation: given in the environment, or made on first start and kept in the data folder.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use crm_core::Vault;
use rand::RngExt as _;
use secrecy::{ExposeSecret as _, SecretSlice};

use super::ConfigError;

/// Signing and sealing keys.
#[derive(Clone, Debug)]
pub struct Secrets {
    session: SecretSlice<u8>,
    encryption: [u8; 32],
    /// Keys from before a rotation that is not over.
    previous: Vec<[u8; 32]>,
    /// Where the encryption key is kept; `None` where it was given.
    file: Option<PathBuf>,
}

impl Secrets {
    pub(super) fn load(
        data_dir: &Path,
        session: Option<&str>,
        encryption: Option<&str>,
        previous: Option<&str>,
    ) -> Result<Self, ConfigError> {
        const NAME: &str = "ENCRYPTION_KEY";
        let session = match session {
            Some(text) => given("SESSION_SECRET", text)?,
            None => kept("SESSION_SECRET", &data_dir.join("session.key"))?.0,
        };
        let file = data_dir.join("encryption.key");
        let (encryption, mut older, file) = if let Some(text) = encryption {
            (given(NAME, text)?, Vec::new(), None)
        } else {
            let (first, older) = kept(NAME, &file)?;
            (first, older, Some(file))
        };
        if let Some(text) = previous {
            older.push(given("ENCRYPTION_KEY_PREVIOUS", text)?);
        }
        let previous = older.iter().map(|key| sized(key)).collect();
        Ok(Self { session: session.into(), encryption: sized(&encryption), previous, file })
    }

    /// Signs session tokens, CSRF tokens and links.
    pub fn signing_key(&self) -> &[u8] {
        self.session.expose_secret()
    }

    /// Seals provider secrets, and opens what was sealed before the key was changed.
    pub fn vault(&self) -> Vault {
        Vault::new(self.encryption).also_opening(&self.previous)
    }

    /// Whether there are keys from before a rotation that is not over.
    pub const fn is_rotating(&self) -> bool {
        !self.previous.is_empty()
    }

    /// Whether the encryption key is kept in the data folder, and not given by the operator.
    pub const fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// Begins a rotation: a new key is made, and the one from before kept beside it until [`Self::end_rotation`].
    ///
    /// # Errors
    /// Where the key was given by the operator, or its file cannot be written.
    pub fn begin_rotation(&mut self) -> anyhow::Result<()> {
        let file =
            self.file.as_deref().context("ENCRYPTION_KEY is set, so a new key is yours to make")?;
        let new: [u8; 32] = rand::rng().random();
        self.previous.insert(0, self.encryption);
        self.encryption = new;
        self.write(file)
    }

    /// Ends a rotation: the keys from before are forgotten.
    ///
    /// # Errors
    /// Where the file of the key cannot be written.
    pub fn end_rotation(&mut self) -> anyhow::Result<()> {
        self.previous.clear();
        match self.file.as_deref() {
            Some(file) => self.write(file),
            None => Ok(()),
        }
    }

    fn write(&self, file: &Path) -> anyhow::Result<()> {
        let keys = std::iter::once(&self.encryption).chain(&self.previous);
        let lines: Vec<String> = keys.map(|key| STANDARD_NO_PAD.encode(key)).collect();
        replace(file, &lines.join("\n")).with_context(|| file.display().to_string())
    }
}

/// Whatever length was given, the cipher takes 32 bytes.
fn sized(key: &[u8]) -> [u8; 32] {
    <[u8; 32]>::try_from(key).unwrap_or_else(|_| {
        use sha2::Digest as _;
        sha2::Sha256::digest(key).into()
    })
}

fn too_short(name: &'static str) -> ConfigError {
    ConfigError::new(name, "must have at least 32 characters")
}

/// A key the operator gave.
fn given(name: &'static str, text: &str) -> Result<Vec<u8>, ConfigError> {
    let decoded = STANDARD_NO_PAD.decode(text.trim().trim_end_matches('=')).ok();
    let bytes = decoded.filter(|b| b.len() == 32).unwrap_or_else(|| text.as_bytes().to_vec());
    if bytes.len() < 32 { Err(too_short(name)) } else { Ok(bytes) }
}

/// The key of a file, and those from before it; a new file with a new key where there is none.
fn kept(name: &'static str, path: &Path) -> Result<(Vec<u8>, Vec<Vec<u8>>), ConfigError> {
    let failed = |err: std::io::Error| ConfigError::new(name, format!("{}: {err}", path.display()));
    if !path.exists() {
        let bytes: [u8; 32] = rand::rng().random();
        replace(path, &STANDARD_NO_PAD.encode(bytes)).map_err(failed)?;
        return Ok((bytes.to_vec(), Vec::new()));
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    let damaged = || {
        let words = format!("{} is damaged; restore it from a backup", path.display());
        ConfigError::new(name, words)
    };
    let mut keys = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let bytes = STANDARD_NO_PAD.decode(line).map_err(|_| damaged())?;
        if bytes.len() < 32 {
            return Err(too_short(name));
        }
        keys.push(bytes);
    }
    let mut keys = keys.into_iter();
    Ok((keys.next().ok_or_else(damaged)?, keys.collect()))
}

/// Written beside and renamed, so that a power cut leaves the whole file of before or the whole new one.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("key.new");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    // The name is what has to last.
    match path.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
