//! The ledger of a campaign as a CSV file, a stretch at a time, so that a long one needs no more memory than a short one.

use std::collections::HashMap;

use crm_contacts::Contact;
use crm_core::{CampaignId, ContactId, RecipientId, Scope, Timestamp, sheet};

use super::deps::{Deps, contacts_failed, event};
use super::{Recipient, RecipientState, Result, ledger, store};

/// Rows read at once.
const STRETCH: u64 = 500;

/// The columns.
const HEADER: [&str; 17] = [
    "address",
    "first_name",
    "last_name",
    "company",
    "state",
    "reason",
    "error",
    "attempts",
    "sent_at",
    "opened_at",
    "clicked_at",
    "replied_at",
    "bounced_at",
    "unsubscribed_at",
    "message_id",
    "contact_id",
    "id",
];

pub(super) async fn note(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    state: Option<RecipientState>,
) -> Result<Option<()>> {
    let Some(row) = store::row(deps, scope, id).await? else {
        return Ok(None);
    };
    let event = event("campaign.exported", id)
        .with("name", &row.name)
        .with("state", state.map(RecipientState::as_str));
    let tx = deps.ctx.db.begin().await?;
    deps.record(&tx, scope, event).await?;
    tx.commit().await?;
    Ok(Some(()))
}

pub(super) async fn stretch(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    state: Option<RecipientState>,
    after: Option<RecipientId>,
) -> Result<(Vec<u8>, Option<RecipientId>)> {
    let rows = ledger::stretch(&deps.ctx.db, scope, id, state, after, STRETCH).await?;
    let ids: Vec<ContactId> = rows.iter().filter_map(|row| row.contact_id).collect();
    let contacts = deps.contacts.get_many(scope, &ids).await.map_err(contacts_failed)?;
    let contacts: HashMap<ContactId, Contact> =
        contacts.into_iter().map(|contact| (contact.id, contact)).collect();
    let full = u64::try_from(rows.len()).is_ok_and(|read| read == STRETCH);
    let next = rows.last().filter(|_| full).map(|row| row.id);
    let rows = rows.into_iter().map(|row| {
        let contact = row.contact_id.and_then(|id| contacts.get(&id));
        cells(row, contact).map(sheet::text)
    });
    let heading = after.is_none().then_some(HEADER.as_slice());
    Ok((sheet::rows(heading, rows)?, next))
}

fn cells(row: Recipient, contact: Option<&Contact>) -> [String; 17] {
    let at = |moment: Option<Timestamp>| moment.map(|at| at.to_string()).unwrap_or_default();
    let of = |read: fn(&Contact) -> &str| contact.map(read).unwrap_or_default().to_owned();
    let after = row.came_of_it;
    [
        row.address.unwrap_or_default(),
        of(|contact| &contact.first_name),
        of(|contact| &contact.last_name),
        of(|contact| &contact.company),
        row.state.as_str().to_owned(),
        row.reason.map(|reason| reason.as_str().to_owned()).unwrap_or_default(),
        row.error.unwrap_or_default(),
        row.attempts.to_string(),
        at(row.sent_at),
        at(after.opened_at),
        at(after.clicked_at),
        at(after.replied_at),
        at(after.bounced_at),
        at(after.unsubscribed_at),
        row.message_id,
        row.contact_id.map(|id| id.to_string()).unwrap_or_default(),
        row.id.to_string(),
    ]
}
