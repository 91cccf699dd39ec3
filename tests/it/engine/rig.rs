//! What the engine's tests share: a workspace on a fresh database, its services as one process has them, an engine,
//! and a clock that moves only when it is told to.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crm_audit::ChainedAuditLog;
use crm_campaigns::campaigns::{
    Campaign, Campaigns, Deps, NewCampaign, Schedule, SeaCampaigns, Status, UnsubscribeLinks,
};
use crm_campaigns::engine::{Engine, EngineDeps, LedgerEngine, Places};
use crm_campaigns::inbound::{InboundDeps, SeaInbound};
use crm_campaigns::mailbox::{MailboxDeps, SeaIncomingMail};
use crm_campaigns::messages::SeaMessages;
use crm_campaigns::suppressions::SeaSuppressions;
use crm_campaigns::templates::{NewTemplate, SeaTemplates, Templates};
use crm_campaigns::tracking::TrackingLinks;
use crm_contacts::Segment;
use crm_contacts::contacts::{Contact, Contacts, NewContact, SeaContacts};
use crm_contacts::lists::StarterLists;
use crm_contacts::segments::SeaSegments;
use crm_contacts::tasks::SeaTasks;
use crm_contacts::timeline::SeaTimeline;
use crm_core::accounts::{Accounts, Entry, NewUser, NewWorkspace, Origin, SeaAccounts};
use crm_core::clock::{FakeClock, SystemIds};
use crm_core::{
    BootId, CampaignId, Clock, Context, Db, IdGen, ProviderId, RecipientId, Scope, Vault,
};
use crm_providers::imap::ImapSurroundings;
use crm_providers::providers::{NewProvider, ProviderConfig, ReturnPath, Security, SmtpConfig};
use crm_providers::smtp::{Timeouts, Trust};
use crm_providers::{OutboundPolicy, PracticeSeed, ProviderKind, Providers, SeaProviders};
use sea_orm::ConnectionTrait;
use support::{Backend, PerBackend, TestDb, wait};

/// A Sunday night, so that a window of workdays is closed.
pub(super) const NOW: &str = "2026-11-22T23:30:00.000Z";

/// Longer than anything here should take on a busy machine.
pub(super) const SOON: Duration = Duration::from_mins(1);

/// Mail servers that hang are given this long. Held-back replies of other tests must not look like that.
const PATIENCE: Timeouts = Timeouts {
    connect: Duration::from_secs(15),
    send: Duration::from_secs(8),
    idle: Duration::from_secs(30),
};

/// Messages in flight at once where a test does not say.
pub(super) const CONNECTIONS: u32 = 4;

/// No public address: recipients unsubscribe by mail.
struct NoLinks;

impl UnsubscribeLinks for NoLinks {
    fn url(&self, _: &Scope, _: RecipientId) -> Option<String> {
        None
    }
}

/// Nobody is told what became of a message.
struct NoTracking;

impl TrackingLinks for NoTracking {
    fn picture(&self, _: &Scope, _: RecipientId) -> Option<String> {
        None
    }

    fn click(&self, _: &Scope, _: RecipientId, _: &str) -> Option<String> {
        None
    }

    fn is_own(&self, _: &str) -> bool {
        false
    }
}

/// The services of one process.
pub(super) struct Services {
    pub(super) ctx: Context,
    pub(super) accounts: Arc<dyn Accounts>,
    pub(super) contacts: Arc<dyn Contacts>,
    pub(super) providers: Arc<dyn Providers>,
    pub(super) templates: SeaTemplates,
    pub(super) campaigns: SeaCampaigns,
    pub(super) messages: SeaMessages,
    deps: Deps,
}

impl Services {
    pub(super) async fn on(db: &TestDb, clock: &Arc<FakeClock>) -> Self {
        Self::at(db.url(), clock).await
    }

    /// The same on the database at this URL.
    pub(super) async fn at(url: &str, clock: &Arc<FakeClock>) -> Self {
        Self::with(url, clock, |providers| providers).await
    }

    /// The same, reached from outside at this address.
    pub(super) async fn reached(
        url: &str,
        clock: &Arc<FakeClock>,
        public_url: Option<String>,
    ) -> Self {
        Self::with(url, clock, |providers| providers.reached_at(public_url)).await
    }

    /// The same with other providers.
    pub(super) async fn with(
        url: &str,
        clock: &Arc<FakeClock>,
        change: impl FnOnce(SeaProviders) -> SeaProviders,
    ) -> Self {
        let connections = crm_core::db::connect(url).await.unwrap();
        let clock: Arc<dyn Clock> = Arc::<FakeClock>::clone(clock);
        let ids: Arc<dyn IdGen> = Arc::new(SystemIds);
        let audit = Arc::new(ChainedAuditLog::new(Arc::clone(&clock), Arc::clone(&ids)));
        let ctx = Context {
            db: Db::new(connections),
            clock,
            ids,
            audit,
            fingerprints: crm_core::Fingerprints::new(b"test"),
        };
        let seeds: Vec<Arc<dyn crm_core::accounts::WorkspaceSeed>> = vec![
            Arc::new(StarterLists::new(ctx.clone())),
            Arc::new(PracticeSeed { ctx: ctx.clone() }),
        ];
        let accounts: Arc<dyn Accounts> = Arc::new(SeaAccounts::new(ctx.clone(), seeds));
        let contacts: Arc<dyn Contacts> = Arc::new(SeaContacts::new(ctx.clone()));
        let outbound = OutboundPolicy::parse("127.0.0.0/8").unwrap();
        let vault = Vault::new([7; 32]);
        let providers = SeaProviders::new(ctx.clone(), vault, outbound, None).patient(PATIENCE);
        let providers: Arc<dyn Providers> = Arc::new(change(providers));
        let deps = Deps {
            ctx: ctx.clone(),
            contacts: Arc::clone(&contacts),
            segments: Arc::new(SeaSegments::new(ctx.clone())),
            timeline: Arc::new(SeaTimeline::new(ctx.clone())),
            providers: Arc::clone(&providers),
            accounts: Arc::clone(&accounts),
            links: Arc::new(NoLinks),
            tracking: Arc::new(NoTracking),
        };
        let templates =
            SeaTemplates::new(ctx.clone(), Arc::clone(&contacts), Arc::clone(&accounts));
        let campaigns = SeaCampaigns::new(deps.clone());
        let messages = SeaMessages::new(deps.clone());
        Self { ctx, accounts, contacts, providers, templates, campaigns, messages, deps }
    }

    /// Addresses that must not be written to.
    pub(super) fn suppressions(&self) -> SeaSuppressions {
        SeaSuppressions::new(self.ctx.clone(), Arc::clone(&self.accounts))
    }

    /// What comes in from outside.
    pub(super) fn inbound(&self) -> SeaInbound {
        let tasks = Arc::new(SeaTasks::new(self.ctx.clone()));
        SeaInbound::new(InboundDeps { campaigns: self.deps.clone(), tasks })
    }

    /// The mailbox that is read, believing the authority of `certificates`; servers are given this long.
    pub(super) fn incoming(&self, trust: Trust, patience: Duration) -> SeaIncomingMail {
        self.incoming_as(Arc::clone(&self.providers), trust, patience)
    }

    /// The same with other providers.
    pub(super) fn incoming_as(
        &self,
        providers: Arc<dyn Providers>,
        trust: Trust,
        patience: Duration,
    ) -> SeaIncomingMail {
        let outbound = OutboundPolicy::parse("127.0.0.0/8").unwrap();
        let imap = ImapSurroundings { outbound, trust, patience };
        let campaigns = Deps { providers, ..self.deps.clone() };
        let tasks = Arc::new(SeaTasks::new(self.ctx.clone()));
        let inbound = SeaInbound::new(InboundDeps { campaigns, tasks });
        SeaIncomingMail::new(MailboxDeps { inbound, vault: Vault::new([7; 32]), imap })
    }

    /// The engine of a new run of the server, recovered and sending nothing yet.
    pub(super) async fn engine(&self) -> Arc<LedgerEngine> {
        self.engine_at(Places::default()).await
    }

    /// The same with a data folder.
    pub(super) async fn engine_at(&self, places: Places) -> Arc<LedgerEngine> {
        let boot_id = self.ctx.id(BootId::from_uuid);
        let deps = EngineDeps { campaigns: self.deps.clone(), boot_id, places };
        let engine = Arc::new(LedgerEngine::new(deps));
        engine.recover().await.unwrap();
        engine
    }
}

/// A workspace with its services and one engine.
pub(super) struct Rig {
    pub(super) db: TestDb,
    pub(super) clock: Arc<FakeClock>,
    pub(super) services: Services,
    pub(super) engine: Arc<LedgerEngine>,
    pub(super) scope: Scope,
}

impl PerBackend for Rig {
    async fn fresh(backend: Backend) -> Self {
        let db = TestDb::fresh(backend).await;
        let clock = Arc::new(FakeClock::new(NOW.parse().unwrap()));
        let services = Services::on(&db, &clock).await;
        let user = NewUser {
            email: "andy@example.com".to_owned(),
            name: "Andy".to_owned(),
            password: "correct horse battery staple".to_owned().into(),
            is_admin: true,
        };
        let workspace = NewWorkspace::named("Acme");
        let accounts = &services.accounts;
        let user = accounts.first_run(user, workspace, Origin::default()).await.unwrap();
        let Entry::Entered(scope) = accounts.enter(user.id, None, None).await.unwrap() else {
            panic!("the first user has one workspace");
        };
        let engine = services.engine().await;
        Self { db, clock, services, engine, scope }
    }
}

impl Rig {
    /// Any statement, past the application.
    pub(super) async fn run(&self, sql: &str) {
        let done = self.db.raw().execute_unprepared(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// `count` contacts: `r000@example.com`, `r001@…` and so on.
    pub(super) async fn contacts(&self, count: usize) -> Vec<Contact> {
        let mut contacts = Vec::new();
        for number in 0..count {
            let new = NewContact {
                first_name: format!("Rita {number}"),
                primary_email: Some(address(number)),
                ..NewContact::default()
            };
            contacts.push(self.services.contacts.create(&self.scope, new).await.unwrap());
        }
        contacts
    }

    /// A provider for an SMTP server on loopback.
    pub(super) async fn smtp(&self, port: u16) -> ProviderId {
        self.provider(ProviderConfig::Smtp(smtp(port))).await
    }

    pub(super) async fn provider(&self, config: ProviderConfig) -> ProviderId {
        let new = NewProvider {
            webhook_key: None,
            name: String::new(),
            config,
            secret: None,
            is_default: false,
        };
        self.services.providers.create(&self.scope, new).await.unwrap().id
    }

    /// The practice outbox every workspace starts with.
    pub(super) async fn practice(&self) -> ProviderId {
        self.services.providers.default(&self.scope, ProviderKind::Email).await.unwrap().unwrap().id
    }

    /// An approved campaign to everybody.
    pub(super) async fn approved(&self, provider_id: ProviderId, schedule: Schedule) -> CampaignId {
        let template = NewTemplate {
            subject: "News for {{ contact.first_name }}".to_owned(),
            body_html: "<p>Dear {{ contact.first_name }}, all is well.</p>".to_owned(),
            ..NewTemplate::default()
        };
        self.approved_from(template, provider_id, schedule).await
    }

    /// The same from a template of this content.
    pub(super) async fn approved_from(
        &self,
        template: NewTemplate,
        provider_id: ProviderId,
        schedule: Schedule,
    ) -> CampaignId {
        let (scope, ids) = (&self.scope, &self.services.ctx.ids);
        let name = ids.uuid().to_string();
        let template = NewTemplate { name: name.clone(), ..template };
        let template = self.services.templates.create(scope, template).await.unwrap();
        let new = NewCampaign {
            name,
            channel: template.content.channel,
            template_id: Some(template.id),
            segment: Segment::everybody(),
            schedule,
            subject_test: None,
            provider_id: Some(provider_id),
        };
        let campaigns = &self.services.campaigns;
        let id = campaigns.create(scope, new).await.unwrap().id;
        campaigns.submit(scope, id).await.unwrap().unwrap();
        campaigns.approve(scope, id, None, None).await.unwrap().unwrap();
        id
    }

    /// A campaign to everybody whose ledger is there and that nobody has looked at.
    pub(super) async fn started(&self, provider_id: ProviderId) -> CampaignId {
        let id = self.approved(provider_id, Schedule::default()).await;
        self.services.campaigns.send(&self.scope, id).await.unwrap().unwrap();
        id
    }

    /// A campaign to everybody, on its way.
    pub(super) async fn sending(&self, provider_id: ProviderId) -> CampaignId {
        let id = self.started(provider_id).await;
        self.look_at(id).await;
        id
    }

    pub(super) async fn look_at(&self, id: CampaignId) {
        self.engine.look_at(self.scope.workspace_id(), id).await.unwrap();
    }

    pub(super) async fn get(&self, id: CampaignId) -> Campaign {
        self.services.campaigns.get(&self.scope, id).await.unwrap().unwrap()
    }

    /// Waits until the campaign is as `wanted` says.
    pub(super) async fn until(
        &self,
        what: &str,
        id: CampaignId,
        wanted: impl Fn(&Campaign) -> bool,
    ) -> Campaign {
        wait::until(what, SOON, || async {
            let campaign = self.get(id).await;
            wanted(&campaign).then_some(campaign)
        })
        .await
    }

    pub(super) async fn until_sent(&self, id: CampaignId) -> Campaign {
        self.until("the campaign to be sent", id, |campaign| campaign.status == Status::Sent).await
    }

    pub(super) async fn pause(&self, id: CampaignId) {
        self.services.campaigns.pause(&self.scope, id).await.unwrap().unwrap();
        self.look_at(id).await;
    }

    pub(super) async fn resume(&self, id: CampaignId) {
        self.services.campaigns.resume(&self.scope, id).await.unwrap().unwrap();
        self.look_at(id).await;
    }

    /// Waits until no claim of this campaign is under way.
    pub(super) async fn after_claims(&self, id: CampaignId) {
        self.run(&format!("UPDATE campaigns SET name = name WHERE id = '{id}'")).await;
    }

    /// A column of the ledger, in order of address.
    pub(super) async fn ledger(&self, id: CampaignId, column: &str) -> Vec<String> {
        let sql = format!(
            "SELECT coalesce(CAST({column} AS text), '') FROM campaign_recipients \
             WHERE campaign_id = '{id}' ORDER BY address"
        );
        self.db.texts(&sql).await
    }

    /// What must hold for any campaign at any time: the counters are what the ledger says, and each message sent has
    /// one entry on its contact's timeline.
    pub(super) async fn assert_sound(&self, id: CampaignId) {
        for state in ["sent", "failed", "skipped", "unknown"] {
            let sql = format!(
                "SELECT (SELECT count_{state} FROM campaigns WHERE id = '{id}') - \
                 (SELECT count(*) FROM campaign_recipients WHERE campaign_id = '{id}' AND state = '{state}')"
            );
            assert_eq!(self.db.count(&sql).await, 0, "the counter of {state}");
        }
        let unlike = format!(
            "SELECT count(*) FROM campaign_recipients r WHERE r.campaign_id = '{id}' AND r.contact_id IS NOT NULL \
             AND (r.state = 'sent') <> EXISTS (SELECT 1 FROM communication_logs l \
             WHERE l.campaign_recipient_id = r.id AND l.type = r.channel)"
        );
        assert_eq!(
            self.db.count(&unlike).await,
            0,
            "messages without an entry, or entries without a message"
        );
    }
}

/// The address of contact `number`.
pub(super) fn address(number: usize) -> String {
    format!("r{number:03}@example.com")
}

/// The addresses of the first `count` contacts, sorted.
pub(super) fn addresses(count: usize) -> Vec<String> {
    (0..count).map(address).collect()
}

/// Asserts that nobody is in the list twice.
#[track_caller]
pub(super) fn assert_once(recipients: &[String]) {
    let mut once = BTreeSet::new();
    let twice: Vec<_> = recipients.iter().filter(|recipient| !once.insert(*recipient)).collect();
    assert!(twice.is_empty(), "{} got it twice: {twice:?}", twice.len());
}

/// A server on loopback, in the clear.
pub(super) fn smtp(port: u16) -> SmtpConfig {
    SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        username: None,
        from_email: "hello@acme.example".to_owned(),
        from_name: "Acme".to_owned(),
        reply_to: None,
        connections: Some(CONNECTIONS),
        rate_per_minute: None,
        rate_per_day: None,
        warm_up_from: None,
        return_path: ReturnPath::Sender,
    }
}
