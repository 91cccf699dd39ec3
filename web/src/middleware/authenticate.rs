//! Who a request is from, settled once before any handler: the person, and the workspace of the call.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};
use crm_core::accounts::{Entry, Origin};
use crm_core::{Actor, KeyGrant, WorkspaceId, token};

use super::forgery::DOORS;
use super::session_store::{self, SessionUser};
use crate::error::AppError;
use crate::state::App;

/// Name of the cookie that remembers which workspace the pages show.
pub const WORKSPACE_COOKIE: &str = "pi-crm-workspace";

/// A signed-in caller.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The person.
    pub user: SessionUser,
    /// The API key the call shows instead of a session.
    pub key: Option<KeyGrant>,
    /// What state-changing requests of a session must repeat.
    pub csrf_token: String,
    /// The workspace of the call.
    pub entry: Entry,
}

/// Client address and browser of a request.
pub fn origin(req: &ServiceRequest) -> Origin {
    origin_of(req.request())
}

/// The same of a request that has reached its handler.
pub fn origin_of(req: &actix_web::HttpRequest) -> Origin {
    Origin { ip_address: address(req), user_agent: agent(req.headers()) }
}

/// Where the caller is: the other end of the connection, or whom a proxy of ours has there.
fn address(req: &actix_web::HttpRequest) -> Option<String> {
    let peer = req.peer_addr()?.ip();
    let app = req.app_data::<web::Data<App>>()?;
    let forwarded = req.headers().get_all("x-forwarded-for");
    // A value that is no text is taken for a hop nobody can read.
    let forwarded = forwarded.map(|value| value.to_str().unwrap_or("?"));
    Some(app.config.trusted_proxies.client(peer, forwarded).to_string())
}

fn agent(headers: &actix_web::http::header::HeaderMap) -> Option<String> {
    headers.get("user-agent").and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The token a session's requests must repeat, derived from the session's own.
pub fn csrf_token(signing_key: &[u8], session_token: &str) -> String {
    token::sign(signing_key, "csrf", session_token)
}

/// Notes the caller in the request's extensions, for the extractors. Where that cannot be done, the answer says why.
///
/// # Errors
/// None of its own.
pub async fn authenticate(
    app: web::Data<App>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match identify(&app, &req).await {
        Ok(()) => {
            let answer = next.call(req).await?.map_into_boxed_body();
            note_refusal(&app, &answer).await;
            Ok(answer)
        }
        Err(err) => Ok(req.error_response(err)),
    }
}

/// Notes in the audit log who was refused which right. The refusal stands, whether that can be written or not.
async fn note_refusal(app: &App, answer: &ServiceResponse<BoxBody>) {
    let error = answer.response().extensions().get::<AppError>().cloned();
    let Some(right) = error.and_then(|error| error.lacking) else { return };
    let identity = answer.request().extensions().get::<Identity>().cloned();
    let Some(identity) = identity else { return };
    let (actor, place) = match &identity.entry {
        Entry::Entered(scope) => {
            (scope.actor().clone(), Some((scope.workspace_id(), scope.role())))
        }
        Entry::Choose | Entry::Nowhere => {
            let from = address(answer.request());
            (Actor::user(identity.user.id, from), None)
        }
    };
    let pattern = answer.request().match_pattern().unwrap_or_default();
    let route = format!("{} {pattern}", answer.request().method());
    if let Err(error) = app.services.notes.refused(&actor, place, right, &route).await {
        tracing::error!(%error, "a refusal was not noted");
    }
}

async fn identify(app: &App, req: &ServiceRequest) -> Result<(), AppError> {
    let api = req.path().starts_with("/api/");
    // A key wins over a cookie, and a wrong one never falls back to it.
    let key = if api && !DOORS.contains(&req.path()) { shown_key(req) } else { None };
    let identity = match key {
        Some(key) => Some(by_key(app, req, &key).await?),
        None => by_session(app, req, api).await?,
    };
    if let Some(identity) = identity {
        req.extensions_mut().insert(identity);
    }
    if api {
        let caller =
            req.extensions().get::<Identity>().map(|identity| identity.user.id.to_string());
        let caller = caller.or_else(|| origin(req).ip_address).unwrap_or_default();
        app.limits.api(&caller)?;
    }
    Ok(())
}

/// The key of the `X-Api-Key` header. One that cannot be read, or two, is one nobody has.
fn shown_key(req: &ServiceRequest) -> Option<String> {
    let mut shown = req.headers().get_all("x-api-key");
    let first = shown.next()?;
    let key = if shown.next().is_none() { first.to_str().unwrap_or_default() } else { "" };
    Some(key.to_owned())
}

async fn by_key(app: &App, req: &ServiceRequest, key: &str) -> Result<Identity, AppError> {
    let from = origin(req);
    let keys = &app.services.keys;
    let admitted = match keys.admit(key, &from).await? {
        Ok(admitted) => admitted,
        Err(refused) => {
            let address = from.ip_address.as_deref();
            tracing::warn!(reason = refused.reason, address, "an API key was refused");
            app.limits.wrong_key(address)?;
            keys.note_refusal(&refused, &from).await?;
            return Err(AppError::bad_key());
        }
    };
    let user = SessionUser::from(admitted.user);
    let entry = match wanted(req, true) {
        Err(()) => Entry::Nowhere,
        Ok(wanted) => match enter(app, &user, wanted, from, true).await? {
            Entry::Entered(scope) => Entry::Entered(scope.through_key(admitted.grant.clone())),
            other => other,
        },
    };
    Ok(Identity { user, key: Some(admitted.grant), csrf_token: String::new(), entry })
}

async fn by_session(
    app: &App,
    req: &ServiceRequest,
    api: bool,
) -> Result<Option<Identity>, AppError> {
    let (user, token) = (session_store::user(req), session_store::token(req));
    let (Some(user), Some(session_token)) = (user, token) else { return Ok(None) };
    let entry = match wanted(req, api) {
        Err(()) => Entry::Nowhere,
        Ok(wanted) => enter(app, &user, wanted, origin(req), api).await?,
    };
    let csrf_token = csrf_token(app.config.secrets.signing_key(), &session_token);
    Ok(Some(Identity { user, key: None, csrf_token, entry }))
}

async fn enter(
    app: &App,
    user: &SessionUser,
    wanted: Option<WorkspaceId>,
    from: Origin,
    api: bool,
) -> Result<Entry, AppError> {
    let accounts = &app.services.accounts;
    let entry = accounts.enter(user.id, wanted, from.ip_address.clone()).await?;
    // A page without a choice shows the oldest workspace; an API call without one is refused.
    if api || matches!(entry, Entry::Entered(_)) {
        return Ok(entry);
    }
    let first = accounts.memberships(user.id).await?.into_iter().next();
    match first {
        Some(first) => {
            Ok(accounts.enter(user.id, Some(first.workspace.id), from.ip_address).await?)
        }
        None => Ok(Entry::Nowhere),
    }
}

/// The workspace the request names, if it names one.
fn wanted(req: &ServiceRequest, api: bool) -> Result<Option<WorkspaceId>, ()> {
    if !api {
        let cookie = req.cookie(WORKSPACE_COOKIE);
        return Ok(cookie.and_then(|cookie| cookie.value().parse().ok()));
    }
    let header = match req.headers().get("x-workspace-id") {
        Some(value) => Some(value.to_str().map_err(|_| ())?.to_owned()),
        None => None,
    };
    let query =
        web::Query::<std::collections::HashMap<String, String>>::from_query(req.query_string());
    let query = query.ok().and_then(|query| query.get("workspace_id").cloned());
    match (header, query) {
        (Some(header), Some(query)) if header != query => Err(()),
        (Some(id), _) | (None, Some(id)) => id.parse().map(Some).map_err(|_| ()),
        (None, None) => Ok(None),
    }
}
