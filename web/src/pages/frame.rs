//! What every page handler uses: the shell around a page, rendering, and leading on to another page.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, HttpResponseBuilder};
use crm_core::accounts::Origin;
use crm_core::{PageRequest, Permission, Role, Scope, WorkspaceId};

use super::flash;
use crate::error::AppError;
use crate::extract::Allow;
use crate::middleware::authenticate::{Identity, WORKSPACE_COOKIE};
use crate::state::App;
use crate::views::common::FormErrors;
use crate::views::door::Door;
use crate::views::{Flash, NavCounts, Section, Shell, Theme, View, WorkspaceLink};

/// Cookie of the person's choice of colours.
pub const THEME_COOKIE: &str = "pi-crm-theme";

/// The shell around a page of a signed-in person.
///
/// # Errors
/// Where the workspace cannot be read.
pub async fn shell<R>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    section: Section,
    title: impl Into<String>,
) -> Result<Shell, AppError> {
    build(app, req, allow.identity(), allow.scope(), section, title.into()).await
}

/// The same for callers that have no `Allow`.
///
/// # Errors
/// Where the workspace cannot be read.
pub async fn build(
    app: &App,
    req: &HttpRequest,
    identity: &Identity,
    scope: &Scope,
    section: Section,
    title: String,
) -> Result<Shell, AppError> {
    let services = &app.services;
    let workspace = services.accounts.workspace(scope).await?;
    let members = services.accounts.members(scope).await?;
    let mine = services.accounts.memberships(identity.user.id).await?;
    let workspaces = mine.into_iter().map(|one| WorkspaceLink {
        id: one.workspace.id.to_string(),
        is_current: one.workspace.id == workspace.id,
        name: one.workspace.name,
    });
    Ok(Shell {
        title,
        section,
        workspaces: workspaces.collect(),
        workspace_name: workspace.name,
        member_count: u64::try_from(members.len()).unwrap_or_default(),
        currency: workspace.currency,
        time_zone: workspace.time_zone,
        user_name: identity.user.name.clone(),
        user_id: identity.user.id.to_string(),
        user_role: role_name(scope.role()).to_owned(),
        reads_audit: scope.allows(Permission::AuditRead),
        is_admin: identity.user.is_admin,
        csrf_token: identity.csrf_token.clone(),
        flash: flash::read(app, req),
        theme: theme(req),
        counts: counts(app, scope).await?,
        now: services.ctx.now().to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        path: req.uri().path_and_query().map_or_else(String::new, ToString::to_string),
        refresh_seconds: None,
    })
}

async fn counts(app: &App, scope: &Scope) -> Result<NavCounts, AppError> {
    let services = &app.services;
    let one = || PageRequest { limit: 1, cursor: None };
    let waiting = services.campaigns.attention(scope).await?;
    let may = |permission, number| if scope.allows(permission) { number } else { 0 };
    let inbox = may(Permission::CampaignsApprove, waiting.approvals)
        + may(Permission::CampaignsSend, waiting.in_doubt + waiting.stopped);
    let practice = services.practice.list(scope, "", one()).await?.total;
    Ok(NavCounts {
        contacts: Some(services.contacts.counts(scope).await?.total),
        inbox: Some(inbox).filter(|n| *n > 0),
        practice: Some(practice).filter(|n| *n > 0),
    })
}

/// A role as a word for people.
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Editor => "Editor",
        Role::Reviewer => "Reviewer",
        Role::Viewer => "Viewer",
    }
}

/// What a role may do, as a sentence.
pub const fn role_says(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owners do everything, and can delete the workspace.",
        Role::Admin => "Admins do everything but delete the workspace.",
        Role::Editor => "Editors work with contacts and templates, and send what was approved.",
        Role::Reviewer => "Reviewers see everything, and approve or reject campaigns.",
        Role::Viewer => "Viewers see everything and change nothing.",
    }
}

/// Who a request is from, for pages that are open to everybody.
pub fn identity(req: &HttpRequest) -> Option<Identity> {
    req.extensions().get::<Identity>().cloned()
}

/// The cookie that makes the pages show this workspace.
pub fn workspace_cookie(app: &App, id: WorkspaceId) -> Cookie<'static> {
    Cookie::build(WORKSPACE_COOKIE, id.to_string())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.config.is_https())
        .max_age(Duration::days(400))
        .finish()
}

/// The frame of a page without navigation.
pub fn door(app: &App, req: &HttpRequest) -> Door {
    Door {
        theme: theme(req),
        csrf_token: String::new(),
        flash: flash::read(app, req),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn theme(req: &HttpRequest) -> Theme {
    match req.cookie(THEME_COOKIE).as_ref().map(Cookie::value) {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::Auto,
    }
}

/// A rendered page.
///
/// # Errors
/// 500 where the template fails.
pub fn page<V: View>(
    app: &App,
    req: &HttpRequest,
    status: StatusCode,
    view: &V,
) -> Result<HttpResponse, AppError> {
    let html = app.views.page(view).map_err(|err| {
        let cause = std::error::Error::source(&err).map(ToString::to_string).unwrap_or_default();
        AppError::internal(format!("{err}: {cause}"))
    })?;
    Ok(html_answer(app, req, status, html))
}

/// HTML that is ready, such as one component for htmx.
pub fn html_answer(app: &App, req: &HttpRequest, status: StatusCode, html: String) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"));
    if flash::is_there(req) {
        answer.cookie(flash::gone(app));
    }
    answer.body(html)
}

/// 200 with a page.
///
/// # Errors
/// 500 where the template fails.
pub fn ok<V: View>(app: &App, req: &HttpRequest, view: &V) -> Result<HttpResponse, AppError> {
    page(app, req, StatusCode::OK, view)
}

/// The form again, with what is wrong: 422, or 409 where two people want different things.
///
/// # Errors
/// 500 where the template fails.
pub fn again<V: View>(
    app: &App,
    req: &HttpRequest,
    error: &AppError,
    view: &V,
) -> Result<HttpResponse, AppError> {
    page(app, req, refusal(error), view)
}

/// The status of a form that comes back. A program names a version by `If-Match` and is told that this condition failed
/// (412); a form knows nothing of conditions.
pub fn refusal(error: &AppError) -> StatusCode {
    if error.code == "stale" { StatusCode::CONFLICT } else { error.status() }
}

/// What is wrong, for a form. Errors about fields the form does not have are shown above it.
pub fn form_errors(error: &AppError, fields: &[&str]) -> FormErrors {
    let mut errors = FormErrors::none();
    for (field, problem) in &error.fields {
        if fields.contains(&field.as_str()) {
            errors = errors.with(field.clone(), sentence(problem));
        }
    }
    if errors.fields.is_empty() {
        errors.general = Some(sentence(&error.message));
    }
    errors
}

/// A service's message as a sentence of its own.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let mut sentence: String =
        chars.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    sentence.push_str(chars.as_str());
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// Leads on to `path`, with a message for the page there.
pub fn lead_to(app: &App, path: &str, message: Option<Flash>) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((header::LOCATION, path.to_owned()));
    if let Some(message) = message {
        answer.cookie(flash::cookie(app, &message));
    }
    answer.finish()
}

/// A path of this server to go to next, from a form or a query; anything else becomes `fallback`.
pub fn local_path<'a>(next: &'a str, fallback: &'a str) -> &'a str {
    // `//host` and `/\host` lead off the site.
    let local = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n', '\t']);
    if local { next } else { fallback }
}

/// Whether the caller is htmx asking for a part of a page.
pub fn is_partial(req: &HttpRequest) -> bool {
    req.headers().get("hx-request-type").is_some_and(|value| value == "partial")
}

/// Client address and browser of a request.
pub fn origin(req: &HttpRequest) -> Origin {
    crate::middleware::authenticate::origin_of(req)
}

/// An answer that goes on: server-sent events, to be given their stream.
pub fn event_stream() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        // Neither we nor a proxy may keep pieces back to pack them.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"));
    answer
}
