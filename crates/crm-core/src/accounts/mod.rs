//! Users, sessions and workspaces: who somebody is, and which workspaces they may enter as what.

mod create_user;
mod credentials;
mod enter;
mod first_run;
mod invitations;
mod join;
mod members;
mod password;
mod profile;
mod resets;
mod sea;
pub mod second_factor;
mod sessions;
mod strength;
mod workspaces;

use async_trait::async_trait;
use secrecy::SecretString;

pub(crate) use create_user::user;
pub use credentials::{Credentials, OpenSession, ProfileChange};
pub use invitations::INVITATION_LIFETIME;
pub use resets::{PasswordResets, RESET_LIFETIME};
pub use sea::SeaAccounts;
pub use sessions::{ABSOLUTE_LIFETIME, IDLE_LIFETIME};
pub use strength::{MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, WeakPassword};

use crate::email::BadEmail;
use crate::sealed::Unsealable;
use crate::{
    Actor, EmailAddress, InvitationId, Role, Scope, StoreError, Timestamp, Tx, UserId, WorkspaceId,
};

/// A person who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their address, with which they sign in.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Whether they run this installation.
    pub is_admin: bool,
    /// When their account was made.
    pub created_at: Timestamp,
    /// Since when they may not sign in, if so.
    pub disabled_at: Option<Timestamp>,
    /// Another one after every change of the password: what was begun with an older one does not go on.
    pub stamp: String,
}

/// A workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name, unique for its owner.
    pub name: String,
    /// Its owner.
    pub user_id: UserId,
    /// ISO 4217 code of the currency values are in.
    pub currency: String,
    /// Two-letter country of phone numbers written without a country code.
    pub default_region: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its version, for `If-Match`: another one after every change.
    pub version: i64,
}

/// A workspace a person belongs to, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The workspace.
    pub workspace: Workspace,
    /// The person's role there.
    pub role: Role,
}

/// A member of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their role.
    pub role: Role,
}

/// An invitation that is neither accepted nor revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom it is for.
    pub email: String,
    /// The role they would have.
    pub role: Role,
    /// Who invited, while they are a user.
    pub invited_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// Whether that is past.
    pub is_expired: bool,
}

/// What whoever holds the link of a valid invitation may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The workspace to join.
    pub workspace_name: String,
    /// Name of who invited.
    pub invited_by: String,
    /// Whom it is for.
    pub email: String,
    /// The role they would have.
    pub role: Role,
    /// Whether a user has this address.
    pub has_account: bool,
}

/// What a new user needs.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Address to sign in with.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// Password as typed.
    pub password: SecretString,
    /// Whether they run this installation.
    pub is_admin: bool,
}

/// What a new workspace needs.
#[derive(Debug, Clone)]
pub struct NewWorkspace {
    /// Its name.
    pub name: String,
    /// ISO 4217 currency code.
    pub currency: String,
    /// Two-letter country for phone numbers.
    pub default_region: String,
    /// IANA time zone.
    pub time_zone: String,
}

impl NewWorkspace {
    /// A workspace with this name in euros, Austria and UTC until its owner says otherwise.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            currency: "EUR".to_owned(),
            default_region: "AT".to_owned(),
            time_zone: "UTC".to_owned(),
        }
    }
}

/// Where a sign-in comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Client address.
    pub ip_address: Option<String>,
    /// Browser's name for itself.
    pub user_agent: Option<String>,
}

/// A valid session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose it is.
    pub user: User,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// When it ends if it is not used.
    pub expires_at: Timestamp,
}

/// Which workspace a call happens in could not be settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// The scope of the call.
    Entered(Scope),
    /// The person has several workspaces and named none.
    Choose,
    /// The person has none, or not the one named.
    Nowhere,
}

/// What other crates put into a new workspace (stages, the practice provider), in the transaction that makes it.
#[async_trait]
pub trait WorkspaceSeed: Send + Sync {
    /// Writes the rows a new workspace starts with.
    async fn seed(&self, tx: &Tx, scope: &Scope) -> std::result::Result<(), StoreError>;
}

/// Why an account could not be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// The name is empty or too long.
    #[error("enter a name of up to 200 characters")]
    InvalidName,
    /// The address has no valid form.
    #[error(transparent)]
    InvalidEmail(#[from] BadEmail),
    /// The password is too weak.
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    /// The workspace's name is empty or too long.
    #[error("enter a workspace name of up to 200 characters")]
    InvalidWorkspaceName,
    /// The currency is no ISO 4217 code.
    #[error("enter a currency of three letters, like EUR")]
    InvalidCurrency,
    /// The region is no country code.
    #[error("enter a country of two letters, like AT")]
    InvalidRegion,
    /// The time zone has no valid form.
    #[error("enter a time zone like Europe/Vienna")]
    InvalidTimeZone,
    /// Somebody has this address already.
    #[error("a user with this e-mail address already exists")]
    DuplicateEmail,
    /// The owner has a workspace of this name already.
    #[error("a workspace with this name already exists")]
    DuplicateName,
    /// The first user exists already.
    #[error("this installation is set up already")]
    AlreadySetUp,
    /// There is no such user.
    #[error("there is no such user")]
    UnknownUser,
    /// There is no such member.
    #[error("there is no such member")]
    UnknownMember,
    /// There is no such open invitation.
    #[error("there is no such invitation")]
    UnknownInvitation,
    /// The actor's role does not cover it.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// The only owner would be gone.
    #[error("a workspace needs an owner; make somebody else an owner first")]
    LastOwner,
    /// The person belongs to the workspace.
    #[error("this person is a member already")]
    AlreadyMember,
    /// The invitation was never made, used, revoked, replaced or has expired, or its maker may no longer invite.
    #[error("this invitation is not valid any more; ask for a new one")]
    InvitationGone,
    /// The invitation is for somebody else.
    #[error("this invitation is for {0}; sign in with that address to use it")]
    WrongAccount(String),
    /// The workspace changed since the caller saw it.
    #[error("the workspace was changed in the meantime")]
    Stale,
    /// This is not the user's password.
    #[error("this is not your current password")]
    WrongPassword,
    /// Between the check of the password and the sign-in, the password was changed or the user disabled.
    #[error("sign in again")]
    SignInLapsed,
    /// The link or code was never made, used, replaced by a newer one, or its hour is over.
    #[error("this link or code does not work any more; ask for a new one")]
    ResetGone,
    /// The code is wrong, was used already, or its time is over.
    #[error(
        "this code is not right; take the one the app shows now, or a recovery code you have not used"
    )]
    WrongCode,
    /// The user has a second factor already.
    #[error("a second factor is set up already; take it away first")]
    FactorExists,
    /// The user has no second factor, or none that is being set up.
    #[error("no second factor is set up")]
    NoFactor,
    /// A stored secret does not open.
    #[error(transparent)]
    Unsealable(#[from] Unsealable),
    /// The user has no such session.
    #[error("there is no such session")]
    UnknownSession,
    /// The password could not be hashed.
    #[error("the password could not be hashed")]
    Hashing,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of an accounts operation.
pub type Result<T> = std::result::Result<T, AccountsError>;

/// Users, sessions, workspaces and members.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Whether anybody can sign in at all; while nobody can, the first-run page is open.
    async fn is_set_up(&self) -> Result<bool>;
    /// Makes the first user, an administrator, and their workspace. Exactly one of several racing callers succeeds.
    async fn first_run(&self, user: NewUser, workspace: NewWorkspace, from: Origin)
    -> Result<User>;
    /// Makes a user (for the command line; `actor` is named in the audit log).
    async fn create_user(&self, actor: &Actor, user: NewUser) -> Result<User>;
    /// The user with this address.
    async fn user_by_email(&self, email: &EmailAddress) -> Result<Option<User>>;
    /// All users, by address.
    async fn users(&self) -> Result<Vec<User>>;
    /// The user whose password this is; `None` for a wrong password, an unknown address and a disabled user alike, after
    /// equal work.
    async fn authenticate(&self, email: &str, password: SecretString) -> Result<Option<User>>;
    /// Sets a password and ends all the user's sessions.
    async fn set_password(
        &self,
        actor: &Actor,
        user_id: UserId,
        password: SecretString,
    ) -> Result<()>;
    /// Lets a user in no longer: ends all their sessions.
    async fn disable_user(&self, actor: &Actor, user_id: UserId) -> Result<()>;

    /// Stores a session under the hash of `token`, unless the user's password was changed since `user` was read.
    async fn open_session(&self, token: &str, user: &User, from: Origin) -> Result<()>;
    /// The session of this token, if it is still valid and its user enabled; notes that it was used.
    async fn session(&self, token: &str) -> Result<Option<Session>>;
    /// Ends a session.
    async fn end_session(&self, token: &str, from: Origin) -> Result<()>;

    /// The workspaces of a person, oldest first.
    async fn memberships(&self, user_id: UserId) -> Result<Vec<Membership>>;
    /// Settles the workspace of a call: the one named if the person belongs to it, else their only one.
    async fn enter(
        &self,
        user_id: UserId,
        wanted: Option<WorkspaceId>,
        ip_address: Option<String>,
    ) -> Result<Entry>;
    /// Makes a workspace owned by `actor`, with what every workspace starts with.
    async fn create_workspace(&self, actor: &Actor, new: NewWorkspace) -> Result<Workspace>;
    /// Makes a user a member of the scope's workspace.
    async fn add_member(&self, scope: &Scope, user_id: UserId, role: Role) -> Result<()>;
    /// The same with somebody the actor shares another workspace with; all others are [`AccountsError::UnknownUser`],
    /// so that nobody can ask who has an account.
    async fn add_colleague(&self, scope: &Scope, user_id: UserId, role: Role) -> Result<Member>;
    /// Changes a member's role.
    async fn change_role(&self, scope: &Scope, user_id: UserId, role: Role) -> Result<Member>;
    /// Takes a member out of the workspace; oneself, that is leaving it.
    async fn remove_member(&self, scope: &Scope, user_id: UserId) -> Result<()>;
    /// The open invitations to the scope's workspace, newest first.
    async fn invitations(&self, scope: &Scope) -> Result<Vec<Invitation>>;
    /// Invites an address; an older invitation to it ends. The token is in the answer and nowhere else.
    async fn invite(&self, scope: &Scope, email: &str, role: Role) -> Result<(Invitation, String)>;
    /// Takes an open invitation back.
    async fn revoke_invitation(&self, scope: &Scope, id: InvitationId) -> Result<()>;
    /// What the invitation with this token offers; `None` where it is not valid.
    async fn offer(&self, token: &str) -> Result<Option<Offer>>;
    /// Makes `actor` a member by the invitation with this token. Exactly one of several racing callers succeeds.
    async fn accept_invitation(&self, token: &str, actor: &Actor) -> Result<Membership>;
    /// Makes a user and a member by the invitation with this token. Exactly one of several racing callers succeeds.
    async fn register_invited(
        &self,
        token: &str,
        user: NewUser,
        from: Origin,
    ) -> Result<(User, Membership)>;
    /// The scope's workspace.
    async fn workspace(&self, scope: &Scope) -> Result<Workspace>;
    /// The members of the scope's workspace, by name.
    async fn members(&self, scope: &Scope) -> Result<Vec<Member>>;
    /// Changes name, currency, region and time zone of the scope's workspace. `version` is the one the caller saw.
    async fn update_workspace(
        &self,
        scope: &Scope,
        version: Option<i64>,
        change: NewWorkspace,
    ) -> Result<Workspace>;
    /// Deletes the scope's workspace and everything in it.
    async fn delete_workspace(&self, scope: &Scope) -> Result<()>;
}
