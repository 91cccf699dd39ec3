//! The contacts a coordinator is about to write to, read ahead: three queries a hundred messages instead of three each.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crm_contacts::{Contact, Contacts};
use crm_core::{CampaignId, ContactId, Db, Scope, StoreError};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::claim::Claim;
use crate::campaigns::RecipientState;
use crate::campaigns::deps::contacts_failed;
use crate::entity::campaign_recipients as row;

/// A contact read longer ago is read again: people change them while a campaign runs.
const FRESH: Duration = Duration::from_secs(2);

/// Most contacts read ahead.
const MOST: u64 = 200;

/// Contacts read lately.
#[derive(Default)]
pub(super) struct Book {
    contacts: HashMap<ContactId, Contact>,
    read_at: Option<Instant>,
    ahead: u64,
}

#[derive(FromQueryResult)]
struct Next {
    contact_id: Option<ContactId>,
}

impl Book {
    /// Sees to it that the contacts of these claims are in the book, where they still exist.
    pub(super) async fn open_for(
        &mut self,
        db: &Db,
        contacts: &dyn Contacts,
        scope: &Scope,
        campaign_id: CampaignId,
        claims: &[Claim],
    ) -> Result<(), StoreError> {
        let fresh = self.read_at.is_some_and(|at| at.elapsed() < FRESH);
        if fresh && claims.iter().all(|claim| self.contacts.contains_key(&claim.contact_id)) {
            return Ok(());
        }
        // Used up while fresh: messages leave fast, so reading further ahead pays. Otherwise it would be read in vain.
        self.ahead = if fresh { (self.ahead * 2).clamp(8, MOST) } else { 0 };
        let mut ids: Vec<ContactId> = claims.iter().map(|claim| claim.contact_id).collect();
        if self.ahead > 0 {
            let select = row::Entity::find()
                .select_only()
                .column(row::Column::ContactId)
                .filter(row::Column::CampaignId.eq(campaign_id))
                .filter(row::Column::State.eq(RecipientState::Queued.as_str()))
                .order_by_asc(row::Column::NextAttemptAt)
                .limit(self.ahead);
            let next: Vec<Next> = db.all_as(scope, select).await?;
            ids.extend(next.into_iter().filter_map(|row| row.contact_id));
        }
        let found = contacts.get_many(scope, &ids).await.map_err(contacts_failed)?;
        self.contacts = found.into_iter().map(|contact| (contact.id, contact)).collect();
        self.read_at = Some(Instant::now());
        Ok(())
    }

    /// The contact, to be used once; `None` where it is gone.
    pub(super) fn take(&mut self, id: ContactId) -> Option<Contact> {
        self.contacts.remove(&id)
    }
}
