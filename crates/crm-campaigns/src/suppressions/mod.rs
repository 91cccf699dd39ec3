//! Addresses that must not be written to: nobody on this list is claimed for sending.

use std::collections::{HashMap, HashSet};

use crm_core::{Context, Scope, StoreError, SuppressionId, Timestamp, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select, Set};
use serde::{Deserialize, Serialize};

use crate::entity::suppressions;
use crate::templates::Channel;

mod add;
mod export;
mod import;
mod lines;
mod list;
mod remove;
mod sea;
mod service;

pub use export::rows;
pub use sea::SeaSuppressions;
pub use service::{
    BadLine, Entry, Filter, ImportReport, NewEntry, Suppressions, SuppressionsError,
};

/// Why an address is suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SuppressionReason)]
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
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Unsubscribed, Self::Bounced, Self::Complained, Self::Manual];

    /// Whether the person themselves does not want to be written to.
    pub const fn is_wish(self) -> bool {
        matches!(self, Self::Unsubscribed | Self::Complained)
    }

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
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
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
    ctx: &Context,
    scope: &Scope,
    channel: Channel,
    address: &str,
) -> Result<Option<Suppression>, StoreError> {
    let asked = Asked::of(ctx, scope, channel, std::iter::once(address));
    let found = ctx.db.one(scope, asked.select()).await?;
    found
        .map(|row| {
            let reason = Reason::parse(&row.reason)
                .ok_or_else(|| StoreError::Corrupt(format!("suppression {}", row.reason)))?;
            // Of an erased person nothing is known but that they are not to be written to.
            let is_erased = row.address.starts_with(list::ERASED);
            let reason = if is_erased { Reason::Manual } else { reason };
            Ok(Suppression { reason, since: row.created_at })
        })
        .transpose()
}

/// Suppresses an address inside `tx`; `None` where it was suppressed already, whatever for.
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
) -> Result<Option<SuppressionId>, StoreError> {
    // Two callers may meet here on PostgreSQL; the second one waits and then sees the first one's row.
    tx.serialize_on(&format!("suppression:{}:{address}", scope.workspace_id())).await?;
    let asked = Asked::of(ctx, scope, channel, std::iter::once(address));
    if tx.one(scope, asked.select()).await?.is_some() {
        return Ok(None);
    }
    let row = suppressions::ActiveModel {
        id: Set(ctx.id(SuppressionId::from_uuid)),
        workspace_id: Set(scope.workspace_id()),
        channel: Set(channel.as_str().to_owned()),
        address: Set(address.to_owned()),
        reason: Set(reason.as_str().to_owned()),
        created_at: Set(ctx.now()),
    };
    Ok(Some(tx.insert(scope, row).await?.id))
}

/// Which of these addresses are suppressed, as far as `tx` can see.
pub(crate) async fn among_in<'a>(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    channel: Channel,
    addresses: impl Iterator<Item = &'a str>,
) -> Result<HashSet<String>, StoreError> {
    among_but(ctx, tx, scope, channel, addresses, None).await
}

/// The same without those suppressed for the reason `but`. Whoever was erased stays suppressed for whatever reason.
pub(crate) async fn among_but<'a>(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    channel: Channel,
    addresses: impl Iterator<Item = &'a str>,
    but: Option<Reason>,
) -> Result<HashSet<String>, StoreError> {
    let asked = Asked::of(ctx, scope, channel, addresses);
    let rows = tx.all(scope, asked.select()).await?;
    let counts = |row: &suppressions::Model| {
        row.address.starts_with(list::ERASED) || but.is_none_or(|but| row.reason != but.as_str())
    };
    Ok(asked.meant(rows.into_iter().filter(counts).collect()))
}

/// The same for what is committed.
pub(crate) async fn among<'a>(
    ctx: &Context,
    scope: &Scope,
    channel: Channel,
    addresses: impl Iterator<Item = &'a str>,
) -> Result<HashSet<String>, StoreError> {
    let asked = Asked::of(ctx, scope, channel, addresses);
    let rows = ctx.db.all(scope, asked.select()).await?;
    Ok(asked.meant(rows))
}

/// Lets an address be written to again whose owner had unsubscribed; `false` where they had not.
///
/// # Errors
/// [`StoreError`] where the database fails.
pub(crate) async fn lift(
    tx: &Tx,
    scope: &Scope,
    channel: Channel,
    address: &str,
) -> Result<bool, StoreError> {
    use suppressions::{Column, Entity};
    let delete = Entity::delete_many()
        .filter(Column::Channel.eq(channel.as_str()))
        .filter(Column::Address.eq(address))
        .filter(Column::Reason.eq(Reason::Unsubscribed.as_str()));
    Ok(tx.delete_many(scope, delete).await? > 0)
}

/// Forgets an address and keeps nothing but its fingerprint: whoever was erased is written to no more, wherever the
/// address comes from again.
///
/// # Errors
/// [`StoreError`] where the database fails.
pub(crate) async fn forget(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    channel: Channel,
    address: &str,
) -> Result<(), StoreError> {
    use suppressions::{Column, Entity};
    let plain = Entity::find()
        .filter(Column::Channel.eq(channel.as_str()))
        .filter(Column::Address.eq(address));
    let print = ctx.fingerprints.of(scope.workspace_id(), channel.as_str(), address);
    match tx.one(scope, plain).await? {
        Some(row) => {
            let update = Entity::update_many()
                .col_expr(Column::Address, Expr::value(print))
                .filter(Column::Id.eq(row.id));
            tx.update_many(scope, update).await.map(drop)
        }
        None => insert(ctx, tx, scope, channel, &print, Reason::Manual).await.map(drop),
    }
}

/// Addresses that are looked for, each also by its fingerprint.
struct Asked {
    channel: Channel,
    /// As it may be stored → the address that is meant.
    meant: HashMap<String, String>,
}

impl Asked {
    fn of<'a>(
        ctx: &Context,
        scope: &Scope,
        channel: Channel,
        addresses: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut meant = HashMap::new();
        for address in addresses {
            let print = ctx.fingerprints.of(scope.workspace_id(), channel.as_str(), address);
            meant.insert(print, address.to_owned());
            meant.insert(address.to_owned(), address.to_owned());
        }
        Self { channel, meant }
    }

    fn select(&self) -> Select<suppressions::Entity> {
        suppressions::Entity::find()
            .filter(suppressions::Column::Channel.eq(self.channel.as_str()))
            .filter(suppressions::Column::Address.is_in(self.meant.keys().map(String::as_str)))
    }

    fn meant(&self, rows: Vec<suppressions::Model>) -> HashSet<String> {
        rows.into_iter().filter_map(|row| self.meant.get(&row.address).cloned()).collect()
    }
}
