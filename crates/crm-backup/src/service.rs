//! Making backups, and what there is of them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use crm_core::accounts::{Accounts, AccountsError};
use crm_core::{Actor, AuditEvent, BackupId, Context, StoreError, System, Timestamp, torture};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::Serialize;

use crate::format::{Header, Packed};
use crate::lock::Turn;
use crate::{BackupError, Keep, check, copy, entity as row, files, format};

const SYSTEM: System = System::task("backups");

/// How old the last backup may be.
const OFTEN: Duration = Duration::from_hours(24);

/// Where everything is.
#[derive(Debug, Clone)]
pub struct Places {
    /// The SQLite database; `None` where it is on a server.
    pub database: Option<PathBuf>,
    /// The data folder.
    pub data_dir: PathBuf,
    /// Where backups go; `None` is `backups` in the data folder.
    pub folder: Option<PathBuf>,
    /// Which of them stay.
    pub keep: Keep,
}

impl Places {
    /// The same from wherever it is named.
    fn folder(&self) -> PathBuf {
        let folder = self.folder.clone().unwrap_or_else(|| self.data_dir.join("backups"));
        std::path::absolute(&folder).unwrap_or(folder)
    }

    /// Makes ours; another one is there, or its disk is not mounted.
    fn ready_folder(&self) -> Result<PathBuf, BackupError> {
        let folder = self.folder();
        if self.folder.is_none() {
            files::folder(&folder)?;
        } else if !folder.is_dir() {
            return Err(BackupError::NoFolder(folder));
        }
        Ok(folder)
    }

    /// Where a database is unpacked to be looked at.
    fn work(&self) -> PathBuf {
        self.data_dir.join("backup-work")
    }
}

/// A backup that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// Its id, which the row has that marks it.
    pub id: BackupId,
    /// Its file.
    pub path: String,
    /// When it was begun: it has what was saved before that.
    pub created_at: Timestamp,
    /// The size of its file.
    pub bytes: u64,
    /// Whether it was opened, checked and counted, and nothing was wrong.
    pub verified: bool,
}

/// Backups of this installation.
#[async_trait]
pub trait Backups: Send + Sync {
    /// Makes one and checks it, while everything goes on.
    ///
    /// # Errors
    /// [`BackupError`]; nothing is left of it then but a row that says why. One that was made and is not sound keeps its
    /// file, unverified, for whoever wants to know.
    async fn create(&self, actor: &Actor) -> Result<Backup, BackupError>;

    /// Those in the folder, newest first; also those this database knows nothing of, such as ones made after the one it
    /// was restored from.
    async fn list(&self) -> Result<Vec<Backup>, BackupError>;

    /// The one with this id, where its file is there.
    async fn get(&self, id: BackupId) -> Result<Option<Backup>, BackupError> {
        Ok(self.list().await?.into_iter().find(|backup| backup.id == id))
    }

    /// Whether this server can make any: not where the database is on another one.
    fn can_create(&self) -> bool;

    /// How it stands with them.
    async fn standing(&self) -> Result<Standing, BackupError>;
}

/// How it stands with the backups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// They are made elsewhere: the database is on a server.
    Elsewhere,
    /// Nothing is old enough that somebody would miss it.
    Young,
    /// There is one of the last day that was checked.
    Good {
        /// When it was begun.
        at: Timestamp,
    },
    /// There is none, or none so young.
    Late {
        /// When the last one that was checked was begun.
        last: Option<Timestamp>,
        /// Why the last try failed, where it did.
        error: Option<String>,
    },
}

/// [`Backups`] of a SQLite database, into a folder.
#[derive(Clone)]
pub struct SeaBackups {
    ctx: Context,
    accounts: Arc<dyn Accounts>,
    places: Places,
}

impl SeaBackups {
    /// Those of `places`.
    pub const fn new(ctx: Context, accounts: Arc<dyn Accounts>, places: Places) -> Self {
        Self { ctx, accounts, places }
    }

    /// What a process that was killed left half done: it holds no lock any more.
    async fn sweep(&self, folder: &Path) -> Result<(), BackupError> {
        files::remove_partial(folder)?;
        clear(&self.places.work())?;
        let tx = self.ctx.db.begin().await?;
        tx.unaudited("a backup is being made");
        let update = row::Entity::update_many()
            .col_expr(row::Column::State, Expr::value("failed"))
            .col_expr(row::Column::Error, Expr::value("it was interrupted"))
            .col_expr(row::Column::FinishedAt, Expr::value(self.ctx.now()))
            .filter(row::Column::State.eq("running"));
        tx.update_everywhere(SYSTEM, update).await?;
        Ok(tx.commit().await?)
    }

    /// Writes the row that marks the backup: a copy without it is older than what was asked for.
    async fn mark(&self, job: &Job) -> Result<(), StoreError> {
        let tx = self.ctx.db.begin().await?;
        tx.unaudited("a backup is being made");
        let new = row::ActiveModel {
            id: Set(job.id),
            path: Set(job.to.display().to_string()),
            bytes: Set(None),
            sha256: Set(None),
            state: Set("running".to_owned()),
            verified_at: Set(None),
            error: Set(None),
            created_at: Set(job.created_at),
            finished_at: Set(None),
        };
        tx.insert_system(SYSTEM, new).await?;
        tx.commit().await
    }

    async fn note(
        &self,
        actor: &Actor,
        job: &Job,
        made: &Result<Made, BackupError>,
    ) -> Result<(), StoreError> {
        let now = self.ctx.now();
        let tx = self.ctx.db.begin().await?;
        let update = row::Entity::update_many()
            .col_expr(row::Column::FinishedAt, Expr::value(now))
            .filter(row::Column::Id.eq(job.id));
        let (update, event) = match made {
            Ok(Made { packed, fault }) => {
                let update = update
                    .col_expr(row::Column::State, Expr::value("done"))
                    .col_expr(row::Column::Bytes, Expr::value(packed.bytes.cast_signed()))
                    .col_expr(row::Column::Sha256, Expr::value(packed.sha256.clone()))
                    .col_expr(row::Column::VerifiedAt, Expr::value(fault.is_none().then_some(now)))
                    .col_expr(row::Column::Error, Expr::value(fault.as_ref().map(told)));
                let event = AuditEvent::new("backup.created", "backup", job.id)
                    .with("bytes", packed.bytes)
                    .with("verified", fault.is_none());
                (update, event)
            }
            Err(error) => {
                let update = update
                    .col_expr(row::Column::State, Expr::value("failed"))
                    .col_expr(row::Column::Error, Expr::value(told(error)));
                let event = AuditEvent::new("backup.failed", "backup", job.id);
                (update, event.with("error", told(error)))
            }
        };
        tx.update_everywhere(SYSTEM, update).await?;
        self.ctx.audit.record(&tx, None, actor, event).await?;
        tx.commit().await
    }
}

fn told(error: &BackupError) -> String {
    error.to_string()
}

/// What is to be made.
#[derive(Debug, Clone)]
struct Job {
    id: BackupId,
    created_at: Timestamp,
    /// The live database.
    from: PathBuf,
    work: PathBuf,
    /// The finished file.
    to: PathBuf,
}

/// A file that has its name, and why it is not sound, where that is so.
struct Made {
    packed: Packed,
    fault: Option<BackupError>,
}

#[async_trait]
impl Backups for SeaBackups {
    async fn create(&self, actor: &Actor) -> Result<Backup, BackupError> {
        // Whoever asked may go away; what was begun has its turn until it is done.
        let (this, actor) = (self.clone(), actor.clone());
        let made = tokio::spawn(async move { this.create_now(&actor).await });
        made.await.unwrap_or_else(|error| Err(BackupError::Broken(error.to_string())))
    }

    fn can_create(&self) -> bool {
        self.places.database.is_some()
    }

    async fn standing(&self) -> Result<Standing, BackupError> {
        if !self.can_create() {
            return Ok(Standing::Elsewhere);
        }
        let now = self.ctx.now();
        let listed = self.list().await?;
        let last = listed.iter().find(|backup| backup.verified).map(|backup| backup.created_at);
        match last {
            Some(at) if now.since(at) < OFTEN => return Ok(Standing::Good { at }),
            None if !self.is_worth_it(now).await? => return Ok(Standing::Young),
            Some(_) | None => {}
        }
        let select = row::Entity::find()
            .order_by_desc(row::Column::CreatedAt)
            .order_by_desc(row::Column::Id)
            .limit(1);
        let tried = self.ctx.db.everywhere(SYSTEM, select).await?.pop();
        Ok(Standing::Late { last, error: tried.and_then(|row| row.error) })
    }

    async fn list(&self) -> Result<Vec<Backup>, BackupError> {
        self.list_now().await
    }
}

impl SeaBackups {
    /// Whether the installation is a day old: what somebody only tries out is not copied behind their back.
    async fn is_worth_it(&self, now: Timestamp) -> Result<bool, BackupError> {
        let users = self.accounts.users().await.map_err(|error| match error {
            AccountsError::Store(error) => BackupError::Store(error),
            other => BackupError::Broken(other.to_string()),
        })?;
        let oldest = users.into_iter().map(|user| user.created_at).min();
        Ok(oldest.is_some_and(|at| now.since(at) >= OFTEN))
    }

    async fn create_now(&self, actor: &Actor) -> Result<Backup, BackupError> {
        let from = self.places.database.clone().ok_or(BackupError::OnServer)?;
        let _turn = Turn::take(&self.places.data_dir)?;
        let folder = self.places.ready_folder()?;
        self.sweep(&folder).await?;
        let (id, created_at) = (self.ctx.id(BackupId::from_uuid), self.ctx.now());
        let to = folder.join(name(id, created_at));
        let job = Job { id, created_at, from, work: self.places.work(), to };
        self.mark(&job).await?;
        let made = apart({
            let job = job.clone();
            move || make(&job)
        })
        .await;
        let noted = self.note(actor, &job, &made).await;
        let Made { packed, fault } = made?;
        noted?;
        if let Some(fault) = fault {
            return Err(fault);
        }
        // What is made counts, whatever becomes of the old ones.
        if let Err(error) = self.thin_out(actor).await {
            tracing::warn!(%error, "old backups could not be removed");
        }
        let path = job.to.display().to_string();
        Ok(Backup { id, path, created_at, bytes: packed.bytes, verified: true })
    }

    /// Removes old backups that need not stay. One this database has not checked itself is nobody's to remove.
    async fn thin_out(&self, actor: &Actor) -> Result<(), BackupError> {
        let now = self.ctx.now();
        let known: Vec<Backup> = self.list_now().await?;
        let known: Vec<Backup> = known.into_iter().filter(|backup| backup.verified).collect();
        let all: Vec<_> = known.iter().map(|backup| (backup.id, backup.created_at)).collect();
        let spare = self.places.keep.spare(&all, now);
        for backup in known.iter().filter(|backup| spare.contains(&backup.id)) {
            let path = PathBuf::from(&backup.path);
            apart(move || files::remove(&path)).await?;
            let tx = self.ctx.db.begin().await?;
            let delete = row::Entity::delete_many().filter(row::Column::Id.eq(backup.id));
            tx.delete_everywhere(SYSTEM, delete).await?;
            let event = AuditEvent::new("backup.removed", "backup", backup.id)
                .with("created_at", backup.created_at);
            self.ctx.audit.record(&tx, None, actor, event).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn list_now(&self) -> Result<Vec<Backup>, BackupError> {
        let folder = self.places.folder();
        let found = apart(move || found(&folder)).await?;
        let select = row::Entity::find()
            .filter(row::Column::State.eq("done"))
            .order_by_desc(row::Column::CreatedAt);
        let known = self.ctx.db.everywhere(SYSTEM, select).await?;
        let known: HashMap<BackupId, row::Model> =
            known.into_iter().map(|row| (row.id, row)).collect();
        let mut backups: Vec<Backup> = found
            .into_iter()
            .map(|(path, bytes, header)| {
                let row = known.get(&header.id);
                // A file of another size is not the one that was looked at.
                let same = row.is_some_and(|row| {
                    row.verified_at.is_some() && row.bytes == Some(bytes.cast_signed())
                });
                let path = path.display().to_string();
                Backup { id: header.id, path, created_at: header.created_at, bytes, verified: same }
            })
            .collect();
        backups.sort_by_key(|backup| std::cmp::Reverse((backup.created_at, backup.id)));
        Ok(backups)
    }
}

/// Opens the backup at `path`, whoever made it, and looks at all of it; nothing is changed. `None` is told of a SQLite
/// database as it is, which tells nothing about itself.
///
/// # Errors
/// [`BackupError::Damaged`] where it is not sound.
pub async fn verify(path: PathBuf, data_dir: &Path) -> Result<Option<Header>, BackupError> {
    let turn = Turn::take(data_dir)?;
    let work = data_dir.join("backup-work");
    apart(move || {
        let _turn = turn;
        clear(&work)?;
        looked_at(&path, &work)
    })
    .await
}

/// Runs what reads and writes files apart from what serves people.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(BackupError::Broken(error.to_string())))
}

/// A name that sorts by time.
fn name(id: BackupId, at: Timestamp) -> String {
    let id = id.to_string();
    let at: String = at.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let (second, _) = at.split_once('.').unwrap_or((&at, ""));
    format!("pi-crm-{second}Z-{}.db.zst", id.rsplit('-').next().unwrap_or_default())
}

/// An empty folder to work in.
fn clear(work: &Path) -> Result<(), BackupError> {
    match std::fs::remove_dir_all(work) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(BackupError::at(work)(error));
        }
        _ => {}
    }
    files::folder(work)
}

/// Copies, packs, names and looks.
fn make(job: &Job) -> Result<Made, BackupError> {
    let partial = files::with_end(&job.to, files::PARTIAL);
    let packed = packed(job, &partial);
    let emptied = clear(&job.work);
    let packed = match packed {
        Ok(packed) => packed,
        Err(error) => {
            let _ = files::remove(&partial);
            return Err(error);
        }
    };
    emptied?;
    torture::point("mid_backup_rename");
    std::fs::rename(&partial, &job.to).map_err(BackupError::at(&job.to))?;
    files::sync_names(&job.to)?;
    torture::point("after_backup_rename");
    let fault = looked_at(&job.to, &job.work).err();
    torture::point("after_backup_check");
    Ok(Made { packed, fault })
}

fn packed(job: &Job, partial: &Path) -> Result<Packed, BackupError> {
    let raw = job.work.join("copy.db");
    drop(files::private(&raw)?);
    let rows = copy::online(&job.from, &raw, job.id)?;
    torture::point("after_backup_copy");
    let database_bytes = std::fs::metadata(&raw).map_err(BackupError::at(&raw))?.len();
    let header = Header {
        format: 1,
        id: job.id,
        created_at: job.created_at,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        database_bytes,
        rows,
    };
    format::pack(&raw, &header, partial)
}

fn looked_at(path: &Path, work: &Path) -> Result<Option<Header>, BackupError> {
    let unpacked = work.join("check.db");
    let header = format::unpack(path, &unpacked);
    let sound = header.and_then(|header| {
        check::sound(&unpacked, path, header.as_ref())?;
        Ok(header)
    });
    files::remove_database(&unpacked)?;
    sound
}

/// The finished files of the folder, each with its size and what it tells about itself.
fn found(folder: &Path) -> Result<Vec<(PathBuf, u64, Header)>, BackupError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(BackupError::at(folder)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(BackupError::at(folder))?;
        let path = entry.path();
        if path.extension().is_none_or(|end| end != "zst") {
            continue;
        }
        let bytes = entry.metadata().map_err(BackupError::at(&path))?.len();
        match format::header(&path) {
            Ok(Some(header)) => found.push((path, bytes, header)),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a file among the backups cannot be read"),
        }
    }
    Ok(found)
}
