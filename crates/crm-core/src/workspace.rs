//! What other crates must know about the workspace they work in: whose it is, how it reads phone numbers, and who
//! belongs to it.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use crate::entity::{users, workspace_members, workspaces};
use crate::{Db, Scope, StoreError, System, Timestamp, Tx, UserId, WorkspaceId};

const SYSTEM: System = System::task("read a workspace");

/// What a service needs of its workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The owner, whose user-wide custom fields hold here too.
    pub owner_id: UserId,
    /// Two-letter country of phone numbers written without a country code.
    pub default_region: String,
}

fn select(scope: &Scope) -> Select<workspaces::Entity> {
    workspaces::Entity::find_by_id(scope.workspace_id())
}

fn facts(mut rows: Vec<workspaces::Model>) -> Result<Facts, StoreError> {
    let row = rows.pop().ok_or_else(|| StoreError::Corrupt("the workspace is gone".to_owned()))?;
    Ok(Facts { owner_id: row.user_id, default_region: row.default_region })
}

/// The facts of the scope's workspace as committed.
pub async fn read(db: &Db, scope: &Scope) -> Result<Facts, StoreError> {
    facts(db.everywhere(SYSTEM, select(scope)).await?)
}

/// The facts of the scope's workspace inside a transaction.
pub async fn read_in(tx: &Tx, scope: &Scope) -> Result<Facts, StoreError> {
    facts(tx.everywhere(SYSTEM, select(scope)).await?)
}

/// Whether this person belongs to the scope's workspace.
pub async fn is_member_in(tx: &Tx, scope: &Scope, user_id: UserId) -> Result<bool, StoreError> {
    let select =
        workspace_members::Entity::find().filter(workspace_members::Column::UserId.eq(user_id));
    Ok(tx.one(scope, select).await?.is_some())
}

/// Which of these people have an account: what is brought back from a record may name somebody who has none any more.
pub async fn known_users_in(
    tx: &Tx,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<HashSet<UserId>, StoreError> {
    let ids: HashSet<UserId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let select = users::Entity::find().filter(users::Column::Id.is_in(ids));
    Ok(tx.everywhere(SYSTEM, select).await?.into_iter().map(|user| user.id).collect())
}

/// The names of these people, for contacts are looked after by people who left the workspace, too.
pub async fn names(
    db: &Db,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, String>, StoreError> {
    let select = users::Entity::find().filter(users::Column::Id.is_in(ids));
    let people = db.everywhere(SYSTEM, select).await?;
    Ok(people.into_iter().map(|person| (person.id, person.name)).collect())
}

/// The people who belong to the scope's workspace, with their e-mail addresses.
pub async fn members(db: &Db, scope: &Scope) -> Result<Vec<(UserId, String)>, StoreError> {
    let rows = db.all(scope, workspace_members::Entity::find()).await?;
    let select =
        users::Entity::find().filter(users::Column::Id.is_in(rows.iter().map(|row| row.user_id)));
    let people = db.everywhere(SYSTEM, select).await?;
    Ok(people.into_iter().map(|person| (person.id, person.email)).collect())
}

/// All workspaces there were at `before` with the time zones they keep, for what the program does by itself at a time of
/// theirs.
pub async fn zones(db: &Db, before: Timestamp) -> Result<Vec<(WorkspaceId, String)>, StoreError> {
    let select = workspaces::Entity::find().filter(workspaces::Column::CreatedAt.lte(before));
    let rows = db.everywhere(SYSTEM, select).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.time_zone)).collect())
}
