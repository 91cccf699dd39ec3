//! `/o/{token}.gif`, `/c/{token}`: the picture and the links in messages of workspaces that want to know. Both are signed;
//! one that is not ours is told nothing, and leads nowhere.

use actix_web::http::header;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crm_campaigns::tracking::{Hit, TrackingLinks};
use crm_core::{RecipientId, Scope, WorkspaceId, token};

use super::frame;
use crate::config::Config;
use crate::error::AppError;
use crate::state::App;

const OPEN: &str = "open";
const CLICK: &str = "click";

/// A picture of one transparent point.
const GIF: [u8; 43] = [
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x21,
    0xf9, 4, 1, 0, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b,
];

/// Addresses signed with the installation's key.
pub struct SignedTracking {
    public_url: Option<String>,
    key: Vec<u8>,
}

impl SignedTracking {
    /// Addresses on the public address of the settings.
    pub fn new(config: &Config) -> Self {
        Self { public_url: config.public_url.clone(), key: config.secrets.signing_key().to_vec() }
    }
}

fn ids(scope: &Scope, recipient: RecipientId) -> String {
    format!("{}{}", scope.workspace_id().as_uuid().simple(), recipient.as_uuid().simple())
}

impl TrackingLinks for SignedTracking {
    fn picture(&self, scope: &Scope, recipient: RecipientId) -> Option<String> {
        let public = self.public_url.as_deref()?;
        let body = ids(scope, recipient);
        let signature = token::sign(&self.key, OPEN, &body);
        Some(format!("{public}/o/{body}.{signature}.gif"))
    }

    fn click(&self, scope: &Scope, recipient: RecipientId, url: &str) -> Option<String> {
        let public = self.public_url.as_deref()?;
        let body = format!("{}{}", ids(scope, recipient), URL_SAFE_NO_PAD.encode(url));
        let signature = token::sign(&self.key, CLICK, &body);
        Some(format!("{public}/c/{body}.{signature}"))
    }

    fn is_own(&self, url: &str) -> bool {
        let rest = self.public_url.as_deref().and_then(|public| url.strip_prefix(public));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    }
}

/// What a token names, if we made it for this purpose.
fn open<'a>(key: &[u8], purpose: &str, text: &'a str) -> Option<(Scope, RecipientId, &'a str)> {
    let (body, signature) = text.split_once('.')?;
    if !token::equal(signature, &token::sign(key, purpose, body)) {
        return None;
    }
    let (workspace, rest) = body.split_at_checked(32)?;
    let (recipient, rest) = rest.split_at_checked(32)?;
    let workspace: WorkspaceId = workspace.parse().ok()?;
    Some((Scope::for_job(workspace, "a tracked message"), recipient.parse().ok()?, rest))
}

/// `/o/{token}`, `/c/{token}`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/o/{token}")
                .route(web::get().to(picture))
                .route(web::head().to(picture)),
        )
        .service(
            web::resource("/c/{token}").route(web::get().to(click)).route(web::head().to(click)),
        );
}

fn hit(app: &App, req: &HttpRequest) -> Hit {
    let text = |name: &str| req.headers().get(name).and_then(|value| value.to_str().ok());
    let ahead = ["purpose", "sec-purpose", "x-moz", "x-purpose"];
    Hit {
        at: app.services.ctx.now(),
        user_agent: text("user-agent").unwrap_or_default().chars().take(300).collect(),
        looks_ahead: req.method() == actix_web::http::Method::HEAD
            || ahead.into_iter().any(|name| text(name).is_some()),
    }
}

/// Whether this address may have something written down now.
fn within_limit(app: &App, req: &HttpRequest) -> bool {
    app.limits.public(frame::origin(req).ip_address.as_deref()).is_ok()
}

async fn picture(app: Data<App>, req: HttpRequest, link: Path<String>) -> HttpResponse {
    let named = link.strip_suffix(".gif");
    let named = named.and_then(|link| open(app.config.secrets.signing_key(), OPEN, link));
    if let Some((scope, recipient, "")) = named
        && within_limit(&app, &req)
    {
        let noted = app.services.campaigns.note_open(&scope, recipient, hit(&app, &req)).await;
        // The picture is shown whatever becomes of the note.
        if let Err(error) = noted {
            tracing::warn!(%error, "an opened message was not noted");
        }
    }
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "image/gif"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(GIF.as_slice())
}

async fn click(
    app: Data<App>,
    req: HttpRequest,
    link: Path<String>,
) -> Result<HttpResponse, AppError> {
    let named = open(app.config.secrets.signing_key(), CLICK, &link);
    let url = named
        .as_ref()
        .and_then(|(_, _, url)| String::from_utf8(URL_SAFE_NO_PAD.decode(url).ok()?).ok());
    let (Some((scope, recipient, _)), Some(url)) = (named, url) else {
        return Err(AppError::not_found());
    };
    if within_limit(&app, &req) {
        let hit = hit(&app, &req);
        let noted = app.services.campaigns.note_click(&scope, recipient, &url, hit).await;
        // Whoever follows a link gets there, whatever becomes of the note.
        if let Err(error) = noted {
            tracing::warn!(%error, "a followed link was not noted");
        }
    }
    Ok(HttpResponse::Found()
        .insert_header((header::LOCATION, url))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .finish())
}
