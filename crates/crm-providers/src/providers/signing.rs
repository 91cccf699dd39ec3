//! The keys messages of a mail server are signed with.

use std::time::Duration;

use async_trait::async_trait;
use crm_core::{AuditEvent, DkimKeyId, ProviderId, Scope, StoreError, Timestamp, Vault};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait as _, ColumnTrait, EntityTrait, IntoActiveModel as _, QueryFilter};
use secrecy::{ExposeSecret as _, SecretString};

use super::create::lock;
use super::rows::{self, Row};
use super::store::Stored;
use super::validate::invalid;
use super::{ProviderConfig, ProvidersError, Result, SeaProviders};
use crate::dkim::{DkimKey, Signer, domain_of, is_selector};
use crate::entity::dkim_keys::{Column, Entity, Model};
use crate::entity::workspace_email_provider;

/// The selector of a key where nobody says another.
pub const SELECTOR: &str = "picrm";

/// What messages of a mail server are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// The server.
    pub provider_id: ProviderId,
    /// The name its public half is found under.
    pub selector: String,
    /// The domain that signs: the sender's; `None` where its address has none that the DNS knows.
    pub domain: Option<String>,
    /// The public half, base64.
    pub public_key: String,
    /// Whether messages are signed.
    pub is_on: bool,
    /// When the key was made or brought along.
    pub created_at: Timestamp,
    /// When something about it changed.
    pub updated_at: Timestamp,
}

impl SigningKey {
    /// Where the DNS has to show the key.
    pub fn record_name(&self) -> Option<String> {
        self.domain.as_ref().map(|domain| format!("{}._domainkey.{domain}", self.selector))
    }

    /// What it has to show there.
    pub fn record_value(&self) -> String {
        format!("v=DKIM1; k=rsa; p={}", self.public_key)
    }
}

/// Where a key comes from.
#[derive(Debug)]
pub enum KeySource {
    /// The one that is there; a new one where there is none.
    Keep,
    /// A new one.
    Generate,
    /// This one, as PEM.
    Paste(SecretString),
}

/// A change to how a mail server's messages are signed.
#[derive(Debug)]
pub struct SigningChange {
    /// The name the key is found under; the one it has, or [`SELECTOR`], where it is empty.
    pub selector: String,
    /// The key.
    pub key: KeySource,
    /// Whether to sign.
    pub is_on: bool,
}

/// The keys messages are signed with. Only mail servers (SMTP) have some: other providers sign by themselves.
#[async_trait]
pub trait SigningKeys: Send + Sync {
    /// The key of a provider; `None` where it has none, or is none.
    async fn signing_key(&self, scope: &Scope, id: ProviderId) -> Result<Option<SigningKey>>;
    /// Sets how a mail server's messages are signed; `None` where there is no such provider.
    async fn set_signing_key(
        &self,
        scope: &Scope,
        id: ProviderId,
        change: SigningChange,
    ) -> Result<Option<SigningKey>>;
    /// Forgets a key, and signs no more; `false` where there is none.
    async fn delete_signing_key(&self, scope: &Scope, id: ProviderId) -> Result<bool>;
}

/// The sender's address of a provider that can sign.
fn sender(found: &Row) -> std::result::Result<Option<String>, StoreError> {
    Ok(match Stored::read(found)?.config {
        ProviderConfig::Smtp(config) => Some(config.from_email),
        _ => None,
    })
}

fn shown(row: Model, sender: &str) -> SigningKey {
    SigningKey {
        provider_id: row.provider_id,
        domain: domain_of(sender),
        selector: row.selector,
        public_key: row.public_key,
        is_on: row.is_on,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// What a sealed key is sealed for: its row alone.
pub(super) fn place(id: DkimKeyId) -> String {
    format!("dkim_keys/{id}")
}

fn unseal(vault: &Vault, row: &Model) -> std::result::Result<SecretString, StoreError> {
    let opened = vault.open(&place(row.id), &row.private_key);
    opened.map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// What signs the messages of an SMTP provider that is being opened.
pub(super) async fn signer(
    on: &SeaProviders,
    scope: &Scope,
    found: &Row,
) -> Result<Option<Signer>> {
    let Some(sender) = sender(found)? else { return Ok(None) };
    let select = Entity::find().filter(Column::ProviderId.eq(found.row.id));
    let Some(row) = on.ctx.db.one(scope, select).await?.filter(|row| row.is_on) else {
        return Ok(None);
    };
    let key = DkimKey::open(&unseal(&on.vault, &row)?)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(domain_of(&sender).map(|domain| Signer::new(key, domain, row.selector)))
}

/// A new key's private and public half. It takes a moment of computing, which no other request should wait for.
async fn make(source: KeySource) -> Result<(SecretString, String)> {
    let made = tokio::task::spawn_blocking(move || {
        let private = match source {
            KeySource::Keep | KeySource::Generate => DkimKey::generate(),
            KeySource::Paste(pem) => DkimKey::paste(pem.expose_secret())?,
        };
        let public = DkimKey::open(&private)?.public();
        Ok::<_, crate::dkim::BadKey>((private, public))
    });
    let made = made.await.map_err(|error| StoreError::Corrupt(error.to_string()))?;
    made.map_err(|error| invalid("private_key", error.to_string()))
}

#[async_trait]
impl SigningKeys for SeaProviders {
    async fn signing_key(&self, scope: &Scope, id: ProviderId) -> Result<Option<SigningKey>> {
        let Some(found) = rows::one(&self.ctx.db, scope, id).await? else { return Ok(None) };
        let Some(sender) = sender(&found)? else { return Ok(None) };
        let select = Entity::find().filter(Column::ProviderId.eq(id));
        Ok(self.ctx.db.one(scope, select).await?.map(|row| shown(row, &sender)))
    }

    async fn set_signing_key(
        &self,
        scope: &Scope,
        id: ProviderId,
        change: SigningChange,
    ) -> Result<Option<SigningKey>> {
        Box::pin(set(self, scope, id, change)).await
    }

    async fn delete_signing_key(&self, scope: &Scope, id: ProviderId) -> Result<bool> {
        let tx = self.ctx.db.begin().await?;
        lock(&tx, scope).await?;
        let gone = Entity::delete_many().filter(Column::ProviderId.eq(id));
        if tx.delete_many(scope, gone).await? == 0 {
            return Ok(false);
        }
        touch(self, &tx, scope, id).await?;
        let event = AuditEvent::new("provider.signing_key_deleted", "provider", id);
        self.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn set(
    on: &SeaProviders,
    scope: &Scope,
    id: ProviderId,
    change: SigningChange,
) -> Result<Option<SigningKey>> {
    let Some(found) = rows::one(&on.ctx.db, scope, id).await? else { return Ok(None) };
    let Some(sender) = sender(&found)? else { return Err(ProvidersError::NotSigned) };
    if domain_of(&sender).is_none() {
        return Err(invalid("from_email", "the sender's address has no domain that could sign"));
    }
    let selector = change.selector.trim().to_ascii_lowercase();
    if !selector.is_empty() && !is_selector(&selector) {
        let problem = "use up to 63 letters, digits and hyphens, such as picrm";
        return Err(invalid("selector", problem));
    }
    let select = || Entity::find().filter(Column::ProviderId.eq(id));
    let there = on.ctx.db.one(scope, select()).await?.is_some();
    let made = match change.key {
        KeySource::Keep if there => None,
        source => Some(make(source).await?),
    };

    let tx = on.ctx.db.begin().await?;
    lock(&tx, scope).await?;
    let before = tx.one(scope, select()).await?;
    let now = on.ctx.now();
    let is_new = made.is_some();
    let selector = Some(selector).filter(|text| !text.is_empty());
    let row = match (before, made) {
        // Somebody else removed it meanwhile.
        (None, None) => return Err(ProvidersError::Stale),
        (Some(row), None) => Model {
            selector: selector.unwrap_or_else(|| row.selector.clone()),
            is_on: change.is_on,
            updated_at: now,
            ..row
        },
        (before, Some((private, public_key))) => {
            let row_id = on.ctx.id(DkimKeyId::from_uuid);
            let sealed = on.vault.seal(&place(row_id), private.expose_secret());
            let sealed = sealed.map_err(|error| StoreError::Corrupt(error.to_string()))?;
            let known = before.map(|row| row.selector);
            Model {
                id: row_id,
                workspace_id: scope.workspace_id(),
                provider_id: id,
                selector: selector.or(known).unwrap_or_else(|| SELECTOR.to_owned()),
                private_key: sealed,
                public_key,
                is_on: change.is_on,
                created_at: now,
                updated_at: now,
            }
        }
    };
    let gone = Entity::delete_many().filter(Column::ProviderId.eq(id));
    tx.delete_many(scope, gone).await?;
    tx.insert(scope, row.clone().into_active_model().reset_all()).await?;
    touch(on, &tx, scope, id).await?;
    let event = AuditEvent::new("provider.signing_key_set", "provider", id)
        .with("selector", &row.selector)
        .with("is_on", row.is_on)
        .with("new_key", is_new);
    on.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(Some(shown(row, &sender)))
}

/// Opened providers are told apart by the time of their settings, so that it has to move with the key.
async fn touch(
    on: &SeaProviders,
    tx: &crm_core::Tx,
    scope: &Scope,
    id: ProviderId,
) -> std::result::Result<(), StoreError> {
    use workspace_email_provider::Column as C;
    let Some(found) = rows::one_in(tx, scope, id).await? else { return Ok(()) };
    let later = on.ctx.now().max(found.row.updated_at.plus(Duration::from_millis(1)));
    let values = vec![(C::UpdatedAt, Expr::value(later))];
    rows::set(tx, scope, found.kind, rows::is(id), values).await?;
    Ok(())
}
