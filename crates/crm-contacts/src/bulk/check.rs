//! Whether an action can be done at all, before any contact is touched.

use crm_core::{Scope, Tx};
use sea_orm::EntityTrait;

use super::{Action, BulkError, Result, values};
use crate::contacts::save;
use crate::entity::{base_contacts, contact_lists};

pub(super) async fn run(tx: &Tx, scope: &Scope, action: &Action) -> Result<()> {
    match action {
        Action::Move { list_id } => {
            if !list(tx, scope, *list_id).await?.is_primary {
                return Err(BulkError::InvalidList("choose a stage; this is a tag"));
            }
            Ok(())
        }
        Action::Tag { list_id } | Action::Untag { list_id } => {
            if list(tx, scope, *list_id).await?.is_primary {
                return Err(BulkError::InvalidList("choose a tag; this is a stage"));
            }
            Ok(())
        }
        Action::Set { field, value } => {
            values::Wanted::read(tx, scope, field, value.as_ref()).await.map(drop)
        }
        Action::Delete => Ok(()),
        Action::Merge { target_id, .. } => {
            let target = save::hold(tx, scope, *target_id, None).await?;
            target.map(drop).ok_or(BulkError::UnknownContact)
        }
    }
}

pub(super) async fn list(
    tx: &Tx,
    scope: &Scope,
    id: crm_core::ListId,
) -> Result<contact_lists::Model> {
    let found = tx.one(scope, contact_lists::Entity::find_by_id(id)).await?;
    found.ok_or(BulkError::InvalidList("there is no such list"))
}

/// A contact as it was when its turn came.
pub(super) type Row = base_contacts::Model;
