//! A contact with everything that goes with it, as rows: what is kept of contacts that can come back.
//!
//! Snapshots are stored. A column that is added later needs `#[serde(default)]`, or older ones cannot be read.

use crm_core::{ContactId, RecipientId, Scope, StoreError, Tx};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use crate::entity::{
    base_contacts, communication_logs, consents, contact_list_assignments as assignments,
    custom_fields, duplicate_dismissals as dismissals, tasks,
};
use crate::ledger::CampaignLedger;

mod put;

pub(crate) use put::{Put, put};

/// Columns, custom fields and lists of a contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Core {
    pub(crate) contact: base_contacts::Model,
    pub(crate) custom: Vec<custom_fields::Model>,
    pub(crate) lists: Vec<assignments::Model>,
}

/// All of a contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub(crate) core: Core,
    pub(crate) dismissals: Vec<dismissals::Model>,
    pub(crate) tasks: Vec<tasks::Model>,
    pub(crate) logs: Vec<communication_logs::Model>,
    /// What they said about being written to.
    #[serde(default)]
    pub(crate) consents: Vec<consents::Model>,
    /// Rows of campaigns; they stay where they are and lose their contact.
    pub(crate) recipients: Vec<RecipientId>,
}

impl Core {
    /// Reads what goes with a contact's row.
    pub(crate) async fn read(
        tx: &Tx,
        scope: &Scope,
        contact: base_contacts::Model,
    ) -> Result<Self, StoreError> {
        let id = contact.id;
        let custom = custom_fields::Entity::find()
            .filter(custom_fields::Column::ContactId.eq(id))
            .order_by_asc(custom_fields::Column::FieldName);
        let lists = assignments::Entity::find()
            .filter(assignments::Column::ContactId.eq(id))
            .order_by_asc(assignments::Column::ListId);
        Ok(Self {
            custom: tx.all(scope, custom).await?,
            lists: tx.all(scope, lists).await?,
            contact,
        })
    }

    /// The stage.
    pub(crate) fn stage(&self) -> Option<&assignments::Model> {
        self.lists.iter().find(|row| row.is_primary)
    }
}

impl Snapshot {
    /// Reads everything that goes with a contact's row.
    pub(crate) async fn read(
        tx: &Tx,
        scope: &Scope,
        ledger: &dyn CampaignLedger,
        contact: base_contacts::Model,
    ) -> Result<Self, StoreError> {
        let id = contact.id;
        let tasks = tasks::Entity::find().filter(tasks::Column::ContactId.eq(id));
        let logs =
            communication_logs::Entity::find().filter(communication_logs::Column::ContactId.eq(id));
        Ok(Self {
            core: Core::read(tx, scope, contact).await?,
            dismissals: dismissed(tx, scope, id).await?,
            tasks: tx.all(scope, tasks).await?,
            logs: tx.all(scope, logs).await?,
            consents: tx.all(scope, crate::consents::of_contact(id)).await?,
            recipients: ledger.of_contact(tx, scope, id).await?,
        })
    }
}

/// The pairs a contact is in of which somebody said that they are two people.
pub(crate) async fn dismissed(
    tx: &Tx,
    scope: &Scope,
    id: ContactId,
) -> Result<Vec<dismissals::Model>, StoreError> {
    let either = Condition::any()
        .add(dismissals::Column::ContactA.eq(id))
        .add(dismissals::Column::ContactB.eq(id));
    tx.all(scope, dismissals::Entity::find().filter(either)).await
}
