//! Rows that were in flight when a run of the server ended: nobody wrote down what became of them, so the provider is
//! asked, and where it cannot tell, a person or the workspace's policy decides.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crm_contacts::Contact;
use crm_core::{
    CampaignId, ContactId, ProviderId, RecipientId, Scope, StoreError, System, Timestamp,
    WorkspaceId,
};
use crm_providers::email::{InFlight, Settled};
use crm_providers::{Carrier, ProvidersError};
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select};
use tokio::task::JoinSet;

use super::flight::{render, settled, text_of};
use super::outcome::{Done, Ledger, SentText, Verdict};
use super::prepare::{self, Prepared, Unready};
use super::{Core, moves};
use crate::campaigns::content::{self, PinnedSender};
use crate::campaigns::deps::{contacts_failed, engine_event};
use crate::campaigns::{RecipientState, Status, Variant, policy};
use crate::entity::campaign_recipients as row;
use crate::mailbox;

/// Providers are asked about this many messages at once.
const AT_ONCE: usize = 16;

/// A row whose sender is gone.
#[derive(Debug, Clone, FromQueryResult)]
struct Interrupted {
    id: RecipientId,
    workspace_id: WorkspaceId,
    campaign_id: CampaignId,
    contact_id: Option<ContactId>,
    claim_token: Option<String>,
    provider_id: Option<ProviderId>,
    address: Option<String>,
    variant: Option<String>,
    message_id: Option<String>,
    claimed_at: Option<Timestamp>,
}

/// Settles what the runs that are over left in flight, in all workspaces.
pub(super) async fn all(core: &Arc<Core>) -> Result<(), StoreError> {
    let ctx = &core.deps.ctx;
    let alive = core.boot.alive(ctx).await?;
    let gone = row::Column::BootId.is_not_in(alive).or(row::Column::BootId.is_null());
    let rows: Vec<Interrupted> =
        ctx.db.everywhere_as(System::task(super::LABEL), in_flight().filter(gone)).await?;

    let mut campaigns: HashMap<(WorkspaceId, CampaignId), Vec<Interrupted>> = HashMap::new();
    for row in rows {
        campaigns.entry((row.workspace_id, row.campaign_id)).or_default().push(row);
    }
    let mut tasks = JoinSet::new();
    for ((workspace_id, campaign_id), rows) in campaigns {
        let core = Arc::clone(core);
        tasks.spawn(async move {
            let scope = Scope::for_job(workspace_id, super::LABEL);
            settle(&core, &scope, campaign_id, rows).await
        });
    }
    let mut result = Ok(());
    while let Some(ended) = tasks.join_next().await {
        // One campaign that cannot be settled keeps no other from it.
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => result = Err(error),
            Err(error) => tracing::error!("recovering a campaign broke down: {error}"),
        }
    }
    result
}

/// Settles rows this run claimed for a campaign nobody is sending: their coordinator broke down.
pub(super) async fn own_orphans(
    core: &Core,
    scope: &Scope,
    campaign_id: CampaignId,
) -> Result<(), StoreError> {
    let select = in_flight()
        .filter(row::Column::CampaignId.eq(campaign_id))
        .filter(row::Column::BootId.eq(core.boot.id()));
    let rows = core.deps.ctx.db.all_as(scope, select).await?;
    if rows.is_empty() {
        return Ok(());
    }
    settle(core, scope, campaign_id, rows).await
}

/// Rows this run claimed that are not among those its coordinator knows: the claim was committed although the database
/// seemed to fail, so they never left. They go back.
pub(super) async fn stray(
    core: &Core,
    scope: &Scope,
    campaign_id: CampaignId,
    known: &HashSet<RecipientId>,
) -> Result<Vec<Done>, StoreError> {
    let ctx = &core.deps.ctx;
    let select = in_flight()
        .filter(row::Column::CampaignId.eq(campaign_id))
        .filter(row::Column::BootId.eq(core.boot.id()));
    let rows: Vec<Interrupted> = ctx.db.all_as(scope, select).await?;
    let at = ctx.now();
    Ok(rows
        .into_iter()
        .filter(|row| !known.contains(&row.id))
        .map(|row| Done {
            recipient_id: row.id,
            claim_token: row.claim_token.unwrap_or_default(),
            at,
            verdict: Verdict::Requeue { counted: false },
        })
        .collect())
}

fn in_flight() -> Select<row::Entity> {
    row::Entity::find()
        .select_only()
        .columns([
            row::Column::Id,
            row::Column::WorkspaceId,
            row::Column::CampaignId,
            row::Column::ContactId,
            row::Column::ClaimToken,
            row::Column::ProviderId,
            row::Column::Address,
            row::Column::Variant,
            row::Column::MessageId,
            row::Column::ClaimedAt,
        ])
        .filter(row::Column::State.eq(RecipientState::Sending.as_str()))
}

async fn settle(
    core: &Core,
    scope: &Scope,
    campaign_id: CampaignId,
    rows: Vec<Interrupted>,
) -> Result<(), StoreError> {
    let deps = &core.deps;
    let resend = policy::get(&deps.ctx, scope).await?.resend_unknown;
    let answers = ask(core, scope, &rows).await?;
    let texts = texts(core, scope, campaign_id, &rows, &answers).await?;

    let at = deps.ctx.now();
    let mut dones = Vec::new();
    for row in &rows {
        let verdict = match answers.get(&row.id) {
            Some(Settled::Accepted { provider_id }) => {
                Verdict::Sent { log: texts.get(&row.id).cloned(), external_id: provider_id.clone() }
            }
            Some(Settled::NotAccepted) => Verdict::Requeue { counted: true },
            Some(Settled::Unknown) | None if resend => Verdict::Requeue { counted: true },
            Some(Settled::Unknown) | None => {
                Verdict::Unknown { message: "it was in flight when the server stopped".to_owned() }
            }
        };
        let claim_token = row.claim_token.clone().unwrap_or_default();
        dones.push(Done { recipient_id: row.id, claim_token, at, verdict });
    }

    let tx = deps.ctx.db.begin().await?;
    let Some(head) = moves::head(&tx, scope, campaign_id).await? else { return Ok(()) };
    let ledger = Ledger {
        ctx: &deps.ctx,
        timeline: deps.timeline.as_ref(),
        tx: &tx,
        scope,
        campaign_id,
        channel: head.channel()?,
        cancelled: head.status == Status::Cancelled.as_str(),
    };
    let growth = ledger.apply(&dones).await?;
    moves::grow(&tx, scope, campaign_id, growth).await?;
    let actions = ("campaign.recovered", "message.recovered");
    let event = engine_event(&tx, scope, campaign_id, actions)
        .await?
        .with("interrupted", rows.len())
        .with("sent", growth.sent)
        .with("unknown", growth.unknown);
    deps.record(&tx, scope, event).await?;
    tx.commit().await?;
    tracing::warn!(
        campaign = %campaign_id,
        interrupted = rows.len(),
        sent = growth.sent,
        unknown = growth.unknown,
        "messages were in flight when the server stopped"
    );
    Ok(())
}

/// What the providers say about each row. A provider that cannot be opened any more knows nothing.
async fn ask(
    core: &Core,
    scope: &Scope,
    rows: &[Interrupted],
) -> Result<HashMap<RecipientId, Settled>, StoreError> {
    let mut opened: HashMap<ProviderId, Option<Carrier>> = HashMap::new();
    for id in rows.iter().filter_map(|row| row.provider_id) {
        if opened.contains_key(&id) {
            continue;
        }
        let provider = match core.deps.providers.open(scope, id).await {
            Ok(provider) => provider,
            Err(ProvidersError::Store(error)) => return Err(error),
            Err(_) => None,
        };
        opened.insert(id, provider);
    }
    let mut answers = HashMap::new();
    for batch in rows.chunks(AT_ONCE) {
        let mut tasks = JoinSet::new();
        for row in batch {
            let provider = row.provider_id.and_then(|id| opened.get(&id)).cloned().flatten();
            let Some(provider) = provider else { continue };
            let id = row.id;
            let about = InFlight {
                recipient_id: id,
                address: row.address.clone().unwrap_or_default(),
                message_id: fixed_id(row, &provider),
                since: row.claimed_at,
            };
            tasks.spawn(async move { (id, settled(&provider, &about).await) });
        }
        answers.extend(tasks.join_all().await);
    }
    Ok(answers)
}

/// The `Message-ID` of a row, which the oldest ones have not written down.
fn fixed_id(row: &Interrupted, provider: &Carrier) -> String {
    let fixed = row.message_id.clone().filter(|fixed| !fixed.is_empty());
    fixed.unwrap_or_else(|| content::message_id(row.id, &PinnedSender::of(provider)))
}

/// The messages that were taken, put together once more for the timeline.
async fn texts(
    core: &Core,
    scope: &Scope,
    campaign_id: CampaignId,
    rows: &[Interrupted],
    answers: &HashMap<RecipientId, Settled>,
) -> Result<HashMap<RecipientId, SentText>, StoreError> {
    let taken = |row: &&Interrupted| matches!(answers.get(&row.id), Some(Settled::Accepted { .. }));
    let taken: Vec<&Interrupted> = rows.iter().filter(taken).collect();
    if taken.is_empty() {
        return Ok(HashMap::new());
    }
    let prepared: Prepared = match prepare::content(&core.deps, scope, campaign_id).await {
        Ok(prepared) => prepared,
        Err(Unready::Store(error)) => return Err(error),
        Err(Unready::Refused(_)) => return Ok(HashMap::new()),
    };
    let ids: Vec<ContactId> = taken.iter().filter_map(|row| row.contact_id).collect();
    let contacts = core.deps.contacts.get_many(scope, &ids).await.map_err(contacts_failed)?;
    let contacts: HashMap<ContactId, Contact> =
        contacts.into_iter().map(|contact| (contact.id, contact)).collect();
    let outside = mailbox::outside(&core.deps.ctx, scope).await?;
    let text = |row: &Interrupted| {
        let contact = contacts.get(&row.contact_id?)?;
        let which = (row.id, row.variant.as_deref().and_then(Variant::parse));
        let ways = (core.deps.links.as_ref(), &outside);
        let rendered = render(&prepared, ways, scope, which, contact).ok()?;
        Some((row.id, text_of(rendered)))
    };
    Ok(taken.into_iter().filter_map(text).collect())
}
