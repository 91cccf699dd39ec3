//! Reading the practice outbox.

use async_trait::async_trait;
use crm_core::paging::page_of;
use crm_core::{Context, Cursor, Page, PageRequest, PracticeMessageId, Scope, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Func, IntoCondition, LikeExpr, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{PracticeMessage, PracticeOutbox};
use crate::entity::practice_messages::{Column, Entity, Model};

/// [`PracticeOutbox`] on the database.
#[derive(Clone)]
pub struct SeaPracticeOutbox {
    ctx: Context,
}

impl SeaPracticeOutbox {
    /// The practice outboxes in this database.
    pub fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[async_trait]
impl PracticeOutbox for SeaPracticeOutbox {
    async fn list(
        &self,
        scope: &Scope,
        search: &str,
        page: PageRequest,
    ) -> Result<Page<PracticeMessage>, StoreError> {
        let matching = Entity::find().filter(finds(search));
        let total = self.ctx.db.count_capped(scope, matching.clone()).await?;
        let backwards = page.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
        let mut select = matching.limit(page.limit() + 1);
        if let Some(cursor) = &page.cursor {
            select = select.filter(beyond(cursor));
        }
        let select = if backwards {
            select.order_by_asc(Column::SentAt).order_by_asc(Column::Id)
        } else {
            select.order_by_desc(Column::SentAt).order_by_desc(Column::Id)
        };
        let rows = self.ctx.db.all(scope, select).await?;
        let messages = rows.into_iter().map(message).collect::<Result<Vec<_>, _>>()?;
        let key = |message: &PracticeMessage| (message.sent_at.to_string(), message.id.to_string());
        Ok(page_of(messages, &page, total, key))
    }

    async fn get(
        &self,
        scope: &Scope,
        id: PracticeMessageId,
    ) -> Result<Option<PracticeMessage>, StoreError> {
        self.ctx.db.one(scope, Entity::find_by_id(id)).await?.map(message).transpose()
    }
}

/// Messages whose recipient or subject holds the words, in any case.
fn finds(search: &str) -> Condition {
    let search = search.trim();
    if search.is_empty() {
        return Condition::all();
    }
    let pattern = |text: &str| {
        let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        LikeExpr::new(format!("%{escaped}%")).escape('\\')
    };
    let lower = |column: Column| -> SimpleExpr {
        Expr::expr(Func::lower(Expr::col(column))).like(pattern(&search.to_lowercase()))
    };
    // SQLite knows the case of ASCII letters only, so that a word in another script is also looked for as typed.
    Condition::any()
        .add(lower(Column::ToAddress))
        .add(lower(Column::Subject))
        .add(Expr::col(Column::Subject).like(pattern(search)))
}

/// Messages on the far side of the cursor: older ones, or newer ones where it looks back.
fn beyond(cursor: &Cursor) -> Condition {
    let (key, id) = (cursor.key.as_str(), cursor.id.as_str());
    let (further, same) = if cursor.backwards {
        (Column::SentAt.gt(key), Column::Id.gt(id))
    } else {
        (Column::SentAt.lt(key), Column::Id.lt(id))
    };
    let tie = Condition::all().add(Column::SentAt.eq(key)).add(same);
    Condition::any().add(further).add(tie).into_condition()
}

fn message(row: Model) -> Result<PracticeMessage, StoreError> {
    let headers = row.headers.map(serde_json::from_value).transpose()?;
    Ok(PracticeMessage {
        id: row.id,
        channel: row.channel,
        to: row.to_address,
        from: row.from_address.unwrap_or_default(),
        subject: row.subject.unwrap_or_default(),
        html: row.html.unwrap_or_default(),
        text: row.text.unwrap_or_default(),
        headers: headers.unwrap_or_default(),
        campaign_id: row.campaign_id,
        contact_id: row.contact_id,
        sent_at: row.sent_at,
    })
}
