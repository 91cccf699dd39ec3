//! Sealing the secrets of all providers with the key of the moment.

use crm_core::sealed::ResealError;
use crm_core::{StoreError, System, Tx};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait, QueryFilter};

use super::rows::{Row, is};
use super::store::{Stored, place, webhook_place};
use super::{ProviderKind, SeaProviders, signing};
use crate::entity::dkim_keys;
use crate::entity::workspace_email_provider::{self as email, Column, Model};
use crate::entity::workspace_text_provider as text;
use crate::oauth::Grant;

const SYSTEM: System = System::task("reseal providers");

pub(super) async fn run(on: &SeaProviders, tx: &Tx) -> Result<u64, ResealError> {
    let emails: Vec<Model> = tx.everywhere_as(SYSTEM, email::Entity::find()).await?;
    let texts: Vec<Model> = tx.everywhere_as(SYSTEM, text::Entity::find()).await?;
    let mut resealed = 0;
    for row in emails {
        let id = row.id;
        let values = Values::of(on, &Row { kind: ProviderKind::Email, row })?;
        resealed += values.write::<email::Entity>(tx, is(id)).await?;
    }
    for row in texts {
        let id = row.id;
        let values = Values::of(on, &Row { kind: ProviderKind::Text, row })?;
        resealed += values.write::<text::Entity>(tx, is(id)).await?;
    }
    for row in tx.everywhere(SYSTEM, dkim_keys::Entity::find()).await? {
        let what =
            |_| ResealError::Unsealable(format!("the signing key of provider {}", row.provider_id));
        let place = signing::place(row.id);
        if let Some(renewed) = on.vault.renew(&place, &row.private_key).map_err(what)? {
            let update = dkim_keys::Entity::update_many()
                .col_expr(dkim_keys::Column::PrivateKey, Expr::value(renewed))
                .filter(dkim_keys::Column::Id.eq(row.id));
            tx.update_everywhere(SYSTEM, update).await?;
            resealed += 1;
        }
    }
    Ok(resealed)
}

/// What of a row is written anew.
struct Values {
    secrets: u64,
    columns: Vec<(Column, SimpleExpr)>,
}

impl Values {
    fn of(on: &SeaProviders, found: &Row) -> Result<Self, ResealError> {
        let id = found.row.id;
        let what = |_| ResealError::Unsealable(format!("the secret of provider {id}"));
        let mut values = Self { secrets: 0, columns: Vec::new() };
        let mut stored = Stored::read(found)?;
        if let Some(sealed) = &stored.sealed
            && let Some(renewed) = on.vault.renew(&place(id), sealed).map_err(what)?
        {
            stored.sealed = Some(renewed);
            values.secrets += 1;
        }
        if let Some(sealed) = &stored.webhook_key
            && let Some(renewed) = on.vault.renew(&webhook_place(id), sealed).map_err(what)?
        {
            stored.webhook_key = Some(renewed);
            values.secrets += 1;
        }
        if values.secrets > 0 {
            values.columns.push((Column::ConfigJson, Expr::value(stored.into_json()?)));
        }
        if let Some(grant) = &found.row.grant_json {
            let grant: Grant = serde_json::from_str(grant).map_err(StoreError::from)?;
            if let Some(grant) = grant.resealed(&on.vault, id).map_err(what)? {
                let json = serde_json::to_string(&grant).map_err(StoreError::from)?;
                values.secrets += 1;
                values.columns.push((Column::GrantJson, Expr::value(json)));
            }
        }
        // Whoever is on their way to a service just now starts again: that takes a minute, and this is done once in years.
        if found.row.grant_attempt.is_some() && !values.columns.is_empty() {
            values.columns.push((Column::GrantAttempt, Expr::value(None::<String>)));
        }
        Ok(values)
    }

    async fn write<E: EntityTrait>(self, tx: &Tx, which: SimpleExpr) -> Result<u64, StoreError> {
        if self.columns.is_empty() {
            return Ok(0);
        }
        let update = E::update_many().filter(which);
        let update = self
            .columns
            .into_iter()
            .fold(update, |update, (column, value)| update.col_expr(column, value));
        tx.update_everywhere(SYSTEM, update).await?;
        Ok(self.secrets)
    }
}
