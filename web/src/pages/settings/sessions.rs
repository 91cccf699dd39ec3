//! `/settings/sessions`: where a person is signed in.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::accounts::{ABSOLUTE_LIFETIME, IDLE_LIFETIME, OpenSession};

use super::own_shell;
use crate::door;
use crate::error::AppError;
use crate::extract::SignedIn;
use crate::pages::frame;
use crate::state::App;
use crate::views::Flash;
use crate::views::account::{SessionRow, SessionsPage};

const DAY: u64 = 24 * 60 * 60;

pub(super) async fn show(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let own = door::own_session(&app, &req);
    let found = app.services.credentials.sessions(caller.identity.user.id).await?;
    let view = SessionsPage {
        shell: own_shell(&app, &req, &caller, "Sessions").await?,
        sessions: found.into_iter().map(|session| row(session, own.as_deref())).collect(),
        idle_days: IDLE_LIFETIME.as_secs() / DAY,
        absolute_days: ABSOLUTE_LIFETIME.as_secs() / DAY,
    };
    frame::ok(&app, &req, &view)
}

/// A session as the pages show it.
pub(super) fn row(session: OpenSession, own: Option<&str>) -> SessionRow {
    SessionRow {
        is_current: own == Some(session.id.as_str()),
        id: session.id,
        browser: browser(session.user_agent.as_deref().unwrap_or_default()),
        ip_address: session.ip_address.unwrap_or_default(),
        created_at: session.created_at.to_string(),
        last_seen_at: session.last_seen_at.to_string(),
    }
}

/// What a browser calls itself, in words. The more special names come first: every browser claims to be others too.
fn browser(agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let program = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Vivaldi", "Vivaldi"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "Some program".to_owned(),
    }
}

pub(super) async fn end(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    let user_id = caller.identity.user.id;
    if door::end_session(&app, &req, &caller.actor, user_id, &id).await? {
        return Ok(frame::lead_to(&app, "/login", None));
    }
    let said = Flash::ok("The session has ended.");
    Ok(frame::lead_to(&app, "/settings/sessions", Some(said)))
}

pub(super) async fn end_others(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let own = door::own_session(&app, &req);
    let user_id = caller.identity.user.id;
    app.services.credentials.end_sessions(&caller.actor, user_id, own.as_deref()).await?;
    let said = Flash::ok("All other sessions have ended.");
    Ok(frame::lead_to(&app, "/settings/sessions", Some(said)))
}

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn browsers_are_told_apart() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/146.0 Safari/537.36 Edg/146.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) Version/20.0 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5.0", "curl"),
            ("", "Some program"),
        ] {
            assert_eq!(browser(agent), words);
        }
    }
}
