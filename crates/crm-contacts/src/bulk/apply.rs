//! Doing an action to one batch of contacts.

use std::collections::HashMap;

use crm_core::{ContactId, Scope, Tx};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::check::Row;
use super::rows::Outcome;
use super::{Action, Result, SeaBulkActions, lists, values};
use crate::contacts::delete;
use crate::entity::{base_contacts, bulk_rows};
use crate::merge::{MergeRequest, Step, merge_inside};

/// Why a contact is left alone.
pub(super) const GONE: &str = "the contact is gone";

/// The contacts of a batch that are still there, held against other writers.
pub(super) struct Batch {
    /// The row of the action and the contact.
    pub(super) there: Vec<(i64, Row)>,
    /// What became of those that are not.
    pub(super) outcomes: Vec<Outcome>,
}

impl Batch {
    /// Holds the contacts in the order of their ids, as everybody does.
    pub(super) async fn hold(
        tx: &Tx,
        scope: &Scope,
        contacts: Vec<bulk_rows::Model>,
        gone: &'static str,
    ) -> Result<Self> {
        let ids: Vec<ContactId> = contacts.iter().map(|row| row.contact_id).collect();
        let select = base_contacts::Entity::find()
            .filter(base_contacts::Column::Id.is_in(ids))
            .order_by_asc(base_contacts::Column::Id)
            .lock_exclusive();
        let rows = tx.all(scope, select).await?;
        let mut rows: HashMap<ContactId, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
        let mut batch = Self { there: Vec::new(), outcomes: Vec::new() };
        for contact in contacts {
            match rows.remove(&contact.contact_id) {
                Some(row) => batch.there.push((contact.row_no, row)),
                None => batch.outcomes.push(Outcome::new(contact.row_no, gone).because(GONE)),
            }
        }
        Ok(batch)
    }

    pub(super) fn ids(&self) -> Vec<ContactId> {
        self.there.iter().map(|(_, row)| row.id).collect()
    }
}

pub(super) async fn run(
    service: &SeaBulkActions,
    tx: &Tx,
    scope: &Scope,
    action: &Action,
    contacts: Vec<bulk_rows::Model>,
) -> Result<Vec<Outcome>> {
    let batch = Batch::hold(tx, scope, contacts, "refused").await?;
    let ctx = &service.ctx;
    match action {
        Action::Move { list_id } => lists::enter(ctx, tx, scope, batch, *list_id).await,
        Action::Tag { list_id } => lists::tag(ctx, tx, scope, batch, *list_id).await,
        Action::Untag { list_id } => lists::untag(ctx, tx, scope, batch, *list_id).await,
        Action::Set { field, value } => {
            values::set(ctx, tx, scope, batch, field, value.as_ref()).await
        }
        Action::Delete => delete_all(service, tx, scope, batch).await,
        Action::Merge { target_id, resolution } => {
            let Batch { there, mut outcomes } = batch;
            for (row_no, row) in there {
                let request = MergeRequest {
                    source_id: row.id,
                    target_id: *target_id,
                    resolution: resolution.clone(),
                    source_version: None,
                    target_version: None,
                };
                match Box::pin(merge_inside(&service.merges, tx, scope, &request)).await? {
                    Step::Merged(id) => outcomes
                        .push(Outcome::new(row_no, "changed").having(json!({"merge_id": id}))),
                    Step::Refused(_, err) => return Err(err.into()),
                }
            }
            Ok(outcomes)
        }
    }
}

async fn delete_all(
    service: &SeaBulkActions,
    tx: &Tx,
    scope: &Scope,
    batch: Batch,
) -> Result<Vec<Outcome>> {
    let Batch { there, mut outcomes } = batch;
    for (row_no, row) in there {
        delete::put_away(&service.ctx, tx, service.ledger.as_ref(), scope, row).await?;
        outcomes.push(Outcome::new(row_no, "changed"));
    }
    Ok(outcomes)
}
