//! [`SavedSegments`] on the database.

use async_trait::async_trait;
use crm_core::{AuditEvent, Context, Scope, SegmentId, StoreError, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use super::super::{Segment, SegmentError, compile};
use super::{NewSavedSegment, Result, SavedSegment, SavedSegments, SavedSegmentsError};
use crate::door::Door;
use crate::entity::saved_segments::{ActiveModel, Column, Entity, Model};

/// Most characters of a name.
const MAX_NAME: usize = 100;

/// [`SavedSegments`] on the database.
#[derive(Clone)]
pub struct SeaSavedSegments {
    ctx: Context,
}

impl SeaSavedSegments {
    /// The saved segments on this context.
    pub const fn new(ctx: Context) -> Self {
        Self { ctx }
    }

    /// Trims the name, and checks the segment against what the workspace has.
    async fn check(
        &self,
        tx: &Tx,
        scope: &Scope,
        mut new: NewSavedSegment,
    ) -> Result<NewSavedSegment> {
        new.name = new.name.trim().to_owned();
        let fits = !new.name.is_empty()
            && new.name.chars().count() <= MAX_NAME
            && !new.name.chars().any(char::is_control);
        if !fits {
            return Err(SavedSegmentsError::InvalidName);
        }
        compile::run(&self.ctx, Door::Tx(tx), scope, &new.segment).await?;
        Ok(new)
    }
}

#[async_trait]
impl SavedSegments for SeaSavedSegments {
    async fn all(&self, scope: &Scope) -> Result<Vec<SavedSegment>> {
        let select = Entity::find().order_by_asc(Column::Name).order_by_asc(Column::Id);
        let rows = self.ctx.db.all(scope, select).await?;
        Ok(rows.into_iter().map(read).collect::<std::result::Result<_, _>>()?)
    }

    async fn get(&self, scope: &Scope, id: SegmentId) -> Result<Option<SavedSegment>> {
        let row = self.ctx.db.one(scope, Entity::find_by_id(id)).await?;
        Ok(row.map(read).transpose()?)
    }

    async fn create(&self, scope: &Scope, new: NewSavedSegment) -> Result<SavedSegment> {
        let ctx = &self.ctx;
        let tx = ctx.db.begin().await?;
        let new = self.check(&tx, scope, new).await?;
        let now = ctx.now();
        let row = ActiveModel {
            id: Set(ctx.id(SegmentId::from_uuid)),
            workspace_id: Set(scope.workspace_id()),
            name: Set(new.name),
            segment_json: Set(json(&new.segment)?),
            created_by: Set(scope.user_id()),
            created_at: Set(now),
            updated_at: Set(now),
            version: Set(1),
        };
        let row = tx.insert(scope, row).await.map_err(duplicate)?;
        let event = AuditEvent::new("segment.created", "segment", row.id).with("name", &row.name);
        ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
        tx.commit().await?;
        Ok(read(row)?)
    }

    async fn update(
        &self,
        scope: &Scope,
        id: SegmentId,
        version: Option<i64>,
        change: NewSavedSegment,
    ) -> Result<Option<SavedSegment>> {
        let ctx = &self.ctx;
        let tx = ctx.db.begin().await?;
        let Some(mut row) = tx.one(scope, Entity::find_by_id(id)).await? else { return Ok(None) };
        if version.is_some_and(|seen| seen != row.version) {
            return Err(SavedSegmentsError::Stale);
        }
        let change = self.check(&tx, scope, change).await?;
        let seen = row.version;
        row.name = change.name;
        row.segment_json = json(&change.segment)?;
        row.updated_at = ctx.now();
        row.version += 1;
        let update = Entity::update_many()
            .col_expr(Column::Name, Expr::value(row.name.as_str()))
            .col_expr(Column::SegmentJson, Expr::value(row.segment_json.clone()))
            .col_expr(Column::UpdatedAt, Expr::value(row.updated_at))
            .col_expr(Column::Version, Expr::value(row.version))
            .filter(Column::Id.eq(id))
            // On PostgreSQL two callers may have read the same version.
            .filter(Column::Version.eq(seen));
        if tx.update_many(scope, update).await.map_err(duplicate)? == 0 {
            return Err(SavedSegmentsError::Stale);
        }
        let event = AuditEvent::new("segment.updated", "segment", id).with("name", &row.name);
        ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
        tx.commit().await?;
        Ok(Some(read(row)?))
    }

    async fn delete(&self, scope: &Scope, id: SegmentId) -> Result<bool> {
        let ctx = &self.ctx;
        let tx = ctx.db.begin().await?;
        let Some(row) = tx.one(scope, Entity::find_by_id(id)).await? else { return Ok(false) };
        tx.delete_many(scope, Entity::delete_many().filter(Column::Id.eq(id))).await?;
        let event = AuditEvent::new("segment.deleted", "segment", id).with("name", &row.name);
        ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn json(segment: &Segment) -> std::result::Result<serde_json::Value, StoreError> {
    Ok(serde_json::to_value(segment)?)
}

fn duplicate(err: StoreError) -> SavedSegmentsError {
    match err {
        StoreError::Duplicate(_) => SavedSegmentsError::DuplicateName,
        other => other.into(),
    }
}

fn read(row: Model) -> std::result::Result<SavedSegment, StoreError> {
    let segment = Segment::parse(&row.segment_json).map_err(|err| match err {
        SegmentError::Store(err) => err,
        other => StoreError::Corrupt(format!("a saved segment: {other}")),
    })?;
    Ok(SavedSegment {
        id: row.id,
        name: row.name,
        segment,
        created_by: row.created_by,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}
