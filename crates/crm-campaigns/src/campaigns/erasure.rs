//! What campaigns know about one person, and forgetting it.

use std::collections::{BTreeSet, HashMap};

use crm_contacts::ledger::{CampaignTrace, Reachable, SuppressionTrace, Traces};
use crm_core::{CampaignId, ContactId, Context, RecipientId, Scope, StoreError, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};

use super::{RecipientState, SkipReason, ledger};
use crate::entity::{campaign_recipients as row, campaigns, suppressions as stored};
use crate::suppressions;
use crate::templates::Channel;

/// Rows looked up in one statement.
const AT_ONCE: usize = 500;

/// Addresses with the channel they belong to.
fn addresses(reach: &[Reachable]) -> Vec<(Channel, &str)> {
    let emails = reach.iter().filter_map(|one| one.email.as_deref());
    let phones = reach.iter().filter_map(|one| one.phone.as_deref());
    emails
        .map(|address| (Channel::Email, address))
        .chain(phones.map(|number| (Channel::Text, number)))
        .collect()
}

pub(super) async fn traces(
    tx: &Tx,
    scope: &Scope,
    contact: ContactId,
    reach: &Reachable,
) -> Result<Traces, StoreError> {
    let select = row::Entity::find()
        .filter(row::Column::ContactId.eq(contact))
        .order_by_asc(row::Column::Id);
    let rows = tx.all(scope, select).await?;
    let ids: BTreeSet<CampaignId> = rows.iter().map(|row| row.campaign_id).collect();
    let select = campaigns::Entity::find().filter(campaigns::Column::Id.is_in(ids));
    let names: HashMap<CampaignId, String> =
        tx.all(scope, select).await?.into_iter().map(|found| (found.id, found.name)).collect();
    let campaigns = rows.into_iter().map(|row| CampaignTrace {
        campaign: names.get(&row.campaign_id).cloned().unwrap_or_default(),
        channel: row.channel,
        address: row.address,
        state: row.state,
        reason: row.reason,
        sent_at: row.sent_at,
        opened_at: row.opened_at,
        clicked_at: row.clicked_at,
        bounced_at: row.bounced_at,
        unsubscribed_at: row.unsubscribed_at,
        replied_at: row.replied_at,
        machine_opened_at: row.machine_opened_at,
        machine_clicked_at: row.machine_clicked_at,
    });
    let mut traces = Traces { campaigns: campaigns.collect(), suppressions: Vec::new() };
    for (channel, address) in addresses(std::slice::from_ref(reach)) {
        let select = stored::Entity::find()
            .filter(stored::Column::Channel.eq(channel.as_str()))
            .filter(stored::Column::Address.eq(address));
        traces.suppressions.extend(tx.one(scope, select).await?.map(|found| SuppressionTrace {
            channel: found.channel,
            address: found.address,
            reason: found.reason,
            since: found.created_at,
        }));
    }
    Ok(traces)
}

/// What was written to one person alone goes with its row; nobody else's report has a line of it.
async fn delete_singles(tx: &Tx, scope: &Scope, rows: &[row::Model]) -> Result<(), StoreError> {
    let single = campaigns::Entity::delete_many()
        .filter(campaigns::Column::Kind.eq(campaigns::SINGLE))
        .filter(campaigns::Column::Id.is_in(rows.iter().map(|row| row.campaign_id)));
    tx.delete_many(scope, single).await?;
    Ok(())
}

pub(super) async fn discard(
    tx: &Tx,
    scope: &Scope,
    rows: &[RecipientId],
) -> Result<(), StoreError> {
    for some in rows.chunks(AT_ONCE) {
        let select = row::Entity::find().filter(row::Column::Id.is_in(some.iter().copied()));
        let found = tx.all(scope, select).await?;
        delete_singles(tx, scope, &found).await?;
    }
    Ok(())
}

pub(super) async fn erase(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    contact: ContactId,
    reach: &[Reachable],
) -> Result<(), StoreError> {
    let addresses = addresses(reach);
    let theirs = Condition::any()
        .add(row::Column::ContactId.eq(contact))
        .add(row::Column::Address.is_in(addresses.iter().map(|(_, address)| *address)));
    let rows = tx.all(scope, row::Entity::find().filter(theirs.clone())).await?;
    delete_singles(tx, scope, &rows).await?;
    let campaigns: BTreeSet<CampaignId> = rows
        .iter()
        .filter(|row| RecipientState::WAITING.contains(&row.state.as_str()))
        .map(|row| row.campaign_id)
        .collect();
    let update = row::Entity::update_many()
        .col_expr(row::Column::State, Expr::value(RecipientState::Skipped.as_str()))
        .col_expr(row::Column::Reason, Expr::value(SkipReason::Suppressed.as_str()))
        .filter(theirs.clone())
        .filter(row::Column::State.is_in(RecipientState::WAITING));
    tx.update_many(scope, update).await?;
    // The line stays in the report, and nothing in it tells whose it was.
    let update = row::Entity::update_many()
        .col_expr(row::Column::Address, Expr::value(None::<String>))
        .col_expr(row::Column::ContactId, Expr::value(None::<String>))
        .col_expr(row::Column::Error, Expr::value(None::<String>))
        .col_expr(row::Column::UpdatedAt, Expr::value(ctx.now()))
        .filter(theirs);
    tx.update_many(scope, update).await?;
    for id in campaigns {
        ledger::refresh(tx, scope, id).await?;
    }
    for (channel, address) in &addresses {
        suppressions::forget(ctx, tx, scope, *channel, address).await?;
    }
    let plain: Vec<&str> = addresses.iter().map(|(_, address)| *address).collect();
    crm_providers::practice::forget(tx, scope, contact, &plain).await
}
