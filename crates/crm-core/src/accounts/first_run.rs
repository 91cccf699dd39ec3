//! The first user and workspace of an installation.

use sea_orm::{EntityTrait, QuerySelect};

use super::{
    AccountsError, NewUser, NewWorkspace, Origin, Result, SeaAccounts, User, create_user,
    workspaces,
};
use crate::entity::users;
use crate::{Actor, System};

const SYSTEM: System = System::task("first run");

pub(super) async fn is_set_up(accounts: &SeaAccounts) -> Result<bool> {
    let select = users::Entity::find().limit(1);
    Ok(!accounts.ctx.db.everywhere(SYSTEM, select).await?.is_empty())
}

pub(super) async fn run(
    accounts: &SeaAccounts,
    user: NewUser,
    workspace: NewWorkspace,
    from: Origin,
) -> Result<User> {
    let user = create_user::prepare(NewUser { is_admin: true, ..user }).await?;
    let workspace = workspaces::check(&workspace)?;
    let tx = accounts.ctx.db.begin().await?;
    // Two browsers may press the button at once; the lock and the second look let one through.
    tx.serialize_on("first run").await?;
    if !tx.everywhere(SYSTEM, users::Entity::find().limit(1)).await?.is_empty() {
        return Err(AccountsError::AlreadySetUp);
    }
    let user = create_user::write(accounts, &tx, None, user, from.ip_address.clone()).await?;
    let actor = Actor::user(user.id, from.ip_address);
    workspaces::write(accounts, &tx, &actor, user.id, workspace).await?;
    tx.commit().await?;
    Ok(user)
}
