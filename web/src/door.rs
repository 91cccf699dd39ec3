//! The way in with a password, one for the page and the API: limits first, then the password. The same answer for a
//! wrong password, an unknown address and a disabled account.

use actix_web::HttpRequest;
use crm_core::UserId;
use crm_core::accounts::{Origin, User};
use secrecy::SecretString;

use crate::error::AppError;
use crate::middleware::session_store::{self, SessionUser};
use crate::state::App;

/// Counts one attempt to get into `account`.
///
/// # Errors
/// 429 where there were too many.
pub async fn knock(app: &App, account: &str, from: &Origin) -> Result<(), AppError> {
    let address = from.ip_address.as_deref();
    app.limits.login(account, address)?;
    if app.limits.is_familiar(account, address) {
        return Ok(());
    }
    let Err(refused) = app.limits.stranger(account) else { return Ok(()) };
    let address = address.unwrap_or_default();
    if app.services.credentials.has_signed_in_from(account, address).await? {
        app.limits.remember(account, Some(address));
        return Ok(());
    }
    Err(refused)
}

/// The user whose address and password these are.
///
/// # Errors
/// 401 where they do not match, 429 after too many tries.
pub async fn password(
    app: &App,
    email: &str,
    password: SecretString,
    from: &Origin,
) -> Result<User, AppError> {
    knock(app, email, from).await?;
    let user = app.services.accounts.authenticate(email, password).await?;
    user.ok_or_else(|| {
        AppError::unauthenticated().saying("this e-mail address and password do not match")
    })
}

/// Begins a session; returns its token.
///
/// # Errors
/// [`AppError`] where the session cannot be stored.
pub async fn enter(
    app: &App,
    req: &HttpRequest,
    user: User,
    from: Origin,
) -> Result<String, AppError> {
    app.limits.remember(&user.email, from.ip_address.as_deref());
    session_store::sign_in(req, app.services.accounts.as_ref(), user, from).await
}

/// Asks a signed-in person for their password once more. All doors that do share one budget of attempts.
///
/// # Errors
/// 403 `wrong_password` naming `current_password`, 429 after too many tries.
pub async fn confirm(
    app: &App,
    user: &SessionUser,
    password: SecretString,
    from: &Origin,
) -> Result<(), AppError> {
    knock(app, &user.email, from).await?;
    app.services.credentials.confirm_password(user.id, password).await?;
    Ok(())
}

/// Replaces a password; the session goes on under a new token, all others end.
///
/// # Errors
/// 403 `wrong_password`, 422 naming `new_password`, 429 after too many tries.
pub async fn change_password(
    app: &App,
    req: &HttpRequest,
    user: &SessionUser,
    current: SecretString,
    new: SecretString,
    from: Origin,
) -> Result<String, AppError> {
    knock(app, &user.email, &from).await?;
    let actor = crm_core::Actor::user(user.id, from.ip_address.clone());
    let changed = app.services.credentials.change_password(&actor, user.id, current, new).await;
    let user = changed.map_err(|err| AppError::from(err).renamed("password", "new_password"))?;
    enter(app, req, user, from).await
}

/// The id under which the request's own session is listed.
pub fn own_session(app: &App, req: &HttpRequest) -> Option<String> {
    session_store::token(req).map(|token| app.services.credentials.session_id(&token))
}

/// Ends a session of `user_id`, and the request's own properly where it is that.
///
/// # Errors
/// 404 where the user has no such session.
pub async fn end_session(
    app: &App,
    req: &HttpRequest,
    by: &crm_core::Actor,
    user_id: UserId,
    id: &str,
) -> Result<bool, AppError> {
    let own = own_session(app, req).as_deref() == Some(id);
    app.services.credentials.end_session(by, user_id, id).await?;
    if own {
        session_store::forget(req);
    }
    Ok(own)
}
