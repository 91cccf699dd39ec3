//! Reading an import to its end.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crm_core::{Actor, AuditEvent, ImportId, Scope, StoreError, System, Tx, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter};
use tokio::sync::mpsc;

use super::batch::{Batches, Step};
use super::reader::Table;
use super::targets::{Fields, Targets};
use super::values::{Row, read};
use super::world::World;
use super::{Import, ImportError, ImportState, Result, SeaImports, UndoState, file, store, undo};
use crate::entity::{import_rows, imports};

/// Rows of one transaction.
const BATCH: usize = 1000;
/// How often a batch is tried: on PostgreSQL another transaction may take an address between our look and our write.
const TRIES: u32 = 8;
/// What the program calls itself where an import acts.
const LABEL: &str = "import";
/// Why an import is given up that gets no further between crashes.
const CRASHED: &str = "pi-crm was stopped three times while it read these rows, and got no further; rows imported before \
    that stay. Split the file and upload the rest again";

/// What this process knows of imports being read.
#[derive(Clone, Default)]
pub(super) struct Busy(Arc<Mutex<Watch>>);

#[derive(Default)]
struct Watch {
    /// Read by this process.
    reading: HashSet<ImportId>,
    /// Begun elsewhere, with how far they were when last looked at.
    elsewhere: HashMap<ImportId, i64>,
}

/// Keeps an import marked as being read.
struct Reading {
    busy: Busy,
    id: ImportId,
}

impl Busy {
    fn enter(&self, id: ImportId) -> Option<Reading> {
        self.lock().reading.insert(id).then(|| Reading { busy: self.clone(), id })
    }

    fn lock(&self) -> MutexGuard<'_, Watch> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.busy.lock().reading.remove(&self.id);
    }
}

/// How reading ended.
enum End {
    /// Every row has an outcome.
    Whole,
    /// Somebody else decided about the import meanwhile.
    Stopped,
    /// It cannot go on, for this reason.
    Impossible(&'static str),
}

pub(super) async fn unfinished(service: &SeaImports) -> Result<Vec<(WorkspaceId, ImportId)>> {
    use imports::{Column, Entity};
    let open = [ImportState::Queued.as_str(), ImportState::Running.as_str()];
    let waits = Condition::any()
        .add(Column::State.is_in(open))
        .add(Column::UndoState.eq(UndoState::Undoing.as_str()));
    let select = Entity::find().filter(waits);
    let rows = service.ctx.db.everywhere(System::task("unfinished imports"), select).await?;
    let alone = service.ctx.db.is_sqlite();
    let mut watch = service.busy.lock();
    let mut elsewhere = HashMap::new();
    let mut waiting = Vec::new();
    for row in rows {
        if watch.reading.contains(&row.id) {
            continue;
        }
        // One that this process left without an end (its disk was full, its database away) waits like a queued one. One
        // that another run of the server began was left too, unless that run is another process and still at it.
        let began_elsewhere = row.boot_id.is_some() && row.boot_id != Some(service.boot_id);
        let place = row.resume_at_row
            + row.undo_removed
            + row.undo_restored
            + row.undo_kept
            + row.undo_gone;
        if began_elsewhere && !alone {
            elsewhere.insert(row.id, place);
            if watch.elsewhere.get(&row.id) != Some(&place) {
                continue;
            }
        }
        waiting.push((row.workspace_id, row.id));
    }
    watch.elsewhere = elsewhere;
    Ok(waiting)
}

pub(super) async fn run(
    service: &SeaImports,
    workspace_id: WorkspaceId,
    id: ImportId,
) -> Result<()> {
    let Some(_reading) = service.busy.enter(id) else { return Ok(()) };
    let scope = Scope::for_job(workspace_id, LABEL);
    if undo::pending(service, &scope, id).await? {
        return Box::pin(undo::run(service, &scope, id)).await;
    }
    let Some((import, from)) = claim(service, &scope, id).await? else {
        return Ok(());
    };
    match Box::pin(read_all(service, &scope, &import, from)).await {
        Ok(End::Whole) => end(service, &scope, id, ImportState::Done, None).await,
        Ok(End::Stopped) => Ok(()),
        Ok(End::Impossible(why)) => end(service, &scope, id, ImportState::Failed, Some(why)).await,
        Err(error) => {
            tracing::error!(import = %id, error = &error as &dyn std::error::Error, "import stopped");
            let Some(why) = why(&error) else { return Err(error) };
            match end(service, &scope, id, ImportState::Failed, Some(why)).await {
                Ok(()) => Ok(()),
                // What cannot be written down now stays as it is, to be gone on with later.
                Err(_) => Err(error),
            }
        }
    }
}

/// Makes the import this process's own. Answers with it and the row to go on at; `None` where there is nothing to do.
async fn claim(service: &SeaImports, scope: &Scope, id: ImportId) -> Result<Option<(Import, u64)>> {
    use imports::{Column, Entity};
    let tx = service.ctx.db.begin().await?;
    tx.unaudited("an import is going on");
    let Some(row) = store::hold(&tx, scope, id).await? else { return Ok(None) };
    let resume_at = row.resume_at_row;
    let mut import = store::import(row)?;
    if !matches!(import.state, ImportState::Queued | ImportState::Running) {
        return Ok(None);
    }
    let mut update = Entity::update_many()
        .filter(Column::Id.eq(id))
        .col_expr(Column::State, Expr::value(ImportState::Running.as_str()))
        .col_expr(Column::BootId, Expr::value(service.boot_id));
    if import.started_at.is_none() {
        import.started_at = Some(service.ctx.now());
        update = update.col_expr(Column::StartedAt, Expr::value(import.started_at));
    }
    // What a trial run has seen is in memory only, so an interrupted one begins again.
    let again = import.dry_run && resume_at > 0;
    if again {
        let rows = import_rows::Entity::delete_many().filter(import_rows::Column::ImportId.eq(id));
        tx.delete_many(scope, rows).await?;
        for counter in [
            Column::Total,
            Column::Created,
            Column::Updated,
            Column::Skipped,
            Column::Failed,
            Column::ResumeAtRow,
        ] {
            update = update.col_expr(counter, Expr::value(0_i64));
        }
    }
    tx.update_many(scope, update).await?;
    tx.commit().await?;
    let from = if again { 0 } else { u64::try_from(resume_at).unwrap_or(0) };
    Ok(Some((import, from)))
}

async fn read_all(service: &SeaImports, scope: &Scope, import: &Import, from: u64) -> Result<End> {
    let (path, dialect) = (file::path(&service.data_dir, import.id), import.dialect.clone());
    let table = file::aside(move || {
        let mut table = Table::open(&path, &dialect)?;
        table.skip_to(from)?;
        Ok(table)
    });
    let table = table.await?.map_err(file::error)?;
    let fields = Fields::load(&service.ctx.db, scope).await?;
    let Ok(targets) = fields.compile(table.headers.clone(), &import.mapping) else {
        return Ok(End::Impossible("a column or field of the mapping is no longer there"));
    };
    let targets = Arc::new(targets);
    let mut batches = Batches {
        ctx: &service.ctx,
        scope,
        boot_id: service.boot_id,
        import_id: import.id,
        targets: &targets,
        list_id: import.list_id,
        mode: import.mode,
        dry_run: import.dry_run,
        world: World::new(targets.slots()),
        written: HashSet::new(),
    };
    // The next rows are read and checked while the ones before are written.
    let (sender, mut receiver) = mpsc::channel(1);
    let for_reader = Arc::clone(&targets);
    let reader = tokio::task::spawn_blocking(move || send_rows(table, &for_reader, &sender));
    while let Some(rows) = receiver.recv().await {
        let rows: Vec<Row> = rows.map_err(file::error)?;
        let mut rest = rows.as_slice();
        while !rest.is_empty() {
            match write(&mut batches, rest).await? {
                Step::Done(rows) => rest = rest.get(rows..).unwrap_or_default(),
                Step::Stopped => return Ok(End::Stopped),
                Step::ListGone => {
                    return Ok(End::Impossible("the list for these contacts was deleted"));
                }
            }
        }
    }
    // A reader that ended before the file did must not look like the end of the file.
    reader.await.map_err(|error| ImportError::File(io::Error::other(error)))?;
    Ok(End::Whole)
}

fn send_rows(
    mut table: Table<File>,
    targets: &Targets,
    sender: &mpsc::Sender<io::Result<Vec<Row>>>,
) {
    loop {
        let rows = table
            .lines(BATCH)
            .map(|lines| lines.into_iter().map(|line| read(line, targets)).collect::<Vec<_>>());
        let over = rows.as_ref().map_or(true, Vec::is_empty);
        if rows.as_ref().is_ok_and(Vec::is_empty) || sender.blocking_send(rows).is_err() || over {
            return;
        }
    }
}

/// Writes a batch. Where the database refuses it, fewer rows are tried at once: each try looks anew, and the fewer rows,
/// the less can come in between.
async fn write(batches: &mut Batches<'_>, rows: &[Row]) -> Result<Step> {
    let mut most = rows.len();
    let mut tries = 1;
    loop {
        match batches.write(rows.get(..most).unwrap_or(rows)).await {
            Ok(step) => return Ok(step),
            Err(StoreError::DiskFull(_)) => return Err(ImportError::DiskFull),
            // A trial run's world has taken these rows in already.
            Err(error) if batches.dry_run || tries == TRIES => return Err(error.into()),
            Err(error) => {
                tracing::debug!(import = %batches.import_id, rows = most, %error, "batch refused");
                most = (most / 4).max(1);
                tries += 1;
            }
        }
    }
}

/// Gives an import up that was being read at every one of the last crashes.
pub(super) async fn give_up(
    service: &SeaImports,
    workspace_id: WorkspaceId,
    id: ImportId,
) -> Result<()> {
    let scope = Scope::for_job(workspace_id, LABEL);
    let tx = service.ctx.db.begin().await?;
    let Some(row) = store::hold(&tx, &scope, id).await? else { return Ok(()) };
    let import = store::import(row)?;
    if import.state.is_over() {
        return Ok(());
    }
    finish(service, tx, &scope, &import, ImportState::Failed, Some(CRASHED)).await
}

/// Ends a running import of this server run.
async fn end(
    service: &SeaImports,
    scope: &Scope,
    id: ImportId,
    state: ImportState,
    error: Option<&'static str>,
) -> Result<()> {
    let tx = service.ctx.db.begin().await?;
    let held = store::hold(&tx, scope, id).await?;
    let Some(row) = held.filter(|row| store::is_ours(row, service.boot_id)) else { return Ok(()) };
    let import = store::import(row)?;
    finish(service, tx, scope, &import, state, error).await
}

/// Writes how an import ended, with one audit entry that holds the counts.
async fn finish(
    service: &SeaImports,
    tx: Tx,
    scope: &Scope,
    import: &Import,
    state: ImportState,
    error: Option<&'static str>,
) -> Result<()> {
    use imports::{Column, Entity};
    let update = Entity::update_many()
        .filter(Column::Id.eq(import.id))
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::Error, Expr::value(error))
        .col_expr(Column::FinishedAt, Expr::value(service.ctx.now()));
    tx.update_many(scope, update).await?;
    let action = if state == ImportState::Done { "import.finished" } else { "import.failed" };
    let mut event = AuditEvent::new(action, "import", import.id)
        .with("dry_run", import.dry_run)
        .with("counts", import.counts);
    if let Some(error) = error {
        event = event.with("error", error);
    }
    let actor = Actor { user_id: import.user_id, ..Actor::system(LABEL) };
    service.ctx.audit.record(&tx, Some(scope.workspace_id()), &actor, event).await?;
    tx.commit().await?;
    Ok(())
}

/// Why an import cannot go on, as a person reads it; `None` for what may pass by itself.
fn why(error: &ImportError) -> Option<&'static str> {
    match error {
        ImportError::DiskFull => Some(
            "the disk is full; free some space and upload the file again. Rows imported before that stay",
        ),
        ImportError::File(_) => Some("the stored file cannot be read; upload it again"),
        ImportError::Store(StoreError::Database(DbErr::Conn(_) | DbErr::ConnectionAcquire(_))) => {
            None
        }
        _ => Some("the database refused the next rows; the ones before them stay"),
    }
}
