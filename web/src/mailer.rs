//! Sends the program's own mail, through the provider a workspace has chosen.

use std::time::Duration;

use crm_core::{EmailAddress, Scope};
use crm_providers::{Carrier, Outcome, OutgoingEmail, ProviderKind};

use crate::error::AppError;
use crate::state::App;
use crate::views::mail::{Mail, MailView};

/// How long a person waits for their mail to be taken.
const LIMIT: Duration = Duration::from_secs(10);

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mailed {
    /// The mail server took it.
    Sent,
    /// The workspace has nothing that sends.
    NoProvider,
    /// It was not taken; why, in words.
    Failed(String),
}

impl Mailed {
    /// Whether it left.
    pub const fn is_sent(&self) -> bool {
        matches!(self, Self::Sent)
    }
}

/// Sends `view` to `to` through the workspace's default provider.
///
/// The practice outbox does not count: it sends nothing, and every member could read there what is meant for one
/// person only.
///
/// # Errors
/// Where the mail cannot be rendered or the provider cannot be read.
pub async fn send<V: MailView>(
    app: &App,
    scope: &Scope,
    to: &EmailAddress,
    view: &V,
) -> Result<Mailed, AppError> {
    let providers = &app.services.providers;
    let Some(provider) = providers.default(scope, ProviderKind::Email).await? else {
        return Ok(Mailed::NoProvider);
    };
    if provider.config.is_practice() {
        return Ok(Mailed::NoProvider);
    }
    let mail = app.views.mail(view).map_err(AppError::internal)?;
    let opened = match providers.open(scope, provider.id).await {
        Ok(opened) => opened.and_then(Carrier::email),
        Err(err) => return Ok(Mailed::Failed(err.to_string())),
    };
    let Some(opened) = opened else { return Ok(Mailed::NoProvider) };
    let domain = app.config.public_host();
    let domain = domain.as_deref().unwrap_or_else(|| opened.sender().email.domain());
    let message = message(app, scope, to, domain, mail);
    let Ok(outcome) = tokio::time::timeout(LIMIT, opened.send(&message)).await else {
        return Ok(Mailed::Failed("the mail server does not answer".to_owned()));
    };
    Ok(match outcome {
        Outcome::Accepted { .. } => Mailed::Sent,
        Outcome::Transient { message, .. }
        | Outcome::Permanent { message, .. }
        | Outcome::Blocked { message, .. }
        | Outcome::Unknown { message } => Mailed::Failed(message),
    })
}

fn message(app: &App, scope: &Scope, to: &EmailAddress, domain: &str, mail: Mail) -> OutgoingEmail {
    OutgoingEmail {
        recipient_id: None,
        workspace_id: scope.workspace_id(),
        campaign_id: None,
        contact_id: None,
        message_id: format!("{}@{domain}", app.services.ctx.ids.uuid()),
        to: to.clone(),
        to_name: None,
        subject: mail.subject,
        html: mail.html,
        text: mail.text,
        unsubscribe: None,
        return_path: None,
    }
}
