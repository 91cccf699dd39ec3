//! Reading what is new in a mailbox.

use std::time::{Duration, Instant};

use crm_core::{Scope, StoreError, System};
use crm_providers::ProvidersError;
use crm_providers::imap::{Folder, ImapFailure, RawMail};
use crm_providers::providers::TestStep;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::Found;
use super::lease::{End, Lease};
use super::sea::SeaIncomingMail;
use crate::entity::workspace_mailboxes::{Column, Entity, Model};
use crate::inbound::InboundError;
use crate::inbound::mail::{self, Handled, Mail};

const SYSTEM: System = System::task("incoming mail");
/// Messages in one look, so that one full mailbox does not keep the others waiting.
const BATCH: usize = 200;
/// And the time they may take.
const LONGEST: Duration = Duration::from_mins(2);
/// How far back a look goes that begins anew.
const BACK: Duration = Duration::from_hours(7 * 24);
/// Servers' days begin at another time than ours.
const A_DAY: Duration = Duration::from_hours(48);
/// A message that could not be noted so often is passed over.
const TRIES: i64 = 4;

/// Why a look ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// The mailbox could not be read.
    #[error(transparent)]
    Imap(#[from] ImapFailure),
    /// What was read could not be noted.
    #[error("what was read could not be noted: {0}")]
    Store(#[from] StoreError),
    /// The password cannot be opened.
    #[error(transparent)]
    Sealed(#[from] crm_core::sealed::Unsealable),
    /// The connected account does not let us in.
    #[error("{0}")]
    Account(String),
    /// Somebody else reads it, or its settings were changed.
    #[error("somebody else reads this mailbox now")]
    Lost,
}

impl From<ProvidersError> for Broken {
    fn from(error: ProvidersError) -> Self {
        match error {
            ProvidersError::Store(error) => error.into(),
            ProvidersError::Unsealable(error) => error.into(),
            ProvidersError::NotConnected => Self::Account(
                "the account it is read as is not connected, or may not be read any more"
                    .to_owned(),
            ),
            other => Self::Account(other.to_string()),
        }
    }
}

impl From<InboundError> for Broken {
    fn from(error: InboundError) -> Self {
        match error {
            InboundError::Store(error) => error.into(),
        }
    }
}

pub(super) async fn due(on: &SeaIncomingMail) -> Result<usize, StoreError> {
    let ctx = on.ctx();
    let select = Entity::find()
        .filter(Column::IsEnabled.eq(true))
        .filter(Column::NextReadAt.lte(ctx.now()))
        .order_by_asc(Column::NextReadAt);
    let due = ctx.db.everywhere(SYSTEM, select).await?;
    let mut count = 0;
    for row in due {
        let scope = Scope::for_job(row.workspace_id, "incoming mail");
        let Some((lease, row)) = Lease::take(ctx, &scope).await? else { continue };
        let mut steps = Vec::new();
        let look = Box::pin(look(on, &scope, &lease, &row, &mut steps)).await;
        let (_, end) = ended(look);
        if let End::Badly { error } = &end {
            tracing::warn!(mailbox = %lease.id, error, "a mailbox could not be read");
        }
        let tx = ctx.db.begin().await?;
        tx.unaudited("incoming mail is read");
        lease.give_back(ctx, &tx, &scope, (row.failures, end)).await?;
        tx.commit().await?;
        count += 1;
    }
    Ok(count)
}

/// What a look found, and how it ended.
pub(super) fn ended(look: Result<(Found, bool), Broken>) -> (Found, End) {
    match look {
        Ok((found, more)) => (found, End::Well { more }),
        Err(broken) => (Found::default(), End::Badly { error: broken.to_string() }),
    }
}

/// Reads what is new; whether there is more.
pub(super) async fn look(
    on: &SeaIncomingMail,
    scope: &Scope,
    lease: &Lease,
    row: &Model,
    steps: &mut Vec<TestStep>,
) -> Result<(Found, bool), Broken> {
    let mut folder = on.open(scope, row, steps).await?;
    let seen = begin(on, scope, lease, row, &mut folder).await?;
    let new = folder.after(seen, BATCH).await?;
    let begun = Instant::now();
    let mut found = Found::default();
    let mut read = 0;
    for uid in &new {
        if begun.elapsed() > LONGEST {
            break;
        }
        let raw = folder.fetch(*uid).await?;
        let is_hopeless = read == 0 && row.failures >= TRIES;
        let at = (folder.uid_validity, *uid);
        match take(on, scope, lease, at, raw).await {
            Ok(handled) => found.count(handled),
            Err(Broken::Store(error)) if is_hopeless => {
                tracing::error!(uid, %error, "a message could not be noted and is passed over");
                progress(on, scope, lease, at).await?;
            }
            Err(error) => return Err(error),
        }
        read += 1;
    }
    folder.close().await;
    Ok((found, read < new.len() || new.len() == BATCH))
}

/// Up to which number all is read. Where numbers mean nothing yet, or no longer, that is found by date: what was read
/// before is known by its own id.
async fn begin(
    on: &SeaIncomingMail,
    scope: &Scope,
    lease: &Lease,
    row: &Model,
    folder: &mut Folder,
) -> Result<u32, Broken> {
    if row.uid_validity == Some(i64::from(folder.uid_validity)) {
        return Ok(u32::try_from(row.uid_seen).unwrap_or(0));
    }
    let since = match row.last_success_at {
        Some(last) => last.minus(A_DAY),
        None => on.ctx().now().minus(BACK),
    };
    let seen = folder.before(since.as_datetime().date()).await?;
    progress(on, scope, lease, (folder.uid_validity, seen)).await?;
    Ok(seen)
}

/// Notes how far it was read, and nothing else.
async fn progress(
    on: &SeaIncomingMail,
    scope: &Scope,
    lease: &Lease,
    at: (u32, u32),
) -> Result<(), Broken> {
    let ctx = on.ctx();
    let tx = ctx.db.begin().await?;
    tx.unaudited("incoming mail is read");
    if !lease.go_on(ctx, &tx, scope, at).await? {
        return Err(Broken::Lost);
    }
    Ok(tx.commit().await?)
}

/// Does what one message asks for and notes that it was read, together.
async fn take(
    on: &SeaIncomingMail,
    scope: &Scope,
    lease: &Lease,
    at: (u32, u32),
    raw: Option<RawMail>,
) -> Result<Handled, Broken> {
    let ctx = on.ctx();
    let now = ctx.now();
    let received_at = raw.as_ref().and_then(|raw| raw.received_at).map_or(now, |at| at.min(now));
    let mail: Option<Mail> = match raw {
        Some(raw) => mail::read_safely(raw.bytes).await,
        None => None,
    };
    if let Some(mail) = &mail {
        mail::settle(&on.deps.inbound, scope, mail).await?;
    }
    let tx = ctx.db.begin().await?;
    tx.unaudited("incoming mail is read");
    if !lease.go_on(ctx, &tx, scope, at).await? {
        return Err(Broken::Lost);
    }
    let handled = match &mail {
        Some(mail) => mail::handle(&on.deps.inbound, &tx, scope, mail, received_at).await?,
        None => Handled::Nothing,
    };
    tx.commit().await?;
    Ok(handled)
}

impl Found {
    const fn count(&mut self, handled: Handled) {
        self.messages += 1;
        match handled {
            Handled::Report => self.reports += 1,
            Handled::Complaint => self.complaints += 1,
            Handled::Answer => self.answers += 1,
            Handled::Unsubscribed => self.unsubscribed += 1,
            Handled::Nothing => {}
        }
    }
}
