//! On whose behalf, and inside which workspace, something is done.

use crate::{ApiKeyId, KeyGrant, Permission, Role, UserId, WorkspaceId};

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person; `None` where the program itself acts.
    pub user_id: Option<UserId>,
    /// Where the request came from; `None` for jobs and the command line.
    pub ip_address: Option<String>,
    /// What acts where no person does (`job`, `command line`), for the audit log.
    pub label: &'static str,
    /// The API key they act through, if it is one.
    pub key_id: Option<ApiKeyId>,
}

impl Actor {
    /// A signed-in person.
    pub const fn user(user_id: UserId, ip_address: Option<String>) -> Self {
        Self { user_id: Some(user_id), ip_address, label: "user", key_id: None }
    }

    /// The program itself.
    pub const fn system(label: &'static str) -> Self {
        Self { user_id: None, ip_address: None, label, key_id: None }
    }

    /// The same, acting through an API key.
    #[must_use]
    pub fn through_key(mut self, id: ApiKeyId) -> Self {
        self.key_id = Some(id);
        self
    }
}

/// One workspace and who acts in it: the first parameter of every service method.
///
/// It can be made in two ways only: by [`crate::accounts`], which has checked that the actor is a member, or for a job
/// by [`Scope::for_job`]. Every query takes its workspace from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    workspace_id: WorkspaceId,
    actor: Actor,
    role: Role,
    key: Option<KeyGrant>,
}

impl Scope {
    pub(crate) const fn for_member(workspace_id: WorkspaceId, actor: Actor, role: Role) -> Self {
        Self { workspace_id, actor, role, key: None }
    }

    /// The scope of work the program does by itself in a workspace, named by `label`.
    pub const fn for_job(workspace_id: WorkspaceId, label: &'static str) -> Self {
        Self { workspace_id, actor: Actor::system(label), role: Role::Owner, key: None }
    }

    /// The same workspace with somebody else acting, for work that is gone on with for them.
    #[must_use]
    pub fn acting_as(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// The same scope as far as an API key reaches. A key takes rights away and gives none.
    #[must_use]
    pub fn through_key(mut self, key: KeyGrant) -> Self {
        self.actor = self.actor.through_key(key.id);
        self.key = Some(key);
        self
    }

    /// The workspace everything in this scope happens in.
    pub const fn workspace_id(&self) -> WorkspaceId {
        self.workspace_id
    }

    /// Who acts.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The person who acts, where it is one.
    pub const fn user_id(&self) -> Option<UserId> {
        self.actor.user_id
    }

    /// The actor's role in the workspace.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The API key the actor shows, if it is one.
    pub const fn key(&self) -> Option<&KeyGrant> {
        self.key.as_ref()
    }

    /// Whether the actor may do `permission` here: the role allows it and the key, where there is one, reaches so far.
    pub fn allows(&self, permission: Permission) -> bool {
        let reaches = self.key.as_ref().is_none_or(|key| key.allows(permission));
        reaches && self.role.allows(permission)
    }
}

/// The right to look across all workspaces, which only start-up and background work have.
#[derive(Debug, Clone, Copy)]
pub struct System {
    label: &'static str,
}

impl System {
    /// Claims the right for the background task named `label`.
    pub const fn task(label: &'static str) -> Self {
        Self { label }
    }

    /// The task's name.
    pub const fn label(self) -> &'static str {
        self.label
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::KeyScope;

    fn scope(role: Role, words: &[&str]) -> Scope {
        let workspace = WorkspaceId::from_uuid(uuid::Uuid::nil());
        let actor = Actor::user(UserId::from_uuid(uuid::Uuid::nil()), None);
        let scopes: BTreeSet<KeyScope> =
            words.iter().map(|word| KeyScope::parse(word).unwrap()).collect();
        let id = ApiKeyId::from_uuid(uuid::Uuid::max());
        Scope::for_member(workspace, actor, role).through_key(KeyGrant { id, scopes })
    }

    #[test]
    fn a_key_takes_rights_away_and_gives_none() {
        for role in Role::ALL {
            for permission in Permission::ALL {
                let all = scope(role, &["admin"]);
                assert_eq!(all.allows(*permission), role.allows(*permission));
                assert!(!scope(role, &[]).allows(*permission));
                let word = permission.scope().to_string();
                assert_eq!(scope(role, &[&word]).allows(*permission), role.allows(*permission));
            }
        }
        let reader = scope(Role::Owner, &["contacts:read", "lists:write"]);
        let may = |permission| reader.allows(permission);
        assert!(may(Permission::ContactsRead) && may(Permission::ListsRead));
        assert!(!may(Permission::ContactsWrite) && !may(Permission::CampaignsRead));
        assert_eq!(reader.actor().key_id, Some(ApiKeyId::from_uuid(uuid::Uuid::max())));
    }
}
