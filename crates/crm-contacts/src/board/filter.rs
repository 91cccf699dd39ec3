//! The filters of the board as conditions on contacts.

use crm_core::{Context, Scope, StoreError};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationTrait, Select,
};

use super::BoardFilter;
use crate::contacts::search;
use crate::door::Door;
use crate::entity::base_contacts::Column;
use crate::entity::contact_list_assignments as assignments;
use crate::segments::list_condition;

/// The assignments of the stages, of those contacts that pass the filter. Contacts are joined only where something is
/// asked about them.
pub(super) async fn stages(
    ctx: &Context,
    scope: &Scope,
    filter: &BoardFilter,
) -> Result<Select<assignments::Entity>, StoreError> {
    let select = assignments::Entity::find().filter(assignments::Column::IsPrimary.eq(true));
    if filter.is_empty() {
        return Ok(select);
    }
    let mut condition = Condition::all();
    if let Some(plan) = search::plan(ctx, scope, &filter.search).await? {
        condition = condition.add(plan.condition);
    }
    if let Some(owner) = filter.owner_id {
        condition = condition.add(Column::OwnerId.eq(owner));
    }
    if let Some(tag) = filter.tag {
        let sqlite = ctx.db.is_sqlite();
        condition = condition.add(list_condition(sqlite, Door::Db(&ctx.db), scope, tag).await?);
    }
    Ok(select.join(JoinType::InnerJoin, assignments::Relation::Contact.def()).filter(condition))
}
