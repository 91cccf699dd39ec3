//! The way in with a password, one for the page and the API: limits first, then the password, then the second factor. The same answer for a
//! wrong password, an unknown address and a disabled account.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use crm_core::accounts::{AccountsError, Origin, ProfileChange, User};
use crm_core::{Actor, UserId};
use secrecy::SecretString;

use crate::error::AppError;
use crate::extract::SignedIn;
use crate::middleware::session_store::{self, SessionUser};
use crate::state::App;

/// Counts one attempt to get into `account`.
///
/// # Errors
/// 429 where there were too many.
pub async fn knock(app: &App, account: &str, from: &Origin) -> Result<(), AppError> {
    knock_as(app, account, account, from).await
}

/// The same, counted under another name than the account's.
async fn knock_as(app: &App, account: &str, counted: &str, from: &Origin) -> Result<(), AppError> {
    let address = from.ip_address.as_deref();
    app.limits.login(counted, address)?;
    if app.limits.is_familiar(account, address) {
        return Ok(());
    }
    let Err(refused) = app.limits.stranger(counted) else { return Ok(()) };
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
    // PostgreSQL cannot even be asked for a text with a NUL in it.
    let email = &email.replace('\0', "\u{fffd}");
    knock(app, email, from).await?;
    let user = app.services.accounts.authenticate(email, password).await?;
    if user.is_none() {
        note_failure(app, email, from).await;
    }
    user.ok_or_else(|| {
        AppError::unauthenticated().saying("this e-mail address and password do not match")
    })
}

/// Notes a failed sign-in in the audit log. The answer is the same whether that can be written or not.
async fn note_failure(app: &App, email: &str, from: &Origin) {
    if let Err(error) = app.services.notes.login_failed(email, from.ip_address.clone()).await {
        tracing::error!(%error, "a failed sign-in was not noted");
    }
}

/// Asks for the second factor of somebody whose password was right.
///
/// # Errors
/// 401 `second_factor_required` without a code, 401 `wrong_code`, 429 after too many tries.
pub async fn second_factor(
    app: &App,
    user: &User,
    code: Option<&str>,
    from: &Origin,
) -> Result<(), AppError> {
    if app.services.second_factors.state(user.id).await?.is_none() {
        return Ok(());
    }
    let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
        return Err(AppError::new(
            StatusCode::UNAUTHORIZED,
            "second_factor_required",
            "enter the code of your authenticator app",
        ));
    };
    guess_code(app, &user.email, from).await?;
    let actor = Actor::user(user.id, from.ip_address.clone());
    match app.services.second_factors.verify(&actor, user.id, code).await {
        Err(err @ AccountsError::WrongCode) => {
            note_failure(app, &user.email, from).await;
            let text = err.to_string();
            Err(AppError::new(StatusCode::UNAUTHORIZED, "wrong_code", text).about("code"))
        }
        other => Ok(other?),
    }
}

/// Counts one attempt at a code of `account`. Codes have a budget of their own, so that a sign-in costs one of each.
///
/// # Errors
/// 429 where there were too many.
pub async fn guess_code(app: &App, account: &str, from: &Origin) -> Result<(), AppError> {
    knock_as(app, account, &format!("{} code", account.trim()), from).await
}

/// Counts one request for a link to `account`: each may send a mail.
///
/// # Errors
/// 429 where there were too many.
pub async fn ask_for_reset(app: &App, account: &str, from: &Origin) -> Result<(), AppError> {
    knock_as(app, account, &format!("{} reset", account.trim()), from).await
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
    let actor = Actor::user(user.id, from.ip_address.clone());
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
    by: &Actor,
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

/// Changes name and address; another address needs the password.
///
/// # Errors
/// 403 `wrong_password`, 409 for an address somebody has, 422 naming the field, 429 after too many tries.
pub async fn change_profile(
    app: &App,
    caller: &SignedIn,
    change: ProfileChange,
    from: &Origin,
) -> Result<User, AppError> {
    let user = &caller.identity.user;
    if change.current_password.is_some() {
        knock(app, &user.email, from).await?;
    }
    Ok(app.services.credentials.change_profile(&caller.actor, user.id, change).await?)
}
