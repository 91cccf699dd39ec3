//! Addresses that must not be written to: nobody on this list is claimed for sending.

use std::collections::HashSet;

use crm_core::{Context, Db, Scope, StoreError, SuppressionId, Timestamp, Tx};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select, Set};
use serde::{Deserialize, Serialize};

use crate::entity::suppressions;
use crate::templates::Channel;

/// Why an address is suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The person asked for it.
    Unsubscribed,
    /// The address is dead.
    Bounced,
    /// The person reported a message as spam.
    Complained,
    /// A member did it.
    Manual,
}

impl Reason {
    /// The word of the `reason` column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unsubscribed => "unsubscribed",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Manual => "manual",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Unsubscribed, Self::Bounced, Self::Complained, Self::Manual]
            .into_iter()
            .find(|reason| reason.as_str() == word)
    }
}

/// Why and since when nothing may be sent to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suppression {
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub since: Timestamp,
}

/// Whether an address is suppressed, and why.
pub(crate) async fn of(
    db: &Db,
    scope: &Scope,
    channel: Channel,
    address: &str,
) -> Result<Option<Suppression>, StoreError> {
    let found = db.one(scope, select(channel, std::iter::once(address))).await?;
    found
        .map(|row| {
            let reason = Reason::parse(&row.reason)
                .ok_or_else(|| StoreError::Corrupt(format!("suppression {}", row.reason)))?;
            Ok(Suppression { reason, since: row.created_at })
        })
        .transpose()
}

/// Suppresses an address inside `tx`; `false` where it was suppressed already, whatever for.
///
/// # Errors
/// [`StoreError`] where the database fails.
pub(crate) async fn insert(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    channel: Channel,
    address: &str,
    reason: Reason,
) -> Result<bool, StoreError> {
    // Two callers may meet here on PostgreSQL; the second one waits and then sees the first one's row.
    tx.serialize_on(&format!("suppression:{}:{address}", scope.workspace_id())).await?;
    let known = suppressions::Entity::find()
        .filter(suppressions::Column::Channel.eq(channel.as_str()))
        .filter(suppressions::Column::Address.eq(address));
    if tx.one(scope, known).await?.is_some() {
        return Ok(false);
    }
    let row = suppressions::ActiveModel {
        id: Set(ctx.id(SuppressionId::from_uuid)),
        workspace_id: Set(scope.workspace_id()),
        channel: Set(channel.as_str().to_owned()),
        address: Set(address.to_owned()),
        reason: Set(reason.as_str().to_owned()),
        created_at: Set(ctx.now()),
    };
    tx.insert(scope, row).await?;
    Ok(true)
}

/// Which of these addresses are suppressed, as far as `tx` can see.
pub(crate) async fn among_in<'a>(
    tx: &Tx,
    scope: &Scope,
    channel: Channel,
    addresses: impl Iterator<Item = &'a str>,
) -> Result<HashSet<String>, StoreError> {
    let rows = tx.all(scope, select(channel, addresses)).await?;
    Ok(rows.into_iter().map(|row| row.address).collect())
}

/// The same for what is committed.
pub(crate) async fn among<'a>(
    db: &Db,
    scope: &Scope,
    channel: Channel,
    addresses: impl Iterator<Item = &'a str>,
) -> Result<HashSet<String>, StoreError> {
    let rows = db.all(scope, select(channel, addresses)).await?;
    Ok(rows.into_iter().map(|row| row.address).collect())
}

fn select<'a>(
    channel: Channel,
    addresses: impl Iterator<Item = &'a str>,
) -> Select<suppressions::Entity> {
    suppressions::Entity::find()
        .filter(suppressions::Column::Channel.eq(channel.as_str()))
        .filter(suppressions::Column::Address.is_in(addresses))
}
