//! Disconnecting a provider.

use crm_core::{ProviderId, Scope, StoreError, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::create::{event, lock};
use super::rows::{self, Row};
use super::{ProviderKind, ProvidersError, Result, SeaProviders};
use crate::entity::workspace_email_provider::Column;
use crate::entity::{campaigns, provider_budgets, text_spending};

/// Campaigns that will never send again.
const FINISHED: [&str; 3] = ["sent", "cancelled", "failed"];
/// Campaigns that may still be pointed elsewhere before they send: the default is only a suggestion to them.
const OPEN: [&str; 2] = ["draft", "rejected"];

pub(super) async fn run(on: &SeaProviders, scope: &Scope, id: ProviderId) -> Result<bool> {
    let tx = on.ctx.db.begin().await?;
    lock(&tx, scope).await?;
    let Some(row) = rows::one_in(&tx, scope, id).await? else { return Ok(false) };
    if is_in_use(&tx, scope, &row).await? {
        return Err(ProvidersError::InUse);
    }
    rows::delete(&tx, scope, &row).await?;
    let budget = provider_budgets::Entity::delete_many();
    tx.delete_many(scope, budget.filter(provider_budgets::Column::ProviderId.eq(id))).await?;
    let spending = text_spending::Entity::delete_many();
    tx.delete_many(scope, spending.filter(text_spending::Column::ProviderId.eq(id))).await?;
    if row.row.is_default {
        promote(&tx, scope, row.kind).await?;
    }
    let event = event("provider.deleted", &row)?;
    on.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(true)
}

async fn is_in_use(tx: &Tx, scope: &Scope, found: &Row) -> std::result::Result<bool, StoreError> {
    use campaigns::Column as Campaign;
    let row = &found.row;
    let named = Condition::all()
        .add(Campaign::ProviderId.eq(row.id))
        .add(Campaign::Status.is_not_in(FINISHED));
    let mut using = Condition::any().add(named);
    if row.is_default {
        using = using.add(
            Condition::all()
                .add(Campaign::ProviderId.is_null())
                .add(Campaign::Channel.eq(found.kind.as_str()))
                .add(Campaign::Status.is_not_in(FINISHED.into_iter().chain(OPEN))),
        );
    }
    Ok(tx.count(scope, campaigns::Entity::find().filter(using)).await? > 0)
}

/// Makes the provider that has been there longest the default, so that there is one as long as there are providers.
async fn promote(
    tx: &Tx,
    scope: &Scope,
    kind: ProviderKind,
) -> std::result::Result<(), StoreError> {
    let Some(oldest) = rows::oldest_in(tx, scope, kind).await? else { return Ok(()) };
    let values = vec![(Column::IsDefault, Expr::value(true))];
    rows::set(tx, scope, kind, rows::is(oldest.row.id), values).await
}
