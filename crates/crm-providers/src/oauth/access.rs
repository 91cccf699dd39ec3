//! The token of the moment, renewed where it has to be.

use std::time::{Duration, Instant};

use crm_core::{AuditEvent, Context, ProviderId, Scope, StoreError, Vault, token};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use super::client::{NoTokens, Registration, Tokens};
use super::grant::Grant;
use super::service::{Service, Use};
use crate::entity::workspace_email_provider::{Column, Entity};
use crate::http::{Api, one_line};

/// Tokens are renewed this long before they end.
const EARLY: Duration = Duration::from_mins(5);
/// Whoever renews a token may take this long. After it somebody else tries.
const LEASE: Duration = Duration::from_mins(2);
/// How long to wait for another process that renews it.
const PATIENCE: Duration = Duration::from_secs(40);
/// How often to look whether it has.
const LOOK: Duration = Duration::from_millis(200);

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AccessError {
    /// Nobody has connected a mailbox.
    NotConnected,
    /// The service does not take what was granted any more; its own words.
    NeedsReconnect(String),
    /// The service refuses us.
    Refused(String),
    /// It does not answer now.
    Trouble(String),
}

impl From<StoreError> for AccessError {
    fn from(error: StoreError) -> Self {
        Self::Trouble(error.to_string())
    }
}

impl From<crm_core::sealed::Unsealable> for AccessError {
    fn from(error: crm_core::sealed::Unsealable) -> Self {
        Self::Refused(error.to_string())
    }
}

fn may_not_read(service: Service) -> AccessError {
    AccessError::NeedsReconnect(format!(
        "{} was not allowed to let pi-crm read; leave that ticked",
        service.name()
    ))
}

/// What came of one try to renew.
enum Renewal {
    Token(SecretString),
    /// Somebody else was there first: look again.
    Overtaken,
}

/// The way to the token of one mailbox.
pub(crate) struct Access {
    ctx: Context,
    vault: Vault,
    scope: Scope,
    id: ProviderId,
    registration: Registration,
    at: Api,
    /// One in this process asks; the others wait for what it finds.
    asking: Mutex<()>,
}

impl Access {
    pub(crate) fn new(
        ctx: Context,
        vault: Vault,
        (scope, id): (Scope, ProviderId),
        registration: Registration,
        at: Api,
    ) -> Self {
        Self { ctx, vault, scope, id, registration, at, asking: Mutex::new(()) }
    }

    /// The grant as it is now.
    pub(crate) async fn grant(&self) -> Result<Grant, AccessError> {
        let row = self.ctx.db.one(&self.scope, Entity::find_by_id(self.id)).await?;
        let grant = row.and_then(|row| row.grant_json).ok_or(AccessError::NotConnected)?;
        let grant: Grant = serde_json::from_str(&grant).map_err(StoreError::from)?;
        match &grant.broken {
            Some(words) => Err(AccessError::NeedsReconnect(words.clone())),
            None => Ok(grant),
        }
    }

    /// A token that is good for some minutes; another one than `refused`, which the service did not take.
    pub(crate) async fn token(
        &self,
        refused: Option<&SecretString>,
    ) -> Result<SecretString, AccessError> {
        self.token_of(Use::Api, refused).await
    }

    /// The same for reading by IMAP.
    pub(crate) async fn reading_token(
        &self,
        refused: Option<&SecretString>,
    ) -> Result<SecretString, AccessError> {
        let service = self.registration.service;
        if service.has_one_token() {
            if !service.may_read(&self.grant().await?.scopes) {
                return Err(may_not_read(service));
            }
            return self.token_of(Use::Api, refused).await;
        }
        self.token_of(Use::Imap, refused).await
    }

    async fn token_of(
        &self,
        of: Use,
        refused: Option<&SecretString>,
    ) -> Result<SecretString, AccessError> {
        let _one = self.asking.lock().await;
        let begin = Instant::now();
        loop {
            let grant = self.grant().await?;
            let found = grant.token(&self.vault, self.id, of)?.filter(|(token, _)| {
                refused.is_none_or(|refused| refused.expose_secret() != token.expose_secret())
            });
            let good_until = found.as_ref().map(|(_, expires_at)| *expires_at);
            let is_good_at = |at| good_until.is_some_and(|until| until > at);
            let token = found.map(|(token, _)| token);
            if let Some(token) = token.as_ref().filter(|_| is_good_at(self.ctx.now().plus(EARLY))) {
                return Ok(token.clone());
            }
            if let Some(lease) = self.lease().await? {
                match (self.renew(&grant, of, &lease).await, token) {
                    (Ok(Renewal::Token(token)), _) => return Ok(token),
                    (Ok(Renewal::Overtaken), _) => {}
                    // It does not answer, but what we have is good for some minutes yet.
                    (Err(AccessError::Trouble(words)), Some(token))
                        if is_good_at(self.ctx.now()) =>
                    {
                        tracing::info!("a mailbox's token could not be renewed yet: {words}");
                        return Ok(token);
                    }
                    (Err(error), _) => return Err(error),
                }
            }
            if begin.elapsed() > PATIENCE {
                let words = "another process is renewing the access to this mailbox".to_owned();
                return Err(AccessError::Trouble(words));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Takes the right to renew, where nobody else has it.
    async fn lease(&self) -> Result<Option<String>, StoreError> {
        let (lease, now) = (token::random(), self.ctx.now());
        let free =
            Condition::any().add(Column::GrantLease.is_null()).add(Column::GrantLeaseUntil.lt(now));
        let update = Entity::update_many()
            .col_expr(Column::GrantLease, Expr::value(Some(lease.clone())))
            .col_expr(Column::GrantLeaseUntil, Expr::value(Some(now.plus(LEASE))))
            .filter(Column::Id.eq(self.id))
            .filter(free);
        let tx = self.ctx.db.begin().await?;
        tx.unaudited("the access to a mailbox is renewed");
        let taken = tx.update_many(&self.scope, update).await?;
        tx.commit().await?;
        Ok((taken > 0).then_some(lease))
    }

    async fn renew(&self, seen: &Grant, of: Use, lease: &str) -> Result<Renewal, AccessError> {
        let now = match self.grant().await {
            Ok(now) if now.generation == seen.generation => now,
            // Renewed, connected anew or taken away between the look and the lease.
            Ok(_) => {
                self.release(lease, None).await?;
                return Ok(Renewal::Overtaken);
            }
            Err(error) => {
                self.release(lease, None).await?;
                return Err(error);
            }
        };
        let refresh = now.refresh(&self.vault, self.id)?;
        match self.registration.renew(&self.at, &refresh, of).await {
            Ok(tokens) => self.keep(&now, (&tokens, of), lease).await,
            // Reading may never have been granted, or no longer be: that says nothing about sending.
            Err(NoTokens::InvalidGrant(words)) if of == Use::Imap => {
                self.release(lease, None).await?;
                Err(AccessError::NeedsReconnect(one_line(&words)))
            }
            Err(NoTokens::InvalidGrant(words)) => {
                let words = one_line(&words);
                if self.release(lease, Some(&now.broken(&words))).await? {
                    return Err(AccessError::NeedsReconnect(words));
                }
                Ok(Renewal::Overtaken)
            }
            Err(error) => {
                self.release(lease, None).await?;
                Err(match error {
                    NoTokens::Refused(words) => AccessError::Refused(words),
                    NoTokens::Trouble(words) | NoTokens::InvalidGrant(words) => {
                        AccessError::Trouble(words)
                    }
                })
            }
        }
    }

    /// Keeps what the service gave. A token for the next time is lost for good unless it is written down here.
    async fn keep(
        &self,
        now: &Grant,
        (tokens, of): (&Tokens, Use),
        lease: &str,
    ) -> Result<Renewal, AccessError> {
        let renewed = now.renewed(&self.vault, self.id, (tokens, of), self.ctx.now())?;
        if self.release(lease, Some(&renewed)).await? {
            let service = self.registration.service;
            let says_its_rights = !tokens.scopes.is_empty();
            if of == Use::Imap && says_its_rights && !service.may_read(&tokens.scopes) {
                return Err(may_not_read(service));
            }
            return Ok(Renewal::Token(tokens.access.clone()));
        }
        // The lease had ended, or the mailbox was disconnected meanwhile.
        Ok(Renewal::Overtaken)
    }

    /// Gives the right back, with what came of it in the same transaction; `false` where it was not ours any more.
    async fn release(&self, lease: &str, grant: Option<&Grant>) -> Result<bool, StoreError> {
        let mut update = Entity::update_many()
            .col_expr(Column::GrantLease, Expr::value(None::<String>))
            .col_expr(Column::GrantLeaseUntil, Expr::value(None::<String>));
        if let Some(grant) = grant {
            let json = serde_json::to_string(grant)?;
            update = update.col_expr(Column::GrantJson, Expr::value(Some(json)));
        }
        let update = update.filter(Column::Id.eq(self.id)).filter(Column::GrantLease.eq(lease));
        let tx = self.ctx.db.begin().await?;
        let done = tx.update_many(&self.scope, update).await? > 0;
        match grant.and_then(|grant| grant.broken.as_deref()) {
            Some(words) if done => {
                let event = AuditEvent::new("provider.mailbox_lost", "provider", self.id)
                    .with("error", words);
                let (workspace, actor) = (self.scope.workspace_id(), self.scope.actor());
                self.ctx.audit.record(&tx, Some(workspace), actor, event).await?;
            }
            _ => tx.unaudited("the access to a mailbox is renewed"),
        }
        tx.commit().await?;
        Ok(done)
    }
}
