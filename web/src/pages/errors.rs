//! Errors as pages.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use crm_core::accounts::Entry;

use super::{flash, frame};
use crate::error::AppError;
use crate::middleware::authenticate::Identity;
use crate::state::App;
use crate::views::door::Door;
use crate::views::errors::{DoorErrorPage, ErrorPage, Problem};
use crate::views::{Section, View};

/// Leads somebody who is not signed in to the sign-in page, or to the first-run page while there is no user.
pub fn to_login(app: &App, next: &str) -> HttpResponse {
    if app.setup.is_open() {
        return frame::lead_to(app, "/setup", None);
    }
    if next.is_empty() || next == "/" {
        return frame::lead_to(app, "/login", None);
    }
    let query = serde_urlencode(next);
    frame::lead_to(app, &format!("/login?next={query}"), None)
}

/// Percent-encodes a query value (RFC 3986: everything but unreserved characters).
pub(super) fn serde_urlencode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// The page for an error: inside the shell for somebody signed in, else by itself.
pub async fn page(
    app: &App,
    req: &actix_web::HttpRequest,
    identity: Option<&Identity>,
    error: &AppError,
) -> HttpResponse {
    let status = error.status();
    let (title, safe) = Problem::words(status.as_u16());
    let known = status.is_client_error() && status != StatusCode::NOT_FOUND;
    let message =
        if known { format!("{} {safe}", frame::sentence(&error.message)) } else { safe.to_owned() };
    let problem = Problem {
        status: status.as_u16(),
        title: title.to_owned(),
        message,
        request_id: app.services.ctx.ids.uuid().to_string(),
        at: app.services.ctx.now().to_string(),
        back_url: "/dashboard".to_owned(),
    };
    if status.is_server_error() {
        tracing::error!(
            request_id = problem.request_id,
            path = req.match_pattern().as_deref().unwrap_or_default(),
            "answered {status}"
        );
    }
    let mut problem = problem;
    // Somebody who was taken out of their last workspace finds nothing anywhere, and is told why.
    if status == StatusCode::NOT_FOUND
        && identity.is_some_and(|identity| identity.entry == Entry::Nowhere)
    {
        "You are in no workspace".clone_into(&mut problem.title);
        "You were taken out of it, or it was deleted. Make one of your own, or ask for an invitation."
            .clone_into(&mut problem.message);
        "/settings/workspaces".clone_into(&mut problem.back_url);
    }
    let inside = match identity {
        Some(identity) => shell(app, req, identity, title).await,
        None => None,
    };
    if let Some(shell) = inside {
        render(app, status, &ErrorPage { shell, problem })
    } else {
        let door = Door { version: env!("CARGO_PKG_VERSION").to_owned(), ..Door::default() };
        render(app, status, &DoorErrorPage { door, problem })
    }
}

/// The shell, if it can be built: an error page must not fail over it.
async fn shell(
    app: &App,
    req: &actix_web::HttpRequest,
    identity: &Identity,
    title: &str,
) -> Option<crate::views::Shell> {
    let Entry::Entered(scope) = &identity.entry else { return None };
    frame::build(app, req, identity, scope, Section::default(), title.to_owned()).await.ok()
}

fn render<V: View>(app: &App, status: StatusCode, view: &V) -> HttpResponse {
    let html = app.views.page(view).unwrap_or_else(|err| {
        tracing::error!(%err, "the error page could not be rendered");
        "<!doctype html><title>pi-crm</title><h1>This page could not be made</h1>".to_owned()
    });
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .cookie(flash::gone(app))
        .body(html)
}
