//! The domains a workspace sends from: which records they should have in the DNS, and which they have.

mod check;
mod dns;
mod spf;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use crm_core::{Context, Scope, StoreError, Timestamp, settings};
use serde::{Deserialize, Serialize};

use crate::dkim::domain_of;
use crate::providers::{Provider, ProviderConfig};
use crate::providers::{Providers, ProvidersError, SigningKey};

/// Where the last results are kept.
const KEY: &str = "sending_domains";

/// Services mail servers belong to: the end of their host name, and what their customers include in SPF.
const SERVICES: [(&str, &str); 12] = [
    ("smtp.gmail.com", "_spf.google.com"),
    ("smtp-relay.gmail.com", "_spf.google.com"),
    ("office365.com", "spf.protection.outlook.com"),
    ("outlook.com", "spf.protection.outlook.com"),
    ("mailgun.org", "mailgun.org"),
    ("sendgrid.net", "sendgrid.net"),
    ("amazonaws.com", "amazonses.com"),
    ("brevo.com", "spf.brevo.com"),
    ("mailjet.com", "spf.mailjet.com"),
    ("postmarkapp.com", "spf.mtasv.net"),
    ("zoho.com", "zohomail.com"),
    ("fastmail.com", "spf.messagingengine.com"),
];

/// What a record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DomainRecordKind)]
pub enum Kind {
    /// Who may send.
    Spf,
    /// The key of signatures.
    Dkim,
    /// What to do with mail that fails.
    Dmarc,
    /// Who takes mail.
    Mx,
    /// The name of a server's address.
    Ptr,
}

/// How a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DomainVerdict)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Usable, with something to look at.
    Warn,
    /// Not there.
    Missing,
    /// There, and not as it should be.
    Wrong,
    /// Nobody could tell.
    Unknown,
}

/// One record, looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DomainCheck)]
pub struct Check {
    /// What it is for.
    pub kind: Kind,
    /// How it stands.
    pub verdict: Verdict,
    /// Where it is in the DNS.
    pub name: String,
    /// What to publish there, where there is something to publish.
    pub wanted: Option<String>,
    /// What is there.
    pub found: Vec<String>,
    /// What that means and what to do.
    pub words: String,
}

/// What the DNS said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DomainReport)]
pub struct Report {
    /// When it was asked.
    pub at: Timestamp,
    /// Record by record.
    pub checks: Vec<Check>,
}

/// A domain mail is sent from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendingDomain {
    /// Its name.
    pub domain: String,
    /// The providers that send from it, by name.
    pub providers: Vec<String>,
    /// Mail servers whose messages can be signed, with their keys.
    pub signers: Vec<(crm_core::ProviderId, String, Option<SigningKey>)>,
    /// What the DNS said last.
    pub report: Option<Report>,
}

/// What is known of a domain before the DNS is asked.
#[derive(Debug, Clone, Default)]
struct Subject {
    domain: String,
    /// What its SPF record has to include.
    includes: BTreeSet<String>,
    /// Mail servers of its own.
    hosts: BTreeSet<String>,
    keys: Vec<SigningKey>,
    providers: Vec<String>,
    signers: Vec<(crm_core::ProviderId, String, Option<SigningKey>)>,
}

impl Subject {
    /// Takes what a provider adds.
    fn add(&mut self, provider: &Provider) {
        self.providers.push(provider.name.clone());
        match &provider.config {
            ProviderConfig::Smtp(smtp) => {
                let host = smtp.host.trim_end_matches('.').to_ascii_lowercase();
                let is_of = |end: &str| host == end || host.ends_with(&format!(".{end}"));
                match SERVICES.iter().find(|(end, _)| is_of(end)) {
                    Some((_, include)) => self.includes.insert((*include).to_owned()),
                    None => self.hosts.insert(host),
                };
            }
            ProviderConfig::Mailgun(_) => {
                self.includes.insert("mailgun.org".to_owned());
            }
            ProviderConfig::Gmail(_) => {
                self.includes.insert("_spf.google.com".to_owned());
            }
            ProviderConfig::Outlook(_) => {
                self.includes.insert("spf.protection.outlook.com".to_owned());
            }
            ProviderConfig::Twilio(_) | ProviderConfig::Practice | ProviderConfig::PracticeText => {
            }
        }
    }
}

/// Who a provider sends as, where that has a domain of its owner's.
fn sender(provider: &Provider) -> Option<&str> {
    match &provider.config {
        ProviderConfig::Smtp(smtp) => Some(&smtp.from_email),
        ProviderConfig::Mailgun(mailgun) => Some(&mailgun.from_email),
        ProviderConfig::Gmail(_) | ProviderConfig::Outlook(_) => provider.account.as_deref(),
        ProviderConfig::Twilio(_) | ProviderConfig::Practice | ProviderConfig::PracticeText => None,
    }
}

/// Domains of mailboxes everybody can have: their records are not their users' to publish.
const PUBLIC: [&str; 8] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "icloud.com",
    "yahoo.com",
    "gmx.net",
];

/// The sending domains of one workspace.
#[async_trait]
pub trait SendingDomains: Send + Sync {
    /// All of them, with what the DNS said last.
    async fn all(&self, scope: &Scope) -> Result<Vec<SendingDomain>, ProvidersError>;
    /// Asks the DNS now; `None` where nothing is sent from such a domain.
    async fn check(&self, scope: &Scope, domain: &str) -> Result<Option<Report>, ProvidersError>;
}

/// [`SendingDomains`] of connected providers.
pub struct SeaSendingDomains {
    ctx: Context,
    providers: Arc<dyn Providers>,
    server: Option<SocketAddr>,
}

impl SeaSendingDomains {
    /// On these providers. `server` is the DNS server that is asked; that of the operating system unless said.
    pub const fn new(
        ctx: Context,
        providers: Arc<dyn Providers>,
        server: Option<SocketAddr>,
    ) -> Self {
        Self { ctx, providers, server }
    }

    async fn subjects(&self, scope: &Scope) -> Result<BTreeMap<String, Subject>, ProvidersError> {
        let mut all: BTreeMap<String, Subject> = BTreeMap::new();
        for provider in self.providers.all(scope).await? {
            let Some(domain) = sender(&provider).and_then(domain_of) else { continue };
            if PUBLIC.contains(&domain.as_str()) {
                continue;
            }
            let subject = all.entry(domain.clone()).or_default();
            subject.domain = domain;
            subject.add(&provider);
            if matches!(provider.config, ProviderConfig::Smtp(_)) {
                let key = self.providers.signing_key(scope, provider.id).await?;
                subject.keys.extend(key.clone());
                subject.signers.push((provider.id, provider.name, key));
            }
        }
        Ok(all)
    }

    async fn reports(&self, scope: &Scope) -> Result<BTreeMap<String, Report>, StoreError> {
        match settings::get(&self.ctx, Some(scope), KEY).await? {
            Some(text) => Ok(serde_json::from_str(&text)?),
            None => Ok(BTreeMap::new()),
        }
    }
}

#[async_trait]
impl SendingDomains for SeaSendingDomains {
    async fn all(&self, scope: &Scope) -> Result<Vec<SendingDomain>, ProvidersError> {
        let mut reports = self.reports(scope).await?;
        let subjects = self.subjects(scope).await?.into_values();
        Ok(subjects
            .map(|subject| SendingDomain {
                report: reports.remove(&subject.domain),
                domain: subject.domain,
                providers: subject.providers,
                signers: subject.signers,
            })
            .collect())
    }

    async fn check(&self, scope: &Scope, domain: &str) -> Result<Option<Report>, ProvidersError> {
        let subjects = self.subjects(scope).await?;
        let Some(subject) = subjects.get(domain) else { return Ok(None) };
        let dns = dns::Dns::new(self.server);
        let checks = Box::pin(check::run(&dns, subject)).await;
        let report = Report { at: self.ctx.now(), checks };
        let mut reports = self.reports(scope).await?;
        // Domains nothing is sent from any more are forgotten.
        reports.retain(|known, _| subjects.contains_key(known));
        reports.insert(domain.to_owned(), report.clone());
        let text = serde_json::to_string(&reports).map_err(StoreError::from)?;
        let tx = self.ctx.db.begin().await?;
        settings::set(&self.ctx, &tx, Some(scope), KEY, &text).await?;
        tx.commit().await?;
        Ok(Some(report))
    }
}
