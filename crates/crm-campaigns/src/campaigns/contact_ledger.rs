//! What campaigns do when contacts come, go, and become one.

use std::collections::HashSet;

use async_trait::async_trait;
use crm_contacts::ledger::{CampaignLedger, Handover, Joining, Reachable, SetAside, Traces};
use crm_core::{
    CampaignId, ContactId, Context, RecipientId, Scope, StoreError, SuppressionId, Timestamp, Tx,
};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use super::{RecipientState, SkipReason, Status, erasure, ledger};
use crate::entity::{campaign_recipients as row, campaigns, suppressions as stored};
use crate::suppressions::{self, Reason};
use crate::templates::Channel;

/// Ids in one statement.
const CHUNK: usize = 5_000;

/// [`CampaignLedger`] on the database.
#[derive(Clone)]
pub struct ContactLedger {
    ctx: Context,
}

impl ContactLedger {
    /// The ledger on this context.
    pub const fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

/// A row of the ledger, as far as it matters whose it is.
#[derive(FromQueryResult)]
struct Line {
    id: RecipientId,
    campaign_id: CampaignId,
    state: String,
    updated_at: Timestamp,
}

impl Line {
    /// Whether it would still be sent.
    fn waits(&self) -> bool {
        RecipientState::WAITING.contains(&self.state.as_str())
    }
}

const LINE: [row::Column; 4] =
    [row::Column::Id, row::Column::CampaignId, row::Column::State, row::Column::UpdatedAt];

async fn lines(tx: &Tx, scope: &Scope, contact: ContactId) -> Result<Vec<Line>, StoreError> {
    let select =
        row::Entity::find().select_only().columns(LINE).filter(row::Column::ContactId.eq(contact));
    tx.all_as(scope, select).await
}

impl ContactLedger {
    /// Makes rows this contact's, or nobody's.
    async fn give(
        &self,
        tx: &Tx,
        scope: &Scope,
        ids: &[RecipientId],
        from: Option<ContactId>,
        to: Option<ContactId>,
    ) -> Result<(), StoreError> {
        for chunk in ids.chunks(CHUNK) {
            let whose = match from {
                Some(from) => row::Column::ContactId.eq(from),
                None => row::Column::ContactId.is_null(),
            };
            let update = row::Entity::update_many()
                .col_expr(row::Column::ContactId, Expr::value(to))
                .filter(whose)
                .filter(row::Column::Id.is_in(chunk.iter().copied()));
            tx.update_many(scope, update).await?;
        }
        Ok(())
    }

    /// Moves a row between waiting and left out; the caller counts the campaign anew.
    async fn state(
        &self,
        tx: &Tx,
        scope: &Scope,
        id: RecipientId,
        (from, to): (&str, &str),
        (reason, at): (Option<SkipReason>, Timestamp),
    ) -> Result<(), StoreError> {
        let update = row::Entity::update_many()
            .col_expr(row::Column::State, Expr::value(to))
            .col_expr(row::Column::Reason, Expr::value(reason.map(SkipReason::as_str)))
            .col_expr(row::Column::UpdatedAt, Expr::value(at))
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::State.eq(from));
        tx.update_many(scope, update).await.map(drop)
    }

    /// Whoever asked under one address not to be written to is not written to under the other.
    async fn suppress(
        &self,
        tx: &Tx,
        scope: &Scope,
        joining: &Joining,
    ) -> Result<Vec<SuppressionId>, StoreError> {
        let mut made = Vec::new();
        for (channel, of) in [
            (Channel::Email, email as fn(&Reachable) -> Option<&str>),
            (Channel::Text, phone as fn(&Reachable) -> Option<&str>),
        ] {
            let Some(kept) = of(&joining.after) else { continue };
            let others: Vec<&str> =
                joining.before.iter().filter_map(of).filter(|other| *other != kept).collect();
            if others.is_empty() {
                continue;
            }
            let select = stored::Entity::find()
                .filter(stored::Column::Channel.eq(channel.as_str()))
                .filter(stored::Column::Address.is_in(others));
            // A dead address says nothing about another one; a wish does.
            let wish = tx.all(scope, select).await?.into_iter().find_map(|found| {
                Reason::parse(&found.reason).filter(|reason| *reason != Reason::Bounced)
            });
            let Some(reason) = wish else { continue };
            made.extend(suppressions::insert(&self.ctx, tx, scope, channel, kept, reason).await?);
        }
        Ok(made)
    }
}

fn email(reachable: &Reachable) -> Option<&str> {
    reachable.email.as_deref()
}

fn phone(reachable: &Reachable) -> Option<&str> {
    reachable.phone.as_deref()
}

#[async_trait]
impl CampaignLedger for ContactLedger {
    async fn of_contact(
        &self,
        tx: &Tx,
        scope: &Scope,
        contact: ContactId,
    ) -> Result<Vec<RecipientId>, StoreError> {
        Ok(lines(tx, scope, contact).await?.into_iter().map(|line| line.id).collect())
    }

    async fn attach(
        &self,
        tx: &Tx,
        scope: &Scope,
        contact: ContactId,
        rows: &[RecipientId],
    ) -> Result<(), StoreError> {
        self.give(tx, scope, rows, None, Some(contact)).await
    }

    async fn existing(
        &self,
        tx: &Tx,
        scope: &Scope,
        rows: &[RecipientId],
    ) -> Result<HashSet<RecipientId>, StoreError> {
        let mut found = HashSet::new();
        for chunk in rows.chunks(CHUNK) {
            let select = row::Entity::find()
                .select_only()
                .columns(LINE)
                .filter(row::Column::Id.is_in(chunk.iter().copied()));
            let lines: Vec<Line> = tx.all_as(scope, select).await?;
            found.extend(lines.into_iter().map(|line| line.id));
        }
        Ok(found)
    }

    async fn hand_over(
        &self,
        tx: &Tx,
        scope: &Scope,
        joining: &Joining,
    ) -> Result<Handover, StoreError> {
        let theirs = lines(tx, scope, joining.target).await?;
        let in_both: HashSet<CampaignId> = theirs.iter().map(|line| line.campaign_id).collect();
        let (twice, moved): (Vec<Line>, Vec<Line>) = lines(tx, scope, joining.source)
            .await?
            .into_iter()
            .partition(|line| in_both.contains(&line.campaign_id));
        let moved: Vec<RecipientId> = moved.into_iter().map(|line| line.id).collect();
        self.give(tx, scope, &moved, Some(joining.source), Some(joining.target)).await?;
        let ids: Vec<RecipientId> = twice.iter().map(|line| line.id).collect();
        self.give(tx, scope, &ids, Some(joining.source), None).await?;
        let mut set_aside = Vec::new();
        for line in twice {
            let was = line.waits().then(|| line.state.clone());
            if let Some(was) = &was {
                let to = (was.as_str(), RecipientState::Skipped.as_str());
                let why = (Some(SkipReason::Merged), self.ctx.now());
                self.state(tx, scope, line.id, to, why).await?;
                ledger::refresh(tx, scope, line.campaign_id).await?;
            }
            set_aside.push(SetAside { id: line.id, was, updated_at: line.updated_at });
        }
        let suppressed = self.suppress(tx, scope, joining).await?;
        Ok(Handover { moved, set_aside, suppressed })
    }

    async fn take_back(
        &self,
        tx: &Tx,
        scope: &Scope,
        source: ContactId,
        target: ContactId,
        handover: &Handover,
    ) -> Result<(), StoreError> {
        self.give(tx, scope, &handover.moved, Some(target), Some(source)).await?;
        let ids: Vec<RecipientId> = handover.set_aside.iter().map(|aside| aside.id).collect();
        self.give(tx, scope, &ids, None, Some(source)).await?;
        for line in lines(tx, scope, source).await? {
            let aside = handover.set_aside.iter().find(|aside| aside.id == line.id);
            let Some(aside) = aside else { continue };
            let Some(was) = aside.was.as_deref() else { continue };
            // In a campaign that is over, a row that waits would wait for ever.
            if is_over(tx, scope, line.campaign_id).await? {
                continue;
            }
            let back = (RecipientState::Skipped.as_str(), was);
            self.state(tx, scope, line.id, back, (None, aside.updated_at)).await?;
            ledger::refresh(tx, scope, line.campaign_id).await?;
        }
        if !handover.suppressed.is_empty() {
            let delete = stored::Entity::delete_many()
                .filter(stored::Column::Id.is_in(handover.suppressed.iter().copied()));
            tx.delete_many(scope, delete).await?;
        }
        Ok(())
    }

    async fn traces(
        &self,
        tx: &Tx,
        scope: &Scope,
        contact: ContactId,
        reach: &Reachable,
    ) -> Result<Traces, StoreError> {
        erasure::traces(tx, scope, contact, reach).await
    }

    async fn erase(
        &self,
        tx: &Tx,
        scope: &Scope,
        contact: ContactId,
        reach: &[Reachable],
    ) -> Result<(), StoreError> {
        erasure::erase(&self.ctx, tx, scope, contact, reach).await
    }

    async fn discard(
        &self,
        tx: &Tx,
        scope: &Scope,
        rows: &[RecipientId],
    ) -> Result<(), StoreError> {
        erasure::discard(tx, scope, rows).await
    }
}

async fn is_over(tx: &Tx, scope: &Scope, id: CampaignId) -> Result<bool, StoreError> {
    let campaign = tx.one(scope, campaigns::Entity::find_by_id(id)).await?;
    let open = [Status::Scheduled, Status::Sending, Status::Paused];
    Ok(campaign.is_none_or(|found| open.iter().all(|status| status.as_str() != found.status)))
}
