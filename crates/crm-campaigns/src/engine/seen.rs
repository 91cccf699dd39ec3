//! What this database and this data folder have seen: when the server last ran, and where.
//!
//! Both note it: the database with every sign of life, the folder less often. From that follow two answers a server needs
//! before it sends anything by itself. Whether the clock can be believed: a machine without a clock of its own boots in
//! the past, and one set wrongly lies in the future. And whether this database is where it was: one that was restored from
//! a backup or copied to another place does not know what was sent since, or elsewhere.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crm_core::{Context, StoreError, Timestamp, Tx, settings};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Where the database keeps it.
const KEY: &str = "server_seen";

/// Where the data folder keeps it.
const FILE: &str = "server-seen.json";

/// How far back a clock may go: computers correct theirs by seconds.
const BEHIND: Duration = Duration::from_mins(2);

/// How far ahead it may be of the last sign of life. A server that was off for longer asks, too.
const AHEAD: Duration = Duration::from_hours(7 * 24);

/// How often the data folder notes it.
const NOTED: Duration = Duration::from_mins(1);

/// A sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sign {
    /// Which installation this is; another one after a restore.
    id: String,
    /// The machine, or the database server, it was on.
    home: Option<String>,
    /// When.
    at: Timestamp,
    /// Whether somebody has put it in the place of another database since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    restored: bool,
}

/// Whether the clock can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belief {
    /// It can.
    Sound,
    /// It lies before this moment, at which the server ran.
    Behind(Timestamp),
    /// It lies more than a week after this moment, at which the server last ran.
    Ahead(Timestamp),
}

/// Where signs of life are noted beside the database.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The data folder; without one, only the database notes them.
    pub data_dir: Option<PathBuf>,
    /// A file that is there while the network has set the clock, such as systemd's.
    pub time_signal: Option<PathBuf>,
}

impl Places {
    /// Those of a server with this data folder.
    pub fn of_server(data_dir: &Path) -> Self {
        Self {
            data_dir: Some(data_dir.to_owned()),
            time_signal: Some("/run/systemd/timesync/synchronized".into()),
        }
    }
}

/// The signs of life of this run.
pub(super) struct Seen {
    places: Places,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    /// What the database holds.
    sign: Option<Sign>,
    /// What the folder holds.
    noted_at: Option<Timestamp>,
}

impl Seen {
    pub(super) fn new(places: Places) -> Self {
        Self { places, last: Mutex::default() }
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why this database is not where it was, in words, where that is so.
    pub(super) async fn moved(&self, ctx: &Context) -> Result<Option<&'static str>, StoreError> {
        let home = home(ctx).await;
        let folder = self.places.data_dir.as_deref().map(read);
        let stored = load(ctx).await?;
        Ok(match (stored, folder) {
            (Some(db), _) if db.restored => Some("was restored from a backup"),
            (None, Some(Folder::Knows(_))) => Some("is not the one this data folder belongs to"),
            (Some(db), _) if home.is_some() && db.home.is_some() && db.home != home => {
                Some("was copied from another machine or database server")
            }
            (Some(db), Some(Folder::Knows(sign))) if sign.id != db.id => {
                Some("is not the one this data folder belongs to")
            }
            (Some(db), Some(Folder::Knows(sign))) if sign.at > db.at => {
                Some("was restored from a backup")
            }
            // A file has one data folder; on a database server others may join with theirs.
            (Some(_), Some(Folder::Empty)) if ctx.db.is_sqlite() => {
                Some("was copied without its data folder")
            }
            (None | Some(_), _) => None,
        })
    }

    /// From here on this is another installation.
    pub(super) async fn settle(&self, ctx: &Context, tx: &Tx) -> Result<(), StoreError> {
        let sign = fresh(ctx).await;
        store(ctx, tx, &sign).await?;
        *self.last() = Last { sign: Some(sign), noted_at: None };
        Ok(())
    }

    /// Notes a sign of life inside `tx`, unless the clock cannot be believed.
    pub(super) async fn note(&self, ctx: &Context, tx: &Tx) -> Result<(), StoreError> {
        let now = ctx.now();
        let sign = match load(ctx).await? {
            None => fresh(ctx).await,
            Some(sign) => match self.weigh(&sign, now) {
                // Seconds back are nothing; a clock the network has set back further is right.
                Belief::Sound if now.plus(BEHIND) < sign.at => Sign { at: now, ..sign },
                Belief::Sound => Sign { at: now.max(sign.at), ..sign },
                Belief::Behind(_) | Belief::Ahead(_) => return Ok(()),
            },
        };
        store(ctx, tx, &sign).await?;
        self.last().sign = Some(sign);
        Ok(())
    }

    /// Notes in the data folder what the database holds, once in a while or when asked to: after a commit.
    pub(super) fn committed(&self, at_once: bool) {
        let Some(folder) = &self.places.data_dir else { return };
        let mut last = self.last();
        let Some(sign) = last.sign.clone() else { return };
        let due = last.noted_at.is_none_or(|at| sign.at < at || sign.at.since(at) >= NOTED);
        if !due && !at_once {
            return;
        }
        match write(folder, &sign) {
            Ok(()) => last.noted_at = Some(sign.at),
            Err(error) => tracing::warn!(%error, "the data folder cannot be written"),
        }
    }

    /// Whether the clock can be believed.
    pub(super) async fn clock(&self, ctx: &Context) -> Result<Belief, StoreError> {
        let stored = load(ctx).await?;
        Ok(stored.map_or(Belief::Sound, |sign| self.weigh(&sign, ctx.now())))
    }

    fn weigh(&self, sign: &Sign, now: Timestamp) -> Belief {
        let signalled = || self.places.time_signal.as_deref().is_some_and(Path::exists);
        if now.plus(BEHIND) < sign.at && !signalled() {
            Belief::Behind(sign.at)
        } else if now > sign.at.plus(AHEAD) && !signalled() {
            Belief::Ahead(sign.at)
        } else {
            Belief::Sound
        }
    }
}

/// A person has looked at the time and acted on it.
pub(crate) async fn confirm_clock(ctx: &Context, tx: &Tx) -> Result<(), StoreError> {
    match load(ctx).await? {
        Some(sign) => store(ctx, tx, &Sign { at: ctx.now(), ..sign }).await,
        None => Ok(()),
    }
}

/// Notes in a database that was taken from a backup, before a server opens it, that it was: what it would send by itself is
/// then held until a person says so, whichever data folder it comes to.
///
/// # Errors
/// Where the database fails.
pub async fn note_restored(ctx: &Context, tx: &Tx) -> Result<(), StoreError> {
    let sign = match load(ctx).await? {
        Some(sign) => sign,
        None => fresh(ctx).await,
    };
    store(ctx, tx, &Sign { restored: true, ..sign }).await
}

/// The first of an installation.
async fn fresh(ctx: &Context) -> Sign {
    let id = ctx.ids.uuid().to_string();
    Sign { id, home: home(ctx).await, at: ctx.now(), restored: false }
}

async fn load(ctx: &Context) -> Result<Option<Sign>, StoreError> {
    let text = settings::get(ctx, None, KEY).await?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

async fn store(ctx: &Context, tx: &Tx, sign: &Sign) -> Result<(), StoreError> {
    settings::set(ctx, tx, None, KEY, &serde_json::to_string(sign)?).await
}

/// What the folder says.
enum Folder {
    /// Nothing yet.
    Empty,
    /// Something that cannot be read; no reason to stop anything.
    Damaged,
    /// This.
    Knows(Sign),
}

fn read(folder: &Path) -> Folder {
    match fs::read_to_string(folder.join(FILE)) {
        Ok(text) => serde_json::from_str(&text).map_or(Folder::Damaged, Folder::Knows),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Folder::Empty,
        Err(_) => Folder::Damaged,
    }
}

/// Whole or not at all, also when the power fails.
fn write(folder: &Path, sign: &Sign) -> std::io::Result<()> {
    let beside = folder.join(format!("{FILE}.new"));
    let mut file = File::create(&beside)?;
    file.write_all(&serde_json::to_vec(sign)?)?;
    file.sync_all()?;
    fs::rename(&beside, folder.join(FILE))?;
    File::open(folder)?.sync_all()
}

/// The database server, or for a file the machine; `None` where neither says.
async fn home(ctx: &Context) -> Option<String> {
    if !ctx.db.is_sqlite() {
        return ctx.db.server_identity().await;
    }
    let id = fs::read_to_string("/etc/machine-id").ok()?;
    let id = Some(id.trim()).filter(|id| !id.is_empty())?;
    // The id itself is nobody's business.
    let hash = Sha256::digest(format!("pi-crm {id}").as_bytes());
    let mut first = String::new();
    for byte in hash.iter().take(8) {
        let _ = write!(first, "{byte:02x}");
    }
    Some(first)
}
