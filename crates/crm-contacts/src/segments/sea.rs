//! [`Segments`] on the database.

use async_trait::async_trait;
use crm_core::{ContactId, Context, Scope, Tx};

use super::{
    Lacking, Result, Segment, SegmentPreview, Segments, Wanted, compile, lacking, preview,
};
use crate::contacts::Contact;
use crate::door::Door;

/// [`Segments`] on the database.
#[derive(Clone)]
pub struct SeaSegments {
    ctx: Context,
}

impl SeaSegments {
    /// The segments on this context.
    pub const fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[async_trait]
impl Segments for SeaSegments {
    async fn check(&self, scope: &Scope, segment: &Segment) -> Result<()> {
        compile::run(&self.ctx, Door::Db(&self.ctx.db), scope, segment).await.map(drop)
    }

    async fn preview(&self, scope: &Scope, segment: &Segment) -> Result<SegmentPreview> {
        preview::run(&self.ctx, scope, segment).await
    }

    async fn lacking(
        &self,
        scope: &Scope,
        segment: &Segment,
        wanted: &[Wanted],
    ) -> Result<Lacking> {
        lacking::count(&self.ctx, scope, segment, wanted).await
    }

    async fn audience(
        &self,
        scope: &Scope,
        segment: &Segment,
        after: Option<ContactId>,
        limit: u64,
    ) -> Result<Vec<Contact>> {
        let door = Door::Db(&self.ctx.db);
        preview::audience(&self.ctx, door, scope, segment, (after, limit)).await
    }

    async fn audience_in(
        &self,
        tx: &Tx,
        scope: &Scope,
        segment: &Segment,
        after: Option<ContactId>,
        limit: u64,
    ) -> Result<Vec<Contact>> {
        let door = Door::Tx(tx);
        preview::audience(&self.ctx, door, scope, segment, (after, limit)).await
    }
}
