//! [`Providers`] on the database.

use std::sync::Arc;

use async_trait::async_trait;
use crm_core::sealed::{ResealError, SealedStore};
use crm_core::{AuditEvent, Context, ProviderId, Scope, Timestamp, Tx, Vault};
use sea_orm::sea_query::{Expr, SimpleExpr};
use tokio::runtime::Handle;

use super::open::Open;
use super::rows;
use super::store::{Stored, provider};
use super::{
    NewProvider, Provider, ProviderConfig, ProviderKind, Providers, Result, Return, TestStep,
    Visitor, change, connect, create, delete, mailgun, open, poll, reseal, test, twilio,
};
use crate::budget::Limits;
use crate::carrier::Carrier;
use crate::entity::workspace_email_provider::Column;
use crate::http::Api;
use crate::mailgun::{Event, Webhook};
use crate::outbound::{Address, OutboundPolicy, Reach};
use crate::polling::{ListedText, Page, Polled};
use crate::smtp::{Timeouts, Trust};
use crate::spending::{self, Price, Spending};
use crate::twilio::{Callback, SignedCall};

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
    pub(super) public_url: Option<String>,
}

/// Where the operator has put providers that are elsewhere than usual: a sandbox, a stand-in. Trusted.
#[derive(Debug, Clone, Default)]
pub struct Elsewhere {
    /// Mailgun's API.
    pub mailgun: Option<Address>,
    /// The services of mailboxes.
    pub oauth: crate::oauth::Places,
    /// Twilio's API.
    pub twilio: Option<Address>,
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
        Self {
            ctx,
            vault,
            outbound,
            public_host,
            trust,
            open,
            runtime,
            patience,
            elsewhere,
            public_url: None,
        }
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

    /// The same, reached by providers from outside at this address.
    #[must_use]
    pub fn reached_at(self, public_url: Option<String>) -> Self {
        Self { public_url, ..self }
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

/// What the last contact with a provider brought, in its row.
async fn write(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    id: ProviderId,
    error: Option<String>,
) -> Result<()> {
    let (now, is_success) = (ctx.now(), error.is_none());
    let error = error.map(|mut error| {
        if let Some((cut, _)) = error.char_indices().nth(LONGEST_ERROR) {
            error.truncate(cut);
        }
        error
    });
    let mut values: Vec<(Column, SimpleExpr)> = vec![
        (Column::LastCheckedAt, Expr::value(Some(now))),
        (Column::LastError, Expr::value(error)),
    ];
    if is_success {
        values.push((Column::LastSuccessAt, Expr::value(Some(now))));
    }
    let Some(found) = rows::one_in(tx, scope, id).await? else { return Ok(()) };
    Ok(rows::set(tx, scope, found.kind, rows::is(id), values).await?)
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
    write(ctx, &tx, scope, id, error).await?;
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
    write(&on.ctx, &tx, scope, id, error).await?;
    on.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    Ok(tx.commit().await?)
}

#[async_trait]
impl SealedStore for SeaProviders {
    async fn reseal(&self, tx: &Tx) -> std::result::Result<u64, ResealError> {
        reseal::run(self, tx).await
    }
}

#[async_trait]
impl Providers for SeaProviders {
    async fn all(&self, scope: &Scope) -> Result<Vec<Provider>> {
        let found = rows::all(&self.ctx.db, scope).await?;
        Ok(found.into_iter().map(provider).collect::<std::result::Result<_, _>>()?)
    }

    async fn get(&self, scope: &Scope, id: ProviderId) -> Result<Option<Provider>> {
        let found = rows::one(&self.ctx.db, scope, id).await?;
        Ok(found.map(provider).transpose()?)
    }

    async fn default(&self, scope: &Scope, kind: ProviderKind) -> Result<Option<Provider>> {
        let found = rows::default(&self.ctx.db, scope, kind).await?;
        Ok(found.map(provider).transpose()?)
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

    async fn open(&self, scope: &Scope, id: ProviderId) -> Result<Option<Carrier>> {
        Ok(open::run(self, scope, id).await?.map(|opened| opened.carrier()))
    }

    async fn twilio_callback(
        &self,
        id: ProviderId,
        call: &SignedCall,
    ) -> Result<Option<(Scope, Callback)>> {
        twilio::hear(self, id, call).await
    }

    async fn mailgun_webhook(
        &self,
        id: ProviderId,
        body: &[u8],
    ) -> Result<Option<(Scope, Webhook)>> {
        mailgun::hear(self, id, body).await
    }

    async fn polled(&self) -> Result<Vec<Polled>> {
        poll::all(self).await
    }

    fn is_reachable(&self) -> bool {
        self.public_url.is_some()
    }

    async fn mailgun_events(
        &self,
        of: &Polled,
        since: Timestamp,
        next: Option<&str>,
    ) -> Result<Page<Event>> {
        poll::mailgun(self, of, since, next).await
    }

    async fn twilio_texts(
        &self,
        of: &Polled,
        since: Timestamp,
        next: Option<&str>,
    ) -> Result<Page<ListedText>> {
        poll::twilio(self, of, since, next).await
    }

    async fn limits(&self, scope: &Scope, id: ProviderId) -> Result<Limits> {
        let found = rows::one(&self.ctx.db, scope, id).await?;
        let config = found.map(|row| Stored::read(&row)).transpose()?.map(|stored| stored.config);
        Ok(config.map(|config| config.limits()).unwrap_or_default())
    }

    async fn spending(&self, scope: &Scope, id: ProviderId) -> Result<Option<Spending>> {
        let found = rows::one(&self.ctx.db, scope, id).await?;
        let config = found.map(|row| Stored::read(&row)).transpose()?.map(|stored| stored.config);
        let Some(ProviderConfig::Twilio(config)) = config else { return Ok(None) };
        let parts = spending::used(&self.ctx, scope, id).await?;
        let price = config.price_per_part.as_deref().and_then(Price::parse);
        Ok(Some(Spending { parts, most: config.parts_per_month, price }))
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
