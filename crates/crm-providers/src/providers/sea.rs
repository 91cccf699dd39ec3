//! [`Providers`] on the database.

use std::sync::Arc;

use async_trait::async_trait;
use crm_core::{AuditEvent, Context, ProviderId, Scope, Vault};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, UpdateMany};
use tokio::runtime::Handle;

use super::create::defaults;
use super::open::Open;
use super::store::{Stored, provider};
use super::{
    NewProvider, Provider, Providers, Result, Return, TestStep, Visitor, change, connect, create,
    delete, open, test,
};
use crate::budget::Limits;
use crate::email::EmailProvider;
use crate::entity::workspace_email_provider::{Column, Entity};
use crate::http::Api;
use crate::outbound::{Address, OutboundPolicy, Reach};
use crate::smtp::{Timeouts, Trust};

/// Most characters of `last_error`.
const LONGEST_ERROR: usize = 1000;

/// [`Providers`] on the database.
pub struct SeaProviders {
    pub(super) ctx: Context,
    pub(super) vault: Vault,
    pub(super) outbound: OutboundPolicy,
    pub(super) public_host: Option<String>,
    pub(super) trust: Trust,
    pub(super) open: Open,
    pub(super) runtime: Handle,
    pub(super) patience: Timeouts,
    pub(super) elsewhere: Elsewhere,
}

/// Where the operator has put providers that are elsewhere than usual: a sandbox, a stand-in. Trusted.
#[derive(Debug, Clone, Default)]
pub struct Elsewhere {
    /// Mailgun's API.
    pub mailgun: Option<Address>,
    /// The services of mailboxes.
    pub oauth: crate::oauth::Places,
}

impl SeaProviders {
    /// The providers in this database. Secrets are sealed by `vault`; `outbound` says which private hosts may be
    /// reached; `public_host` is the name this installation is known by, without scheme and port. Connections live in the
    /// runtime this is called in.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn new(
        ctx: Context,
        vault: Vault,
        outbound: OutboundPolicy,
        public_host: Option<String>,
    ) -> Self {
        let trust = Trust::system();
        let runtime = Handle::current();
        let (open, patience) = (Open::default(), Timeouts::default());
        let elsewhere = Elsewhere::default();
        Self { ctx, vault, outbound, public_host, trust, open, runtime, patience, elsewhere }
    }

    /// The same, believing other certificate authorities than the operating system does.
    #[must_use]
    pub fn trusting(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// The same, giving servers this long.
    #[must_use]
    pub fn patient(self, patience: Timeouts) -> Self {
        Self { patience, ..self }
    }

    /// The same, finding these providers elsewhere.
    #[must_use]
    pub fn elsewhere(self, elsewhere: Elsewhere) -> Self {
        Self { elsewhere, ..self }
    }
}

impl SeaProviders {
    /// An API at an address, as this service reaches it.
    pub(super) fn api(&self, place: (Address, Reach)) -> Api {
        Api::new(place, Arc::clone(&self.ctx.clock), self.patience, self.runtime.clone())
    }
}

/// What the last contact with a provider brought, as a change of its row.
fn noted(ctx: &Context, id: ProviderId, error: Option<String>) -> UpdateMany<Entity> {
    let now = ctx.now();
    let is_success = error.is_none();
    let error = error.map(|mut error| {
        if let Some((cut, _)) = error.char_indices().nth(LONGEST_ERROR) {
            error.truncate(cut);
        }
        error
    });
    let update = Entity::update_many()
        .col_expr(Column::LastCheckedAt, Expr::value(Some(now)))
        .col_expr(Column::LastError, Expr::value(error))
        .filter(Column::Id.eq(id));
    if is_success { update.col_expr(Column::LastSuccessAt, Expr::value(Some(now))) } else { update }
}

/// Writes what the last contact with a provider brought.
pub(super) async fn note(
    ctx: &Context,
    scope: &Scope,
    id: ProviderId,
    error: Option<String>,
) -> Result<()> {
    let tx = ctx.db.begin().await?;
    tx.unaudited("a provider answered");
    tx.update_many(scope, noted(ctx, id, error)).await?;
    Ok(tx.commit().await?)
}

/// The same for a test somebody asked for, with its audit entry: a message went out.
pub(super) async fn note_test(
    on: &SeaProviders,
    scope: &Scope,
    id: ProviderId,
    to: &str,
    error: Option<String>,
) -> Result<()> {
    let event = AuditEvent::new("provider.tested", "provider", id)
        .with("to", to)
        .with("accepted", error.is_none());
    let tx = on.ctx.db.begin().await?;
    tx.update_many(scope, noted(&on.ctx, id, error)).await?;
    on.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    Ok(tx.commit().await?)
}

#[async_trait]
impl Providers for SeaProviders {
    async fn all(&self, scope: &Scope) -> Result<Vec<Provider>> {
        let select = Entity::find()
            .order_by_desc(Column::IsDefault)
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id);
        let rows = self.ctx.db.all(scope, select).await?;
        Ok(rows.into_iter().map(provider).collect::<std::result::Result<_, _>>()?)
    }

    async fn get(&self, scope: &Scope, id: ProviderId) -> Result<Option<Provider>> {
        let row = self.ctx.db.one(scope, Entity::find_by_id(id)).await?;
        Ok(row.map(provider).transpose()?)
    }

    async fn default(&self, scope: &Scope) -> Result<Option<Provider>> {
        Ok(self.ctx.db.one(scope, defaults()).await?.map(provider).transpose()?)
    }

    async fn create(&self, scope: &Scope, new: NewProvider) -> Result<Provider> {
        create::run(self, scope, new).await
    }

    async fn update(
        &self,
        scope: &Scope,
        id: ProviderId,
        seen: Option<i64>,
        change: NewProvider,
    ) -> Result<Option<Provider>> {
        change::run(self, scope, id, seen, change).await
    }

    async fn delete(&self, scope: &Scope, id: ProviderId) -> Result<bool> {
        let gone = delete::run(self, scope, id).await?;
        if gone {
            self.open.close(id).await;
        }
        Ok(gone)
    }

    async fn test(&self, scope: &Scope, id: ProviderId, to: &str) -> Result<Option<Vec<TestStep>>> {
        test::run(self, scope, id, to).await
    }

    async fn connect(
        &self,
        scope: &Scope,
        id: ProviderId,
        visitor: &Visitor,
    ) -> Result<Option<String>> {
        connect::begin(self, scope, id, visitor).await
    }

    async fn connected(&self, scope: &Scope, visitor: &Visitor, back: Return) -> Result<Provider> {
        connect::finish(self, scope, visitor, back).await
    }

    async fn disconnect(&self, scope: &Scope, id: ProviderId) -> Result<bool> {
        connect::end(self, scope, id).await
    }

    async fn open(&self, scope: &Scope, id: ProviderId) -> Result<Option<Arc<dyn EmailProvider>>> {
        Ok(open::run(self, scope, id).await?.map(|opened| opened.provider()))
    }

    async fn limits(&self, scope: &Scope, id: ProviderId) -> Result<Limits> {
        let row = self.ctx.db.one(scope, Entity::find_by_id(id)).await?;
        let config = row.map(|row| Stored::read(&row)).transpose()?.map(|stored| stored.config);
        Ok(config.map(|config| config.limits()).unwrap_or_default())
    }

    async fn note_result(
        &self,
        scope: &Scope,
        id: ProviderId,
        error: Option<String>,
    ) -> Result<()> {
        note(&self.ctx, scope, id, error).await
    }

    async fn close(&self) {
        self.open.close_all().await;
    }
}
