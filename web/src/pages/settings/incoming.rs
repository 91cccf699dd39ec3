//! `/settings/incoming`: the mailbox a workspace reads, a look into it, and whether anybody can reach this machine.

use actix_web::web::{self, Data, Form, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::mailbox::{Look, Mailbox, NewMailbox};
use crm_core::{Permission, Timestamp};
use crm_providers::imap::ImapPlace;
use crm_providers::providers::Security;
use secrecy::SecretString;
use serde::Deserialize;

use crate::error::AppError;
use crate::extract::{Allow, Right, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::common::FormErrors;
use crate::views::incoming::{IncomingForm, IncomingPage, MailboxBox, ReadableAccount};
use crate::views::providers::{TestResult, TestStage};
use crate::views::{Flash, Section};

/// The port of IMAP with TLS from the start.
const IMAPS: u16 = 993;

const HERE: &str = "/settings/incoming";
const FIELDS: [&str; 8] =
    ["address", "provider_id", "host", "port", "security", "username", "password", "folder"];

/// `/settings/incoming…`
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/settings/incoming")
                .route(web::get().to(show))
                .route(web::post().to(save)),
        )
        .route("/settings/incoming/check", web::post().to(check))
        .route("/settings/incoming/closed", web::post().to(switch))
        .route("/settings/incoming/remove", web::post().to(remove));
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    address: String,
    provider_id: String,
    host: String,
    port: String,
    security: String,
    username: String,
    password: String,
    folder: String,
    is_enabled: String,
    version: String,
}

impl Typed {
    fn mailbox(&self) -> Result<NewMailbox, AppError> {
        let provider_id = match self.provider_id.as_str() {
            "" => None,
            id => Some(
                id.parse().map_err(|_| AppError::invalid("provider_id", "choose an account"))?,
            ),
        };
        // A connected account has a server of its own, whatever stands in the fields it hides.
        let port = match provider_id {
            Some(_) => Ok(IMAPS),
            None => self.port.trim().parse(),
        };
        Ok(NewMailbox {
            provider_id,
            address: self.address.clone(),
            place: ImapPlace {
                host: self.host.clone(),
                port: port
                    .map_err(|_| AppError::invalid("port", "enter a port from 1 to 65535"))?,
                security: match self.security.as_str() {
                    "none" => Security::None,
                    "starttls" => Security::Starttls,
                    _ => Security::Tls,
                },
                username: self.username.clone(),
                folder: self.folder.clone(),
            },
            password: Some(self.password.clone())
                .filter(|text| !text.is_empty())
                .map(SecretString::from),
            is_enabled: !self.is_enabled.is_empty(),
        })
    }

    fn form(&self) -> IncomingForm {
        IncomingForm {
            address: self.address.clone(),
            provider_id: self.provider_id.clone(),
            host: self.host.clone(),
            port: self.port.clone(),
            security: self.security.clone(),
            username: self.username.clone(),
            folder: self.folder.clone(),
            is_enabled: !self.is_enabled.is_empty(),
        }
    }
}

fn form(mailbox: &Mailbox) -> IncomingForm {
    IncomingForm {
        address: mailbox.address.clone(),
        provider_id: mailbox.provider_id.map(|id| id.to_string()).unwrap_or_default(),
        host: mailbox.place.host.clone(),
        port: mailbox.place.port.to_string(),
        security: match mailbox.place.security {
            Security::None => "none",
            Security::Starttls => "starttls",
            Security::Tls => "tls",
        }
        .to_owned(),
        username: mailbox.place.username.clone(),
        folder: mailbox.place.folder.clone(),
        is_enabled: mailbox.is_enabled,
    }
}

fn stored(mailbox: &Mailbox) -> MailboxBox {
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
    MailboxBox {
        address: mailbox.address.clone(),
        is_account: mailbox.provider_id.is_some(),
        state: mailbox.state.as_str().to_owned(),
        last_checked_at: at(mailbox.last_checked_at),
        last_success_at: at(mailbox.last_success_at),
        last_error: mailbox.last_error.as_deref().map(frame::sentence),
        version: mailbox.version.to_string(),
    }
}

async fn page<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    typed: Option<(IncomingForm, FormErrors)>,
    look: Option<TestResult>,
) -> Result<IncomingPage, AppError> {
    let (scope, incoming) = (allow.scope(), &app.services.incoming);
    let mailbox = incoming.get(scope).await?;
    let (form, errors) = typed.unwrap_or_else(|| {
        let form = mailbox.as_ref().map_or_else(IncomingForm::default, form);
        (form, FormErrors::none())
    });
    let accounts = incoming.accounts(scope).await?.into_iter();
    let accounts = accounts.map(|found| ReadableAccount {
        id: found.id.to_string(),
        address: found.account,
        server: found.server.host,
    });
    Ok(IncomingPage {
        accounts: accounts.collect(),
        shell: frame::shell(app, req, allow, Section::Settings, "Incoming mail").await?,
        form,
        errors,
        mailbox: mailbox.as_ref().map(stored),
        look,
        may_write: scope.allows(Permission::ProvidersWrite),
        is_closed: incoming.is_closed(scope).await?,
        public_url: app.config.public_url.clone(),
    })
}

async fn show(
    allow: Allow<rights::ProvidersRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let view = page(&app, &req, &allow, None, None).await?;
    frame::ok(&app, &req, &view)
}

async fn save(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let saved = match typed.mailbox() {
        Ok(new) => {
            let saving = app.services.incoming.save(allow.scope(), new, typed.version.parse().ok());
            saving.await.map_err(AppError::from)
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(_) => {
            let said =
                Flash::ok("The mailbox is saved. Check it now to see whether it can be read.");
            Ok(frame::lead_to(&app, HERE, Some(said)))
        }
        Err(error) if error.is_correctable() || error.code == "stale" => {
            let typed = (typed.form(), frame::form_errors(&error, &FIELDS));
            let view = page(&app, &req, &allow, Some(typed), None).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

async fn check(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let looked = app.services.incoming.check(allow.scope()).await.map_err(AppError::from);
    let look = match looked {
        Ok(look) => result(&look),
        Err(error) if error.is_correctable() => TestResult {
            ok: false,
            message: frame::sentence(&error.message),
            ..TestResult::default()
        },
        Err(error) => return Err(error),
    };
    let view = page(&app, &req, &allow, None, Some(look)).await?;
    frame::ok(&app, &req, &view)
}

fn result(look: &Look) -> TestResult {
    // What was read is said below.
    let shown = look.steps.iter().filter(|step| step.step != "read" || !step.ok);
    let stages = shown.map(|step| TestStage {
        label: label(step.step).to_owned(),
        tone: if step.ok { "ok" } else { "bad" }.to_owned(),
        detail: format!("{} ms", step.millis),
    });
    let failed = look.steps.iter().find(|step| !step.ok);
    let said = failed.or(look.steps.last()).map(|step| frame::sentence(&step.message));
    TestResult {
        ok: failed.is_none(),
        stages: stages.collect(),
        message: said.unwrap_or_default(),
        reply: None,
    }
}

fn label(step: &str) -> &'static str {
    match step {
        "connect" => "Connected",
        "greeting" => "Answered",
        "tls" => "Encrypted",
        "sign_in" => "Signed in",
        "open" => "Folder opened",
        _ => "Read",
    }
}

async fn remove(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
) -> Result<HttpResponse, AppError> {
    let removed = app.services.incoming.remove(allow.scope()).await?;
    let said = if removed { "The mailbox is removed." } else { "There was no mailbox." };
    Ok(frame::lead_to(&app, HERE, Some(Flash::ok(said))))
}

#[derive(Deserialize)]
struct Switch {
    #[serde(default)]
    closed: String,
}

async fn switch(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    form: Form<Switch>,
) -> Result<HttpResponse, AppError> {
    let is_closed = !form.closed.is_empty();
    app.services.incoming.set_closed(allow.scope(), is_closed).await?;
    let said = if is_closed {
        "From now on nothing that is sent leads to this machine."
    } else {
        "Links in messages may lead to this machine again."
    };
    Ok(frame::lead_to(&app, HERE, Some(Flash::ok(said))))
}
