//! On whose behalf, and inside which workspace, something is done.

use crate::{Permission, Role, UserId, WorkspaceId};

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person; `None` where the program itself acts.
    pub user_id: Option<UserId>,
    /// Where the request came from; `None` for jobs and the command line.
    pub ip_address: Option<String>,
    /// What acts where no person does (`job`, `command line`), for the audit log.
    pub label: &'static str,
}

impl Actor {
    /// A signed-in person.
    pub const fn user(user_id: UserId, ip_address: Option<String>) -> Self {
        Self { user_id: Some(user_id), ip_address, label: "user" }
    }

    /// The program itself.
    pub const fn system(label: &'static str) -> Self {
        Self { user_id: None, ip_address: None, label }
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
}

impl Scope {
    pub(crate) const fn for_member(workspace_id: WorkspaceId, actor: Actor, role: Role) -> Self {
        Self { workspace_id, actor, role }
    }

    /// The scope of work the program does by itself in a workspace, named by `label`.
    pub const fn for_job(workspace_id: WorkspaceId, label: &'static str) -> Self {
        Self { workspace_id, actor: Actor::system(label), role: Role::Owner }
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

    /// Whether the actor may do `permission` here.
    pub const fn allows(&self, permission: Permission) -> bool {
        self.role.allows(permission)
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
