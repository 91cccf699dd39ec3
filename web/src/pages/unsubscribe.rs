//! `/u/{token}`: the link with which a recipient stops further messages. A GET shows a button and changes nothing; a
//! POST acts, from the page or as one click of a mail program (RFC 8058).

use actix_web::web::{Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use crm_campaigns::campaigns::UnsubscribeLinks;
use crm_core::{RecipientId, Scope, WorkspaceId, token};

use super::frame;
use crate::config::Config;
use crate::error::AppError;
use crate::state::App;
use crate::views::door::{UnsubscribePage, UnsubscribeState};

const PURPOSE: &str = "unsubscribe";

/// Links signed with the installation's key; they name a workspace and a row of the ledger.
pub struct SignedLinks {
    public_url: Option<String>,
    key: Vec<u8>,
}

impl SignedLinks {
    /// Links on the public address of the settings.
    pub fn new(config: &Config) -> Self {
        Self { public_url: config.public_url.clone(), key: config.secrets.signing_key().to_vec() }
    }
}

impl UnsubscribeLinks for SignedLinks {
    fn url(&self, scope: &Scope, recipient: RecipientId) -> Option<String> {
        let public = self.public_url.as_deref()?;
        let body =
            format!("{}{}", scope.workspace_id().as_uuid().simple(), recipient.as_uuid().simple());
        let signature = token::sign(&self.key, PURPOSE, &body);
        Some(format!("{public}/u/{body}.{signature}"))
    }
}

/// What a link names, if we made it.
fn open(key: &[u8], text: &str) -> Option<(WorkspaceId, RecipientId)> {
    let (body, signature) = text.split_once('.')?;
    if !token::equal(signature, &token::sign(key, PURPOSE, body)) {
        return None;
    }
    let (workspace, recipient) = body.split_at_checked(32)?;
    Some((workspace.parse().ok()?, recipient.parse().ok()?))
}

/// `/u/{token}`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/u/{token}").route(web::get().to(show)).route(web::post().to(act)));
}

async fn show(
    app: Data<App>,
    req: HttpRequest,
    link: Path<String>,
) -> Result<HttpResponse, AppError> {
    answer(&app, &req, &link, false).await
}

async fn act(
    app: Data<App>,
    req: HttpRequest,
    link: Path<String>,
) -> Result<HttpResponse, AppError> {
    answer(&app, &req, &link, true).await
}

async fn answer(
    app: &App,
    req: &HttpRequest,
    link: &str,
    act: bool,
) -> Result<HttpResponse, AppError> {
    let mut view = UnsubscribePage {
        door: frame::door(app, req),
        action: req.path().to_owned(),
        state: UnsubscribeState::Invalid,
        ..UnsubscribePage::default()
    };
    let found = match open(app.config.secrets.signing_key(), link) {
        Some((workspace_id, recipient)) => {
            let scope = Scope::for_job(workspace_id, "unsubscribe link");
            let address = app.services.campaigns.unsubscribe_target(&scope, recipient).await?;
            address.map(|(address, campaign)| (scope, address, campaign))
        }
        None => None,
    };
    let Some((scope, address, campaign)) = found else {
        return frame::page(app, req, actix_web::http::StatusCode::NOT_FOUND, &view);
    };
    view.workspace_name = app.services.accounts.workspace(&scope).await?.name;
    view.address = address.to_string();
    view.state = UnsubscribeState::Ask;
    if act {
        app.services.campaigns.unsubscribe(&scope, &address, Some(campaign)).await?;
        view.state = UnsubscribeState::Done;
    }
    frame::ok(app, req, &view)
}
