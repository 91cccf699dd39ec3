//! Trying a provider out with a message to the person who set it up.

use std::time::{Duration, Instant};

use crm_core::{EmailAddress, Phone, ProviderId, Scope, workspace};

use super::open::{self, Kind};
use super::sea::note_test;
use super::{
    ProviderConfig, ProviderKind, Providers as _, ProvidersError, Result, SeaProviders, TestStep,
};
use crate::carrier::{Carrier, Outgoing};
use crate::email::{Outcome, OutgoingEmail};
use crate::outbound::OutboundError;
use crate::text::OutgoingText;
use crate::twilio;

/// How long a test may take: a person waits for it.
const LIMIT: Duration = Duration::from_secs(10);

pub(super) async fn run(
    on: &SeaProviders,
    scope: &Scope,
    id: ProviderId,
    to: &str,
) -> Result<Option<Vec<TestStep>>> {
    let Some(opened) = open::run(on, scope, id).await? else { return Ok(None) };
    let carrier = opened.carrier();
    let message = message(on, scope, &carrier, to).await?;
    if let Err(blocked) = reach(on, scope, id).await {
        note_test(on, scope, id, to, Some(blocked.to_string())).await?;
        return Err(blocked);
    }
    let steps = match (&opened.kind, &message) {
        (Kind::Smtp(provider), Outgoing::Email(message)) => provider.test(message, LIMIT).await,
        (Kind::Mailgun(provider), Outgoing::Email(message)) => provider.test(message, LIMIT).await,
        (Kind::Mailbox(provider), Outgoing::Email(message)) => provider.test(message, LIMIT).await,
        (Kind::Twilio(_), Outgoing::Text(message)) => match &carrier {
            // A test is paid for like any other message.
            Carrier::Text(provider) => twilio::test(provider.as_ref(), message, LIMIT).await,
            Carrier::Email(_) => Vec::new(),
        },
        _ => vec![practice(&carrier, &message).await],
    };
    let error = steps.iter().find(|step| !step.ok).map(|step| step.message.clone());
    note_test(on, scope, id, to, error).await?;
    Ok(Some(steps))
}

/// Refuses a host that lies on a private network by now, as it would have been refused when it was saved.
async fn reach(on: &SeaProviders, scope: &Scope, id: ProviderId) -> Result<()> {
    let config = match on.get(scope, id).await?.map(|provider| provider.config) {
        Some(ProviderConfig::Smtp(config)) => config,
        Some(ProviderConfig::Mailgun(config)) => {
            return super::mailgun::reachable(on, &config).await;
        }
        Some(ProviderConfig::Twilio(config)) => {
            return super::twilio::reachable(on, &config).await;
        }
        // The addresses of mailboxes are known, or the operator's.
        Some(
            ProviderConfig::Practice
            | ProviderConfig::PracticeText
            | ProviderConfig::Gmail(_)
            | ProviderConfig::Outlook(_),
        )
        | None => return Ok(()),
    };
    match on.outbound.resolve(&config.host, config.port).await {
        Err(OutboundError::Blocked(host)) => Err(ProvidersError::OutboundBlocked(host)),
        // A host that is not found is a step of the test that fails.
        Err(OutboundError::NotFound(_)) | Ok(_) => Ok(()),
    }
}

async fn practice(carrier: &Carrier, message: &Outgoing) -> TestStep {
    let begin = Instant::now();
    let (ok, message) = match carrier.send(message).await {
        Outcome::Accepted { .. } => (true, "kept in the practice outbox".to_owned()),
        Outcome::Transient { message, .. }
        | Outcome::Permanent { message, .. }
        | Outcome::Blocked { message, .. }
        | Outcome::Unknown { message } => (false, message),
    };
    let millis = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    TestStep { step: "send", ok, message, millis }
}

/// A message to try a provider out with.
///
/// # Errors
/// [`ProvidersError::InvalidRecipient`].
async fn message(
    on: &SeaProviders,
    scope: &Scope,
    carrier: &Carrier,
    to: &str,
) -> Result<Outgoing> {
    match carrier {
        Carrier::Email(provider) => {
            let to = EmailAddress::parse(to).ok().filter(|to| to.as_str().is_ascii());
            let to = to.ok_or(ProvidersError::InvalidRecipient(ProviderKind::Email))?;
            Ok(Outgoing::Email(email(on, scope, to, provider.sender().email.domain())))
        }
        Carrier::Text(_) => {
            let region = workspace::read(&on.ctx.db, scope).await?.default_region;
            let to = Phone::parse(to, &region)
                .map_err(|_| ProvidersError::InvalidRecipient(ProviderKind::Text))?;
            Ok(Outgoing::Text(OutgoingText {
                recipient_id: None,
                workspace_id: scope.workspace_id(),
                campaign_id: None,
                contact_id: None,
                to,
                body: "Test message from pi-crm. It arrived, so text messages can be sent."
                    .to_owned(),
            }))
        }
    }
}

fn email(on: &SeaProviders, scope: &Scope, to: EmailAddress, domain: &str) -> OutgoingEmail {
    let domain = on.public_host.as_deref().unwrap_or(domain);
    OutgoingEmail {
        recipient_id: None,
        workspace_id: scope.workspace_id(),
        campaign_id: None,
        contact_id: None,
        message_id: format!("{}@{domain}", on.ctx.ids.uuid()),
        to,
        to_name: None,
        subject: "Test message from pi-crm".to_owned(),
        html: "<p>This is a test message from pi-crm.</p>\
            <p>It arrived, so messages can be sent through this provider.</p>"
            .to_owned(),
        text: "This is a test message from pi-crm.\n\n\
            It arrived, so messages can be sent through this provider.\n"
            .to_owned(),
        unsubscribe: None,
        return_path: None,
    }
}
