//! Requests that may be repeated: a caller names each by a key of its own (the `Idempotency-Key` header,
//! draft-ietf-httpapi-idempotency-key-header), and what is asked twice under one key is done once.

use std::time::Duration;

use async_trait::async_trait;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, Set};

use crate::entity::idempotency_keys as row;
use crate::{BootId, Context, StoreError, System, UserId, token};

const SYSTEM: System = System::task("repeated requests");

/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_hours(24);

/// A request that carries a key.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// Who asks.
    pub user_id: UserId,
    /// Method, address and workspace of the request, and the caller's key: together they name the request.
    pub name: String,
    /// The body, or what stands for it: the same key with another body is a mistake of the caller.
    pub body: Vec<u8>,
}

impl Keyed {
    fn id(&self) -> String {
        token::hash(&format!("{}\n{}", self.user_id, self.name))
    }

    fn fingerprint(&self) -> String {
        use sha2::Digest as _;
        token::hex(&sha2::Sha256::digest(&self.body))
    }
}

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its HTTP status.
    pub status: u16,
    /// Its body; `None` where it held a secret that is shown once and stored nowhere.
    pub body: Option<String>,
    /// Its `ETag`.
    pub etag: Option<String>,
}

/// What is known of a request when it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Nothing: it is the first, and is now being worked on.
    First,
    /// It was answered.
    Answered(Kept),
    /// It is being worked on right now.
    Running,
    /// The server ended while it worked on it; nobody noted whether the work was done.
    Interrupted,
    /// The key was used for another request.
    Different,
}

/// Remembers requests by their keys.
#[async_trait]
pub trait RepeatedRequests: Send + Sync {
    /// Notes a request that comes in, unless it is known already. Of several at once one is the first.
    async fn begin(&self, request: &Keyed) -> Result<Seen, StoreError>;
    /// Keeps the answer of a request that was the first.
    async fn answered(&self, request: &Keyed, answer: Kept) -> Result<(), StoreError>;
    /// Forgets a request that changed nothing, so that it may be tried again.
    async fn forget(&self, request: &Keyed) -> Result<(), StoreError>;
}

/// [`RepeatedRequests`] in the database.
pub struct SeaRepeatedRequests {
    ctx: Context,
    boot_id: BootId,
}

impl SeaRepeatedRequests {
    /// Requests taken by the server run `boot_id`.
    pub const fn new(ctx: Context, boot_id: BootId) -> Self {
        Self { ctx, boot_id }
    }

    fn seen(&self, request: &Keyed, found: row::Model) -> Seen {
        if found.fingerprint != request.fingerprint() {
            return Seen::Different;
        }
        match found.status.and_then(|status| u16::try_from(status).ok()) {
            Some(status) => Seen::Answered(Kept { status, body: found.body, etag: found.etag }),
            // On PostgreSQL another run may be a sibling at work; it cannot be told from one that ended.
            None if found.boot_id == self.boot_id => Seen::Running,
            None => Seen::Interrupted,
        }
    }
}

#[async_trait]
impl RepeatedRequests for SeaRepeatedRequests {
    async fn begin(&self, request: &Keyed) -> Result<Seen, StoreError> {
        let now = self.ctx.now();
        let tx = self.ctx.db.begin().await?;
        tx.unaudited("a request may be repeated");
        let old = row::Entity::delete_many().filter(row::Column::CreatedAt.lt(now.minus(KEPT)));
        tx.delete_everywhere(SYSTEM, old).await?;
        let new = row::ActiveModel {
            id: Set(request.id()),
            user_id: Set(request.user_id),
            fingerprint: Set(request.fingerprint()),
            boot_id: Set(self.boot_id),
            status: Set(None),
            body: Set(None),
            etag: Set(None),
            created_at: Set(now),
        };
        let rule = OnConflict::column(row::Column::Id).do_nothing().to_owned();
        let first = match tx.upsert_system(SYSTEM, new, rule).await {
            Ok(written) => written > 0,
            // How sea-orm reports that it is there already.
            Err(StoreError::Database(DbErr::RecordNotInserted)) => false,
            Err(error) => return Err(error),
        };
        let found = tx.everywhere(SYSTEM, row::Entity::find_by_id(request.id())).await?.pop();
        tx.commit().await?;
        match found {
            _ if first => Ok(Seen::First),
            Some(found) => Ok(self.seen(request, found)),
            // It was there a moment ago and has been forgotten since: whoever asks again will be the first.
            None => Ok(Seen::Running),
        }
    }

    async fn answered(&self, request: &Keyed, answer: Kept) -> Result<(), StoreError> {
        let update = row::Entity::update_many()
            .filter(row::Column::Id.eq(request.id()))
            .col_expr(row::Column::Status, Expr::value(i64::from(answer.status)))
            .col_expr(row::Column::Body, Expr::value(answer.body))
            .col_expr(row::Column::Etag, Expr::value(answer.etag));
        let tx = self.ctx.db.begin().await?;
        tx.unaudited("a request may be repeated");
        tx.update_everywhere(SYSTEM, update).await?;
        tx.commit().await
    }

    async fn forget(&self, request: &Keyed) -> Result<(), StoreError> {
        let delete = row::Entity::delete_many().filter(row::Column::Id.eq(request.id()));
        let tx = self.ctx.db.begin().await?;
        tx.unaudited("a request may be repeated");
        tx.delete_everywhere(SYSTEM, delete).await?;
        tx.commit().await
    }
}
