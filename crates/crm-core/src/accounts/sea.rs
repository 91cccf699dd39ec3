//! [`Accounts`] on the database.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use super::{
    Accounts, Entry, Invitation, Member, Membership, NewUser, NewWorkspace, Offer, Origin, Result,
    Session, User, Workspace, WorkspaceSeed, create_user, enter, first_run, invitations, join,
    members, password, sessions, workspaces,
};
use crate::{Actor, Context, EmailAddress, InvitationId, Role, Scope, UserId, WorkspaceId};

/// [`Accounts`] on the database.
#[derive(Clone)]
pub struct SeaAccounts {
    pub(super) ctx: Context,
    pub(super) seeds: Vec<Arc<dyn WorkspaceSeed>>,
}

impl SeaAccounts {
    /// Accounts that put `seeds` into every new workspace.
    pub fn new(ctx: Context, seeds: Vec<Arc<dyn WorkspaceSeed>>) -> Self {
        Self { ctx, seeds }
    }
}

#[async_trait]
impl Accounts for SeaAccounts {
    async fn is_set_up(&self) -> Result<bool> {
        first_run::is_set_up(self).await
    }

    async fn first_run(
        &self,
        user: NewUser,
        workspace: NewWorkspace,
        from: Origin,
    ) -> Result<User> {
        first_run::run(self, user, workspace, from).await
    }

    async fn create_user(&self, actor: &Actor, user: NewUser) -> Result<User> {
        create_user::run(self, actor, user).await
    }

    async fn user_by_email(&self, email: &EmailAddress) -> Result<Option<User>> {
        create_user::by_email(self, email.as_str()).await
    }

    async fn users(&self) -> Result<Vec<User>> {
        create_user::all(self).await
    }

    async fn authenticate(&self, email: &str, password: SecretString) -> Result<Option<User>> {
        password::authenticate(self, email, password).await
    }

    async fn set_password(&self, actor: &Actor, user_id: UserId, new: SecretString) -> Result<()> {
        password::set(self, actor, user_id, new).await
    }

    async fn disable_user(&self, actor: &Actor, user_id: UserId) -> Result<()> {
        create_user::disable(self, actor, user_id).await
    }

    async fn open_session(&self, token: &str, user: &User, from: Origin) -> Result<()> {
        sessions::open(self, token, user, from).await
    }

    async fn session(&self, token: &str) -> Result<Option<Session>> {
        sessions::load(self, token).await
    }

    async fn end_session(&self, token: &str, from: Origin) -> Result<()> {
        sessions::end(self, token, from).await
    }

    async fn memberships(&self, user_id: UserId) -> Result<Vec<Membership>> {
        enter::memberships(self, user_id).await
    }

    async fn enter(
        &self,
        user_id: UserId,
        wanted: Option<WorkspaceId>,
        ip_address: Option<String>,
    ) -> Result<Entry> {
        enter::run(self, user_id, wanted, ip_address).await
    }

    async fn create_workspace(&self, actor: &Actor, new: NewWorkspace) -> Result<Workspace> {
        workspaces::create(self, actor, new).await
    }

    async fn add_member(&self, scope: &Scope, user_id: UserId, role: Role) -> Result<()> {
        members::add(self, scope, user_id, role).await
    }

    async fn add_colleague(&self, scope: &Scope, user_id: UserId, role: Role) -> Result<Member> {
        members::add_colleague(self, scope, user_id, role).await
    }

    async fn change_role(&self, scope: &Scope, user_id: UserId, role: Role) -> Result<Member> {
        members::change_role(self, scope, user_id, role).await
    }

    async fn remove_member(&self, scope: &Scope, user_id: UserId) -> Result<()> {
        members::remove(self, scope, user_id).await
    }

    async fn invitations(&self, scope: &Scope) -> Result<Vec<Invitation>> {
        invitations::open(self, scope).await
    }

    async fn invite(&self, scope: &Scope, email: &str, role: Role) -> Result<(Invitation, String)> {
        invitations::create(self, scope, email, role).await
    }

    async fn revoke_invitation(&self, scope: &Scope, id: InvitationId) -> Result<()> {
        invitations::revoke(self, scope, id).await
    }

    async fn offer(&self, token: &str) -> Result<Option<Offer>> {
        join::offer(self, token).await
    }

    async fn accept_invitation(&self, token: &str, actor: &Actor) -> Result<Membership> {
        join::accept(self, token, actor).await
    }

    async fn register_invited(
        &self,
        token: &str,
        user: NewUser,
        from: Origin,
    ) -> Result<(User, Membership)> {
        join::register(self, token, user, from).await
    }

    async fn workspace(&self, scope: &Scope) -> Result<Workspace> {
        workspaces::get(self, scope).await
    }

    async fn members(&self, scope: &Scope) -> Result<Vec<Member>> {
        members::all(self, scope).await
    }

    async fn update_workspace(
        &self,
        scope: &Scope,
        version: Option<i64>,
        change: NewWorkspace,
    ) -> Result<Workspace> {
        workspaces::update(self, scope, version, change).await
    }

    async fn delete_workspace(&self, scope: &Scope) -> Result<()> {
        workspaces::delete(self, scope).await
    }
}
