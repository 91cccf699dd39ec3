//! Walking through the contacts stage by stage, or owner by owner: each group is a walk by id on an index of its own, so
//! that no page reads a contact it does not show. Whoever has neither is a group too.

use crm_core::{Context, ListId, Scope, UserId, workspace};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoSimpleExpr, Iterable as _, JoinType, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait as _, RelationTrait,
};

use super::walk::{Seen, Step, Walk};
use super::{ContactsError, Result};
use crate::door::Door;
use crate::entity::base_contacts::{Column, Entity};
use crate::entity::{contact_list_assignments as assignments, contact_lists};

/// What the groups of an order are, in their rising order without the group of those who have none.
pub(super) enum Groups {
    /// Stages, along the pipeline.
    Stages(Vec<ListId>),
    /// Owners, by their names.
    Owners(Vec<UserId>),
}

impl Groups {
    /// The stages of the workspace.
    pub(super) async fn stages(door: Door<'_>, scope: &Scope) -> Result<Self> {
        let select = contact_lists::Entity::find()
            .filter(contact_lists::Column::IsPrimary.eq(true))
            .order_by_asc(contact_lists::Column::Position)
            .order_by_asc(contact_lists::Column::Id);
        let rows = door.all(scope, select).await?;
        Ok(Self::Stages(rows.into_iter().map(|row| row.id).collect()))
    }

    /// The people who look after a contact, whether they still belong to the workspace or not, and `seen`. They are found
    /// by leaping from one to the next in the index, since most of a million contacts have the owner of the one before.
    pub(super) async fn owners(ctx: &Context, scope: &Scope, seen: Option<UserId>) -> Result<Self> {
        let mut ids: Vec<UserId> = seen.into_iter().collect();
        let mut last: Option<UserId> = None;
        loop {
            let mut select = Entity::find().filter(Column::OwnerId.is_not_null());
            if let Some(last) = last {
                select = select.filter(Column::OwnerId.gt(last));
            }
            let select = select.order_by_asc(Column::OwnerId).order_by_asc(Column::Id).limit(1);
            let found = ctx.db.one(scope, select).await?.and_then(|contact| contact.owner_id);
            let Some(owner) = found else { break };
            last = Some(owner);
            if !ids.contains(&owner) {
                ids.push(owner);
            }
        }
        let names = workspace::names(&ctx.db, ids.iter().copied()).await?;
        ids.sort_by_cached_key(|id| (names.get(id).map(|name| name.to_lowercase()), *id));
        Ok(Self::Owners(ids))
    }

    fn len(&self) -> usize {
        match self {
            Self::Stages(ids) => ids.len(),
            Self::Owners(ids) => ids.len(),
        }
    }

    /// The place of a group; `None` where there is no such group any more.
    fn place(&self, id: &str) -> Option<usize> {
        match self {
            Self::Stages(ids) => ids.iter().position(|one| one.to_string() == id),
            Self::Owners(ids) => ids.iter().position(|one| one.to_string() == id),
        }
    }

    /// Reads the group of a cursor.
    pub(super) fn read(&self, value: &str) -> Result<Option<String>> {
        if value.is_empty() {
            return Ok(None);
        }
        self.place(value).map(|_| Some(value.to_owned())).ok_or(ContactsError::InvalidCursor)
    }
}

/// What one page asks.
pub(super) fn steps(walk: &Walk, scope: &Scope, groups: &Groups) -> Vec<Step> {
    // Those without a group come first where groups rise.
    let mut way: Vec<Option<usize>> =
        std::iter::once(None).chain((0..groups.len()).map(Some)).collect();
    if walk.falls() {
        way.reverse();
    }
    let begin = walk.seen.as_ref().map(|seen| {
        let group = seen.value.as_deref().and_then(|id| groups.place(id));
        (way.iter().position(|one| *one == group).unwrap_or_default(), seen)
    });
    let (from, mut behind) = begin.map_or((0, None), |(from, seen)| (from, Some(seen)));
    way.into_iter()
        .skip(from)
        .map(|group| {
            let seen = behind.take();
            match (groups, group) {
                (Groups::Stages(ids), Some(at)) => of_stage(walk, scope, ids.get(at), seen),
                (Groups::Stages(_), None) => without_stage(walk, scope, seen),
                (Groups::Owners(ids), at) => {
                    of_owner(walk, at.and_then(|at| ids.get(at).copied()), seen)
                }
            }
        })
        .collect()
}

/// The contacts of one owner, or of nobody.
fn of_owner(walk: &Walk, owner: Option<UserId>, seen: Option<&Seen>) -> Step {
    let mut select = Entity::find().filter(walk.filter.clone()).filter(match owner {
        Some(owner) => Column::OwnerId.eq(owner),
        None => Column::OwnerId.is_null(),
    });
    if let Some(seen) = seen {
        select = select.filter(walk.beyond(Column::Id.into_simple_expr(), Expr::val(seen.id)));
    }
    // PostgreSQL takes the order of the index only where the constant is named, too.
    let select = select.order_by(Column::OwnerId, walk.direction());
    Step::Contacts(select.order_by(Column::Id, walk.direction()))
}

/// The contacts of one stage.
fn of_stage(walk: &Walk, scope: &Scope, stage: Option<&ListId>, seen: Option<&Seen>) -> Step {
    use assignments::Column as Place;
    let mut is_wanted = sea_orm::Condition::all()
        .add(Expr::col(Place::ContactId.as_column_ref()).equals(Column::Id.as_column_ref()))
        .add(Place::ListId.eq(stage.copied()));
    if let Some(seen) = seen {
        let id = Place::ContactId.into_simple_expr();
        is_wanted = is_wanted.add(walk.beyond(id, Expr::val(seen.id)));
    }
    let relation = assignments::Relation::Contact.def();
    if walk.sqlite && walk.few {
        // From the few contacts to their stages, sorted afterwards.
        let select = Entity::find()
            .join(JoinType::CrossJoin, relation.rev())
            .filter(walk.filter.clone())
            .filter(Place::WorkspaceId.eq(scope.workspace_id()))
            .filter(is_wanted);
        return Step::Contacts(select.order_by(Place::ContactId, walk.direction()));
    }
    // SQLite keeps to the order in which crossed joins are written, and so walks on the index of the stage.
    let join = if walk.sqlite { JoinType::CrossJoin } else { JoinType::InnerJoin };
    let select = assignments::Entity::find()
        .select_only()
        .columns(Column::iter())
        .join(join, relation)
        .filter(Column::WorkspaceId.eq(scope.workspace_id()))
        .filter(walk.filter.clone())
        .filter(is_wanted)
        // PostgreSQL takes the order of the index only where the constant is named, too.
        .order_by(Place::ListId, walk.direction())
        .order_by(Place::ContactId, walk.direction());
    Step::Places(select)
}

/// The contacts without a stage. They have not been in one since any time, by which an index finds them.
fn without_stage(walk: &Walk, scope: &Scope, seen: Option<&Seen>) -> Step {
    use assignments::Column as Place;
    use crm_core::Scoped as _;
    let has = assignments::Entity::find()
        .select_only()
        .expr_as(Expr::val(1), "one")
        .filter(Expr::col(Place::ContactId.as_column_ref()).equals(Column::Id.as_column_ref()))
        .filter(Place::IsPrimary.eq(true))
        .filter(assignments::Entity::workspace_column().eq(scope.workspace_id()));
    let mut select = Entity::find()
        .filter(walk.filter.clone())
        .filter(Column::StageSince.is_null())
        .filter(Expr::not_exists(has.into_query()));
    if let Some(seen) = seen {
        select = select.filter(walk.beyond(Column::Id.into_simple_expr(), Expr::val(seen.id)));
    }
    let select = select.order_by(Column::StageSince, walk.direction());
    Step::Contacts(select.order_by(Column::Id, walk.direction()))
}
