//! Trying a provider out with a message to the person who set it up.

use std::time::{Duration, Instant};

use crm_core::{EmailAddress, ProviderId, Scope};

use super::open::{self, Kind};
use super::sea::note_test;
use super::{ProviderConfig, Providers as _, ProvidersError, Result, SeaProviders, TestStep};
use crate::email::{EmailProvider, Outcome, OutgoingEmail};
use crate::outbound::OutboundError;

/// How long a test may take: a person waits for it.
const LIMIT: Duration = Duration::from_secs(10);

pub(super) async fn run(
    on: &SeaProviders,
    scope: &Scope,
    id: ProviderId,
    to: &str,
) -> Result<Option<Vec<TestStep>>> {
    let to = EmailAddress::parse(to).map_err(|_| ProvidersError::InvalidRecipient)?;
    if !to.as_str().is_ascii() {
        return Err(ProvidersError::InvalidRecipient);
    }
    let Some(opened) = open::run(on, scope, id).await? else { return Ok(None) };
    let address = to.to_string();
    let message = message(on, scope, to, opened.provider().sender().email.domain());
    if let Err(blocked) = reach(on, scope, id).await {
        note_test(on, scope, id, &address, Some(blocked.to_string())).await?;
        return Err(blocked);
    }
    let steps = match &opened.kind {
        Kind::Smtp(provider) => provider.test(&message, LIMIT).await,
        Kind::Mailgun(provider) => provider.test(&message, LIMIT).await,
        Kind::Mailbox(provider) => provider.test(&message, LIMIT).await,
        Kind::Practice(provider) => vec![practice(provider.as_ref(), &message).await],
    };
    let error = steps.iter().find(|step| !step.ok).map(|step| step.message.clone());
    note_test(on, scope, id, &address, error).await?;
    Ok(Some(steps))
}

/// Refuses a host that lies on a private network by now, as it would have been refused when it was saved.
async fn reach(on: &SeaProviders, scope: &Scope, id: ProviderId) -> Result<()> {
    let config = match on.get(scope, id).await?.map(|provider| provider.config) {
        Some(ProviderConfig::Smtp(config)) => config,
        Some(ProviderConfig::Mailgun(config)) => {
            return super::mailgun::reachable(on, &config).await;
        }
        // Their addresses are known, or the operator's.
        Some(ProviderConfig::Practice | ProviderConfig::Gmail(_) | ProviderConfig::Outlook(_))
        | None => return Ok(()),
    };
    match on.outbound.resolve(&config.host, config.port).await {
        Err(OutboundError::Blocked(host)) => Err(ProvidersError::OutboundBlocked(host)),
        // A host that is not found is a step of the test that fails.
        Err(OutboundError::NotFound(_)) | Ok(_) => Ok(()),
    }
}

async fn practice(provider: &dyn EmailProvider, message: &OutgoingEmail) -> TestStep {
    let begin = Instant::now();
    let (ok, message) = match provider.send(message).await {
        Outcome::Accepted { .. } => (true, "kept in the practice outbox".to_owned()),
        Outcome::Transient { message, .. }
        | Outcome::Permanent { message, .. }
        | Outcome::Blocked { message, .. }
        | Outcome::Unknown { message } => (false, message),
    };
    let millis = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    TestStep { step: "send", ok, message, millis }
}

fn message(on: &SeaProviders, scope: &Scope, to: EmailAddress, domain: &str) -> OutgoingEmail {
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
    }
}
