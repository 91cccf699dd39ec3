//! Remembering that two contacts are two people.

use crm_core::{AuditEvent, ContactId, Scope};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use super::{MergeError, Result, SeaMerges};
use crate::entity::{base_contacts, duplicate_dismissals as dismissals};

pub(super) async fn run(
    service: &SeaMerges,
    scope: &Scope,
    one: ContactId,
    other: ContactId,
) -> Result<()> {
    if one == other {
        return Err(MergeError::Same);
    }
    let ctx = &service.ctx;
    let (a, b) = (one.min(other), one.max(other));
    let tx = ctx.db.begin().await?;
    let both = base_contacts::Entity::find().filter(base_contacts::Column::Id.is_in([a, b]));
    if tx.all(scope, both).await?.len() != 2 {
        return Err(MergeError::UnknownContact);
    }
    let row = dismissals::ActiveModel {
        workspace_id: Set(scope.workspace_id()),
        contact_a: Set(a),
        contact_b: Set(b),
        user_id: Set(scope.user_id()),
        created_at: Set(ctx.now()),
    };
    // Said twice, it is still said: the first time counts.
    let rule = OnConflict::columns([dismissals::Column::ContactA, dismissals::Column::ContactB])
        .update_column(dismissals::Column::WorkspaceId)
        .to_owned();
    tx.insert_many_on_conflict(scope, vec![row], rule).await?;
    let event = AuditEvent::new("contact.not_duplicate", "contact", a).with("other_id", b);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    Ok(tx.commit().await?)
}
