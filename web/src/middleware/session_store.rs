//! Sessions for `actix-session`, kept by the accounts service. The cookie holds a random token; the database its hash.

use std::collections::HashMap;
use std::sync::Arc;

use actix_session::SessionExt as _;
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::UserId;
use crm_core::accounts::{Accounts, Origin, User};
use serde::{Deserialize, Serialize};

use crate::error::AppError;

const TOKEN: &str = "token";
const USER: &str = "user";

/// What a request knows of the person whose session it carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SessionUser {
    /// Their id.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Whether they run this installation.
    pub is_admin: bool,
}

impl From<User> for SessionUser {
    fn from(user: User) -> Self {
        Self { id: user.id, email: user.email, name: user.name, is_admin: user.is_admin }
    }
}

/// Begins a session for `user`, in place of one the browser may have: the token is a new one. Returns the token.
///
/// # Errors
/// [`AppError`] where the session cannot be stored.
pub async fn sign_in(
    req: &HttpRequest,
    accounts: &dyn Accounts,
    user: User,
    from: Origin,
) -> Result<String, AppError> {
    let session = req.get_session();
    if let Some(old) = token(req) {
        accounts.end_session(&old, from.clone()).await?;
    }
    let token = crm_core::token::random();
    accounts.open_session(&token, &user, from).await?;
    session.insert(TOKEN, &token).map_err(AppError::internal)?;
    session.insert(USER, SessionUser::from(user)).map_err(AppError::internal)?;
    session.renew();
    Ok(token)
}

/// Ends the request's session.
///
/// # Errors
/// [`AppError`] where it cannot be ended.
pub async fn sign_out(
    req: &HttpRequest,
    accounts: &dyn Accounts,
    from: Origin,
) -> Result<(), AppError> {
    if let Some(token) = token(req) {
        accounts.end_session(&token, from).await?;
    }
    req.get_session().purge();
    Ok(())
}

/// Tells the browser to drop what it kept of our pages, so that its back button shows nothing of somebody signed out.
pub fn clear_browser(answer: &mut HttpResponse) {
    answer.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
}

/// Forgets the request's session, which has been ended.
pub fn forget(req: &HttpRequest) {
    req.get_session().purge();
}

/// The token of the request's session.
pub fn token(req: &impl actix_session::SessionExt) -> Option<String> {
    req.get_session().get(TOKEN).ok().flatten()
}

/// Whose session the request carries.
pub fn user(req: &impl actix_session::SessionExt) -> Option<SessionUser> {
    req.get_session().get(USER).ok().flatten()
}

/// The store behind the middleware.
#[derive(Clone)]
pub struct DatabaseSessions {
    accounts: Arc<dyn Accounts>,
}

impl DatabaseSessions {
    /// Sessions kept by this service.
    pub fn new(accounts: Arc<dyn Accounts>) -> Self {
        Self { accounts }
    }
}

impl SessionStore for DatabaseSessions {
    async fn load(&self, key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        let found = self.accounts.session(key.as_ref()).await;
        let session = found.map_err(|err| LoadError::Other(err.into()))?;
        let Some(session) = session else { return Ok(None) };
        Ok(Some(HashMap::from([
            (TOKEN.to_owned(), json(&key.as_ref())?),
            (USER.to_owned(), json(&SessionUser::from(session.user))?),
        ])))
    }

    async fn save(
        &self,
        state: HashMap<String, String>,
        _ttl: &Duration,
    ) -> Result<SessionKey, SaveError> {
        // `sign_in` has stored the session already; the state names its token.
        let token: String = state
            .get(TOKEN)
            .ok_or_else(|| anyhow::anyhow!("a session without a token"))
            .and_then(|text| Ok(serde_json::from_str(text)?))
            .map_err(SaveError::Other)?;
        SessionKey::try_from(token).map_err(|err| SaveError::Other(err.into()))
    }

    async fn update(
        &self,
        key: SessionKey,
        _state: HashMap<String, String>,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        Ok(key)
    }

    async fn update_ttl(&self, _key: &SessionKey, _ttl: &Duration) -> Result<(), anyhow::Error> {
        // Loading a session notes that it was used.
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        Ok(self.accounts.end_session(key.as_ref(), Origin::default()).await?)
    }
}

fn json(value: &impl Serialize) -> Result<String, LoadError> {
    serde_json::to_string(value).map_err(|err| LoadError::Deserialization(err.into()))
}
