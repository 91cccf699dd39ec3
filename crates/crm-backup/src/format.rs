//! The file of a backup: one that tells about itself, and then the database, compressed.
//!
//! Both are frames of zstd: what tells about the backup is in one that other programs skip, so that `zstd -d` finds the
//! database without us.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use crm_core::{BackupId, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{BackupError, files};

/// A frame that decoders skip (RFC 8878, 3.1.2).
const SKIPPED: u32 = 0x184D_2A50;
/// The first bytes of a SQLite database.
const SQLITE: &[u8] = b"SQLite format 3\0";
/// What tells about a backup is smaller, in bytes.
const LARGEST_HEADER: u32 = 1 << 20;
/// A third of the size, at the speed of a memory card.
const LEVEL: i32 = 3;
/// The most memory a file may ask for when it is read: 2^23 bytes. Ours ask for a quarter of that.
const WINDOW: u32 = 23;

/// What a backup tells about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Of which kind the rest is; 1 is the only one there is.
    pub format: u32,
    /// Its row in `backups`, which is in the backup too: the marker.
    pub id: BackupId,
    /// When it was begun.
    pub created_at: Timestamp,
    /// The version of the program.
    pub version: String,
    /// The database's size in bytes.
    pub database_bytes: u64,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
}

/// A written file.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    /// Its size.
    pub(crate) bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub(crate) sha256: String,
}

/// Writes through to a file, and counts and hashes what it writes.
struct Counted {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Compresses the database at `from` into `to`, and makes it last.
pub(crate) fn pack(from: &Path, header: &Header, to: &Path) -> Result<Packed, BackupError> {
    let mut raw = File::open(from).map_err(BackupError::at(from))?;
    let out = Counted { file: files::private(to)?, hash: Sha256::new(), bytes: 0 };
    let packed = pack_into(&mut raw, header, out).map_err(BackupError::at(to))?;
    let mut sha256 = String::new();
    for byte in packed.hash.finalize() {
        let _ = write!(sha256, "{byte:02x}");
    }
    Ok(Packed { bytes: packed.bytes, sha256 })
}

fn pack_into(raw: &mut File, header: &Header, mut out: Counted) -> io::Result<Counted> {
    let told = serde_json::to_vec(header)?;
    let length = u32::try_from(told.len()).map_err(io::Error::other)?;
    out.write_all(&SKIPPED.to_le_bytes())?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&told)?;
    let mut encoder = zstd::stream::write::Encoder::new(out, LEVEL)?;
    encoder.include_checksum(true)?;
    io::copy(raw, &mut encoder)?;
    let out = encoder.finish()?;
    out.file.sync_all()?;
    Ok(out)
}

/// What the file at `path` tells about itself; `None` for a SQLite database as it is.
pub(crate) fn header(path: &Path) -> Result<Option<Header>, BackupError> {
    let mut file = File::open(path).map_err(BackupError::at(path))?;
    read_header(path, &mut file)
}

fn read_header(path: &Path, file: &mut impl Read) -> Result<Option<Header>, BackupError> {
    let no_backup = || BackupError::damaged(path, "it does not begin like one");
    let (mut magic, mut length) = ([0; 4], [0; 4]);
    file.read_exact(&mut magic).map_err(|_| no_backup())?;
    file.read_exact(&mut length).map_err(|_| no_backup())?;
    if SQLITE.starts_with(&[magic, length].concat()) {
        return Ok(None);
    }
    let length = u32::from_le_bytes(length);
    if u32::from_le_bytes(magic) != SKIPPED || length > LARGEST_HEADER {
        return Err(no_backup());
    }
    let mut told = vec![0; length as usize];
    file.read_exact(&mut told).map_err(|_| no_backup())?;
    let header: Header = serde_json::from_slice(&told).map_err(|_| no_backup())?;
    if header.format != 1 {
        return Err(BackupError::damaged(path, "it was made by a newer version of pi-crm"));
    }
    Ok(Some(header))
}

/// Writes the database of the backup at `from` to `to`.
pub(crate) fn unpack(from: &Path, to: &Path) -> Result<Option<Header>, BackupError> {
    let mut file = File::open(from).map_err(BackupError::at(from))?;
    let Some(header) = read_header(from, &mut file)? else {
        let mut file = File::open(from).map_err(BackupError::at(from))?;
        let mut out = files::private(to)?;
        io::copy(&mut file, &mut out).map_err(BackupError::at(to))?;
        return Ok(None);
    };
    let mut out = files::private(to)?;
    let damaged = |error: io::Error| BackupError::damaged(from, error.to_string());
    let mut decoder =
        zstd::stream::read::Decoder::with_buffer(BufReader::new(file)).map_err(damaged)?;
    decoder.window_log_max(WINDOW).map_err(damaged)?;
    // Reading and writing fail for different reasons, which `io::copy` does not tell apart.
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0_u64;
    loop {
        let read = decoder.read(&mut buffer).map_err(damaged)?;
        let Some(chunk) = buffer.get(..read).filter(|chunk| !chunk.is_empty()) else { break };
        bytes += chunk.len() as u64;
        if bytes > header.database_bytes {
            break;
        }
        out.write_all(chunk).map_err(BackupError::at(to))?;
    }
    if bytes != header.database_bytes {
        return Err(BackupError::damaged(from, "it has another size than when it was made"));
    }
    Ok(Some(header))
}
