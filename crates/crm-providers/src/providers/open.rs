//! Opening a provider for sending. What is opened stays open, so that its connections are shared by all who send
//! through it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crm_core::{EmailAddress, ProviderId, Scope, StoreError, Timestamp, WorkspaceId};
use tokio::task::JoinSet;

use super::rows::{self, Row};
use super::store::{Stored, unseal};
use super::watch::Watched;
use super::{ProviderConfig, Result, SeaProviders, mailbox, signing, twilio};
use crate::carrier::Carrier;
use crate::dkim::Signer;
use crate::email::Sender;
use crate::mailgun::{self, MailgunProvider};
use crate::oauth::{MailboxProvider, Service};
use crate::practice::{PracticeProvider, PracticeTextProvider};
use crate::smtp::{SmtpProvider, Surroundings};
use crate::spending::Capped;
use crate::twilio::TwilioProvider;

/// The host of the practice provider's own address where the installation has none.
const PRACTICE_HOST: &str = "pi-crm.example";

/// The number text messages of the practice provider come from: one of those set aside for fiction (NANPA 555-01XX).
const PRACTICE_NUMBER: &str = "+12025550100";

/// A provider that is open.
#[derive(Clone)]
pub(super) struct Opened {
    /// Of whichever type.
    pub(super) kind: Kind,
    /// What is sent through.
    carrier: Carrier,
}

/// A provider by its type.
#[derive(Clone)]
pub(super) enum Kind {
    Practice(Arc<PracticeProvider>),
    PracticeText(Arc<PracticeTextProvider>),
    Smtp(Arc<SmtpProvider>),
    Mailgun(Arc<MailgunProvider>),
    Mailbox(Arc<MailboxProvider>),
    Twilio(Arc<TwilioProvider>),
}

impl Opened {
    /// What is sent through.
    pub(super) fn carrier(&self) -> Carrier {
        self.carrier.clone()
    }

    fn new(
        on: &SeaProviders,
        workspace_id: WorkspaceId,
        found: &Row,
        signer: Option<Signer>,
    ) -> Result<Self> {
        let kind = build(on, workspace_id, found, signer)?;
        let carrier = match kind.carrier() {
            // The practice outbox is always there.
            Carrier::Email(provider) if !matches!(kind, Kind::Practice(_)) => {
                let place = (workspace_id, found.row.id);
                let (ctx, runtime) = (on.ctx.clone(), on.runtime.clone());
                Carrier::Email(Arc::new(Watched::new(provider, ctx, place, runtime)))
            }
            Carrier::Text(provider) if !matches!(kind, Kind::PracticeText(_)) => {
                let place = (workspace_id, found.row.id);
                let (ctx, runtime) = (on.ctx.clone(), on.runtime.clone());
                let most = parts_per_month(&Stored::read(found)?.config);
                let watched = Arc::new(Watched::new(provider, ctx.clone(), place, runtime));
                Carrier::Text(Arc::new(Capped::new(watched, ctx, place, most)))
            }
            plain => plain,
        };
        Ok(Self { kind, carrier })
    }
}

impl Kind {
    fn carrier(&self) -> Carrier {
        match self {
            Self::Practice(provider) => Carrier::Email(Arc::<PracticeProvider>::clone(provider)),
            Self::PracticeText(provider) => {
                Carrier::Text(Arc::<PracticeTextProvider>::clone(provider))
            }
            Self::Smtp(provider) => Carrier::Email(Arc::<SmtpProvider>::clone(provider)),
            Self::Mailgun(provider) => Carrier::Email(Arc::<MailgunProvider>::clone(provider)),
            Self::Mailbox(provider) => Carrier::Email(Arc::<MailboxProvider>::clone(provider)),
            Self::Twilio(provider) => Carrier::Text(Arc::<TwilioProvider>::clone(provider)),
        }
    }
}

/// What this process has open, with the time of the settings it was opened with.
#[derive(Default)]
pub(super) struct Open(Mutex<HashMap<ProviderId, (Timestamp, Opened)>>);

impl Open {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ProviderId, (Timestamp, Opened)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: ProviderId, updated_at: Timestamp) -> Option<Opened> {
        let open = self.lock();
        open.get(&id).filter(|(of, _)| *of == updated_at).map(|(_, opened)| opened.clone())
    }

    /// Keeps what was opened, unless someone else was faster; gives what is kept now and what it took the place of.
    fn keep(
        &self,
        id: ProviderId,
        updated_at: Timestamp,
        opened: Opened,
    ) -> (Opened, Option<Opened>) {
        let mut open = self.lock();
        match open.get(&id) {
            Some((of, theirs)) if *of == updated_at => (theirs.clone(), None),
            _ => {
                let before = open.insert(id, (updated_at, opened.clone()));
                (opened, before.map(|(_, before)| before))
            }
        }
    }

    /// Forgets a provider and ends its connections; messages in flight still end well.
    pub(super) async fn close(&self, id: ProviderId) {
        let before = self.lock().remove(&id);
        if let Some((_, before)) = before {
            before.carrier().close().await;
        }
    }

    /// Forgets all providers and ends their connections.
    pub(super) async fn close_all(&self) {
        let all: Vec<_> = self.lock().drain().map(|(_, (_, opened))| opened).collect();
        let mut closing: JoinSet<()> =
            all.into_iter().map(|opened| async move { opened.carrier().close().await }).collect();
        while closing.join_next().await.is_some() {}
    }
}

pub(super) async fn run(
    on: &SeaProviders,
    scope: &Scope,
    id: ProviderId,
) -> Result<Option<Opened>> {
    let Some(found) = rows::one(&on.ctx.db, scope, id).await? else { return Ok(None) };
    let updated_at = found.row.updated_at;
    if let Some(opened) = on.open.find(id, updated_at) {
        return Ok(Some(opened));
    }
    let signer = signing::signer(on, scope, &found).await?;
    let opened = Opened::new(on, scope.workspace_id(), &found, signer)?;
    let (opened, before) = on.open.keep(id, updated_at, opened);
    if let Some(before) = before {
        before.carrier().close().await;
    }
    Ok(Some(opened))
}

fn build(
    on: &SeaProviders,
    workspace_id: WorkspaceId,
    found: &Row,
    signer: Option<Signer>,
) -> Result<Kind> {
    let stored = Stored::read(found)?;
    let row = &found.row;
    let damaged = |_| StoreError::Corrupt("a sender's address cannot be read".to_owned());
    match &stored.config {
        ProviderConfig::Practice => {
            let host = on.public_host.as_deref().unwrap_or(PRACTICE_HOST);
            let email = EmailAddress::parse(&format!("practice@{host}"))
                .or_else(|_| EmailAddress::parse(&format!("practice@{PRACTICE_HOST}")))
                .map_err(damaged)?;
            let sender = Sender { email, name: row.name.clone(), reply_to: None };
            let provider = PracticeProvider::new(on.ctx.clone(), workspace_id, sender);
            Ok(Kind::Practice(Arc::new(provider)))
        }
        ProviderConfig::PracticeText => {
            let sender = PRACTICE_NUMBER.to_owned();
            let provider = PracticeTextProvider::new(on.ctx.clone(), workspace_id, sender);
            Ok(Kind::PracticeText(Arc::new(provider)))
        }
        ProviderConfig::Smtp(config) => {
            let sealed = stored.sealed.as_deref();
            let password = sealed.map(|sealed| unseal(&on.vault, row.id, sealed)).transpose()?;
            let provider = SmtpProvider::new(config, password, around(on)).map_err(damaged)?;
            Ok(Kind::Smtp(Arc::new(provider.signing(signer))))
        }
        ProviderConfig::Gmail(config) => {
            let about = (Service::Google, config);
            let provider = mailbox::open(on, workspace_id, row, &stored, about)?;
            Ok(Kind::Mailbox(Arc::new(provider)))
        }
        ProviderConfig::Outlook(config) => {
            let about = (Service::Microsoft, config);
            let provider = mailbox::open(on, workspace_id, row, &stored, about)?;
            Ok(Kind::Mailbox(Arc::new(provider)))
        }
        ProviderConfig::Mailgun(config) => {
            let missing = || StoreError::Corrupt("a Mailgun account has no key".to_owned());
            let key = unseal(&on.vault, row.id, stored.sealed.as_deref().ok_or_else(missing)?)?;
            let place = on.elsewhere.mailgun.as_ref();
            let place = mailgun::place(config.base_url.as_deref(), place, &on.outbound);
            let place = place.map_err(|error| StoreError::Corrupt(error.to_string()))?;
            let provider = MailgunProvider::new(config, key, place, around(on)).map_err(damaged)?;
            Ok(Kind::Mailgun(Arc::new(provider)))
        }
        ProviderConfig::Twilio(config) => {
            let missing = || StoreError::Corrupt("a Twilio account has no token".to_owned());
            let token = unseal(&on.vault, row.id, stored.sealed.as_deref().ok_or_else(missing)?)?;
            let place = twilio::place(on, config);
            let place = place.map_err(|error| StoreError::Corrupt(error.to_string()))?;
            let public = on.public_url.as_deref();
            let callback = public.map(|public| format!("{public}/hooks/twilio/{}", row.id));
            let provider = TwilioProvider::new(config, token, place, callback, around(on));
            Ok(Kind::Twilio(Arc::new(provider)))
        }
    }
}

/// Most parts of text messages in a month.
const fn parts_per_month(config: &ProviderConfig) -> Option<u32> {
    match config {
        ProviderConfig::Twilio(config) => config.parts_per_month,
        _ => None,
    }
}

/// What a provider is given by the program around it.
fn around(on: &SeaProviders) -> Surroundings {
    Surroundings {
        clock: Arc::clone(&on.ctx.clock),
        outbound: on.outbound.clone(),
        trust: on.trust.clone(),
        public_host: on.public_host.clone(),
        timeouts: on.patience,
        runtime: on.runtime.clone(),
    }
}
