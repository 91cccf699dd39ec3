//! What became of a message that was sent: when it was first opened, and which links were followed.

use crm_core::{RecipientId, Scope, StoreError, Timestamp, Tx};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::LogContent;
use crate::entity::communication_logs::{Column, Entity};

/// Most links kept of one message.
const MOST: usize = 50;

pub(crate) async fn run(
    tx: &Tx,
    scope: &Scope,
    recipient: RecipientId,
    at: Timestamp,
    url: Option<&str>,
) -> Result<(), StoreError> {
    let select =
        Entity::find().filter(Column::CampaignRecipientId.eq(recipient)).lock(LockType::Update);
    let Some(row) = tx.one(scope, select).await? else { return Ok(()) };
    let LogContent::Email { subject, body, status, opened, mut clicked_links } =
        serde_json::from_value(row.content)?
    else {
        return Ok(());
    };
    if let Some(url) = url
        && clicked_links.len() < MOST
        && !clicked_links.iter().any(|known| known == url)
    {
        clicked_links.push(url.to_owned());
    }
    let opened = opened.or(Some(at));
    let content = LogContent::Email { subject, body, status, opened, clicked_links };
    let update = Entity::update_many()
        .col_expr(Column::Content, Expr::value(serde_json::to_value(&content)?))
        .filter(Column::Id.eq(row.id));
    tx.update_many(scope, update).await.map(drop)
}
