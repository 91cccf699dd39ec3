//! Sealing the passwords of all mailboxes with the key of the moment.

use crm_core::sealed::ResealError;
use crm_core::{System, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::sea::{SeaIncomingMail, sealed_at};
use crate::entity::workspace_mailboxes::{Column, Entity};

const SYSTEM: System = System::task("reseal mailboxes");

pub(super) async fn run(on: &SeaIncomingMail, tx: &Tx) -> Result<u64, ResealError> {
    let mut resealed = 0;
    for row in tx.everywhere(SYSTEM, Entity::find()).await? {
        let what = |_| ResealError::Unsealable(format!("the password of mailbox {}", row.id));
        let renewed = on.deps.vault.renew(&sealed_at(row.id), &row.password_sealed);
        let Some(renewed) = renewed.map_err(what)? else { continue };
        let update = Entity::update_many()
            .col_expr(Column::PasswordSealed, Expr::value(renewed))
            .filter(Column::Id.eq(row.id));
        resealed += tx.update_everywhere(SYSTEM, update).await?;
    }
    Ok(resealed)
}
