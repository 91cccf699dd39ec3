//! The caller, with a right. Handlers take one of these first: it answers 401 before a body is looked at.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use crm_core::accounts::Entry;
use crm_core::{Actor, KeyGrant, Permission, Scope};

use crate::error::AppError;
use crate::middleware::authenticate::{Identity, origin_of};

/// A permission as a type.
pub trait Right: 'static {
    /// The permission.
    const PERMISSION: Permission;
}

/// A member whose role allows `R`, signed in or with a key that reaches so far, and the workspace of the call.
pub struct Allow<R> {
    identity: Identity,
    scope: Scope,
    right: PhantomData<R>,
}

impl<R> Allow<R> {
    /// Workspace and actor.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The person.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Asks for a second permission, for what reaches into another resource.
    ///
    /// # Errors
    /// 403 where the caller does not have it.
    pub fn also(&self, permission: Permission) -> Result<(), AppError> {
        require(&self.scope, permission)
    }
}

/// Whether the caller of `scope` has `permission`.
///
/// # Errors
/// 403 that says what is missing.
pub fn require(scope: &Scope, permission: Permission) -> Result<(), AppError> {
    if !scope.role().allows(permission) {
        return Err(AppError::lacking(permission.as_str()));
    }
    reaches(scope.key(), permission)
}

/// Whether the key, where there is one, reaches as far as `permission`.
fn reaches(key: Option<&KeyGrant>, permission: Permission) -> Result<(), AppError> {
    match key {
        Some(key) if !key.allows(permission) => {
            Err(AppError::insufficient_scope(permission.scope()).noting(permission.as_str()))
        }
        _ => Ok(()),
    }
}

impl<R: Right> FromRequest for Allow<R> {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(allow(req))
    }
}

fn allow<R: Right>(req: &HttpRequest) -> Result<Allow<R>, AppError> {
    let extensions = req.extensions();
    let identity = extensions.get::<Identity>().ok_or_else(AppError::unauthenticated)?;
    let scope = match &identity.entry {
        Entry::Entered(scope) => scope.clone(),
        Entry::Choose => return Err(AppError::workspace_required()),
        Entry::Nowhere => return Err(AppError::not_found()),
    };
    require(&scope, R::PERMISSION)?;
    Ok(Allow { identity: identity.clone(), scope, right: PhantomData })
}

/// A person who signed in with a session, in whatever workspace. What takes this is closed to API keys: a key must not
/// be able to make itself more than it is.
pub struct SignedIn {
    /// The person.
    pub identity: Identity,
    /// The person as an actor, with the client's address.
    pub actor: Actor,
}

impl FromRequest for SignedIn {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Caller::of(req).and_then(|caller| match caller.identity.key {
            Some(_) => Err(AppError::session_required()),
            None => Ok(Self { identity: caller.identity, actor: caller.actor }),
        }))
    }
}

/// A person, by a session or by an API key, in whatever workspace.
pub struct Caller {
    /// The person.
    pub identity: Identity,
    /// The person as an actor, with the client's address and their key.
    pub actor: Actor,
}

impl Caller {
    fn of(req: &HttpRequest) -> Result<Self, AppError> {
        let extensions = req.extensions();
        let identity = extensions.get::<Identity>().ok_or_else(AppError::unauthenticated)?;
        let mut actor = Actor::user(identity.user.id, origin_of(req).ip_address);
        if let Some(key) = &identity.key {
            actor = actor.through_key(key.id);
        }
        Ok(Self { identity: identity.clone(), actor })
    }

    /// Asks for what a key needs outside a workspace, where there is no role to ask.
    ///
    /// # Errors
    /// 403 `insufficient_scope`.
    pub fn reaches(&self, permission: Permission) -> Result<(), AppError> {
        reaches(self.identity.key.as_ref(), permission)
    }
}

impl FromRequest for Caller {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(req))
    }
}

/// Every permission as a type, for `Allow<…>`.
pub mod rights {
    use super::{Permission, Right};

    macro_rules! rights {
        ($($name:ident)+) => {$(
            #[doc = concat!("[`Permission::", stringify!($name), "`]")]
            pub struct $name;

            impl Right for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )+};
    }

    rights! {
        ContactsRead ContactsWrite
        ListsRead ListsWrite
        FieldsRead FieldsWrite
        LogsRead LogsWrite
        TasksRead TasksWrite
        TemplatesRead TemplatesWrite
        CampaignsRead CampaignsWrite CampaignsSend CampaignsApprove
        InsightsRead InsightsWrite
        ProvidersRead ProvidersWrite
        WorkspaceRead WorkspaceWrite WorkspaceDelete MembersWrite
        AuditRead
    }
}
