//! The message a redirect carries to the next page, in a signed cookie that is shown once.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crm_core::token;

use crate::state::App;
use crate::views::{Flash, Undo};

const COOKIE: &str = "pi-crm-flash";
/// Separates tone, what takes it back, and sentence; only the sentence, which is last, could hold it.
const BETWEEN: &str = "\n";

/// The cookie that carries `flash` to the next page.
pub fn cookie(app: &App, flash: &Flash) -> Cookie<'static> {
    let (action, back) =
        flash.undo.as_ref().map_or(("", ""), |undo| (undo.action.as_str(), undo.back.as_str()));
    let parts = [flash.tone.as_str(), action, back, flash.text.as_str()];
    let body = URL_SAFE_NO_PAD.encode(parts.join(BETWEEN));
    let signature = token::sign(app.config.secrets.signing_key(), "flash", &body);
    build(app, format!("{body}.{signature}"), Duration::minutes(5))
}

/// The cookie that takes a message away once it was shown.
pub fn gone(app: &App) -> Cookie<'static> {
    build(app, String::new(), Duration::ZERO)
}

fn build(app: &App, value: String, lifetime: Duration) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.config.is_https())
        .max_age(lifetime)
        .finish()
}

/// Whether the request carries a message.
pub fn is_there(req: &HttpRequest) -> bool {
    req.cookie(COOKIE).is_some()
}

/// The message the request carries.
pub fn read(app: &App, req: &HttpRequest) -> Option<Flash> {
    let cookie = req.cookie(COOKIE)?;
    let (body, signature) = cookie.value().split_once('.')?;
    if !token::equal(signature, &token::sign(app.config.secrets.signing_key(), "flash", body)) {
        return None;
    }
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
    let mut parts = text.splitn(4, BETWEEN).map(str::to_owned);
    let (tone, action, back) = (parts.next()?, parts.next()?, parts.next()?);
    let undo = (!action.is_empty()).then_some(Undo { action, back });
    Some(Flash { tone, text: parts.next()?, undo })
}
