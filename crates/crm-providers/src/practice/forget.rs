//! Forgetting one person's messages.

use crm_core::{ContactId, Scope, StoreError, Tx};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use crate::entity::practice_messages::{Column, Entity};

/// Removes the messages to a contact or to one of these addresses.
///
/// # Errors
/// [`StoreError`] where the database fails.
pub async fn forget(
    tx: &Tx,
    scope: &Scope,
    contact: ContactId,
    addresses: &[&str],
) -> Result<(), StoreError> {
    let theirs = Condition::any()
        .add(Column::ContactId.eq(contact))
        .add(Column::ToAddress.is_in(addresses.iter().copied()));
    tx.delete_many(scope, Entity::delete_many().filter(theirs)).await.map(drop)
}
